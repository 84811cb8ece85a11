import { admitsCertificate, unnamedClient } from '../client-certificate.ts'
import { findTopology, type GatewayTopology } from '../gateway-topology.ts'
import { memo } from '../memo.ts'
import type {
  Gateway,
  GatewayServer,
  L4Match,
  Protocol,
  VirtualService,
  WeightedDestination,
  Workload,
} from '../model.ts'
import type { Unmodelled } from '../result.ts'
import { type Arrival, type HeaderView, matchHeader, receiveHeaders } from './arrival-view.ts'
import { noToken } from './claim-condition.ts'
import { any, type Condition, forwardedProtocol, never, not } from './condition.ts'
import {
  type Client,
  type Entered,
  type GatewayEntry,
  getIdentity,
  isHttpProtocol,
  resolvePodPort,
} from './delivery.ts'
import { findMostSpecific, isSubset, overlaps } from './host-names.ts'
import {
  buildVirtualHost,
  hasClaims,
  listRouteCases,
  type RouteCase,
  type RouteContext,
} from './route-tree.ts'
import { buildServerTree, matchRemovedTokens, removeTokenHeaders, viewToken } from './server-tree.ts'
import { getName, hasLabels, type Side } from './side.ts'
import { findGatewayScope } from './side-scope.ts'
import { buildL4Delivery, makeAuthority } from './sidecar-tree.ts'
import { parseAddress } from './token-forms.ts'
import {
  type Answer,
  type Delivery,
  type Fate,
  first,
  isUnknown,
  leaf,
  mapAnswers,
  type Tree,
} from './tree.ts'

/** A server of a Gateway on a workload, with the port of the workload that it is on. */
interface BoundServer {
  readonly gateway: Gateway
  readonly server: GatewayServer
  readonly port: number
}

/** A host at a port of a gateway's Service (without one, of its workload), or bytes that are sent there, which name no host. */
export type OutsideTarget = HttpTarget | (HostAtPort & { readonly scheme: 'tcp' })

/** A target that is called by HTTP, or by TLS around it. */
type HttpTarget = HostAtPort & { readonly scheme: 'http' | 'https' }

interface HostAtPort {
  readonly host: string
  readonly port: number
}

/** The servers that a workload has, in the order in which Istio merges them; see istio pilot/pkg/model/gateway.go. */
export function listServers(side: Side, workload: Workload): readonly BoundServer[] {
  return side.once(`servers ${getName(workload)}`, () => {
    const servicePorts = side.servicesOf(workload).flatMap(service => service.ports)
    const portsBehind = memo((number: number): readonly number[] => {
      const ports = servicePorts
        .filter(port => port.number === number)
        .map(port => resolvePodPort(port, workload))
      return ports.length === 0 ? [number] : [...new Set(ports)]
    })
    return side.model.gateways
      .filter(({ selector }) => hasLabels(workload.labels, selector))
      .flatMap(gateway =>
        gateway.servers.flatMap(server =>
          portsBehind(server.port.number).map(port => ({ gateway, server, port })),
        ),
      )
  })
}

/** The port of a gateway's workload that stands behind a port of its Service. */
function findListenerPort(side: Side, workload: Workload, number: number): number {
  const port = side
    .servicesOf(workload)
    .flatMap(service => service.ports)
    .find(each => each.number === number)
  return port === undefined ? number : resolvePodPort(port, workload)
}

/** Builds the tree of the fates of requests that an outside client sends to a gateway. */
export function buildOutsideTree(side: Side, workload: Workload, target: OutsideTarget): Tree<Fate> {
  const port = findListenerPort(side, workload, target.port)
  const servers = listServers(side, workload).filter(server => server.port === port)
  const because = [
    ...side.model.settings.unmodelled,
    ...workload.unmodelled,
    ...side.unmodelledFor(workload, ['gateway', 'arriving', 'leaving']),
    ...side.unmodelledForHost(target.host),
    ...servers.flatMap(({ gateway }) => gateway.unmodelled),
  ]
  if (because.length > 0) return leaf({ unknown: because })
  if (servers.length === 0) return reset
  const [opening] = servers
  if (servers.every(({ server }) => isBytesServer(server))) {
    const elsewhere = servers.find(({ server }) => server.bind !== opening!.server.bind)
    return target.scheme === 'tcp' && elsewhere === undefined
      ? buildBytesServerTree(side, workload, opening!, target)
      : unclear(elsewhere ?? opening!)
  }
  // Servers of one port must agree with the first; where they do not, Istio leaves the later ones out.
  const isPlain = isPlainServer(opening!.server)
  const conflicting = servers.find(
    ({ server }) =>
      server.bind !== opening!.server.bind || (isPlain ? !isHttpServer(server) : isPlainServer(server)),
  )
  if (conflicting !== undefined || (isPlain && !isHttpServer(opening!.server)))
    return unclear(conflicting ?? opening!)
  if (isPlain) return target.scheme === 'http' ? buildHttpServerTree(side, workload, servers, target) : reset
  return target.scheme === 'https' ? buildTlsServerTree(side, workload, servers, target) : reset
}

const unclear = ({ gateway, server }: BoundServer): Tree<Fate> =>
  leaf({
    unknown: [
      {
        object: gateway,
        path: ['spec', 'servers', server.index],
        reason: { code: 'servers-that-conflict' },
      },
    ],
  })

const reset: Tree<Fate> = leaf({ outcomes: [{ verdict: 'RESET' }] })

const isHttpServer = ({ port }: GatewayServer): boolean => isHttpProtocol(port.protocol as Protocol)

/** Tells whether a server takes what is not encrypted: one of HTTP does, whatever it says of TLS. */
export const isPlainServer = (server: GatewayServer): boolean =>
  server.tls === undefined || server.tls.httpsRedirect || isHttpServer(server)

/** Tells whether a server takes bytes, whatever they are. */
export const isBytesServer = (server: GatewayServer): boolean =>
  server.tls === undefined && !isHttpServer(server)

/**
 * The first rule for bytes that is for the first server of a port: Istio leaves out the others.
 *
 * See istio pilot/pkg/model/gateway.go, mergeGateways, and pilot/pkg/networking/core/gateway.go,
 * buildGatewayNetworkFiltersFromTCPRoutes.
 */
function buildBytesServerTree(
  side: Side,
  workload: Workload,
  { gateway, server }: BoundServer,
  target: OutsideTarget,
): Tree<Fate> {
  const client = makeGatewayClient(side, workload)
  const name = getName(gateway)
  for (const virtualService of boundTo(side, client, name)) {
    if (virtualService.tcp.length === 0 || intersectHosts(server, virtualService).length === 0) continue
    if (virtualService.unmodelled.length > 0) return leaf({ unknown: virtualService.unmodelled })
    const rule = virtualService.tcp.find(
      ({ matches, destinations }) =>
        destinations.length > 0 &&
        (matches.length === 0 || matches.some(match => isForServer(match, server, name))),
    )
    if (rule !== undefined)
      return buildPassedOnTree(side, workload, { gateway, server }, target, 'tcp', rule.destinations)
  }
  return reset
}

const isForServer = ({ port, gateways }: L4Match, server: GatewayServer, gateway: string): boolean =>
  (port === undefined || port === server.port.number) && (gateways.length === 0 || gateways.includes(gateway))

function buildTlsServerTree(
  side: Side,
  workload: Workload,
  servers: readonly BoundServer[],
  target: HttpTarget,
): Tree<Fate> {
  const chains = listTlsChains(side, workload, servers, target)
  const unclear = chains
    .flatMap(({ rules = [] }) => rules)
    .find(
      ({ virtualService, match }) =>
        virtualService.unmodelled.length > 0 || match.destinationSubnets.length > 0,
    )
  if (unclear !== undefined)
    return leaf({ unknown: [{ object: unclear.virtualService, path: [...unclear.rule.at.path, 'match'] }] })
  const chosen = chooseTlsChain(chains, target)
  if (chosen === undefined) return reset
  const { bound, rule } = chosen
  const { server } = bound
  if (rule !== undefined) return buildPassedOnTree(side, workload, bound, target, 'tls', rule.destinations)
  if (server.port.protocol === 'HTTPS' && server.tls?.mode === 'SIMPLE')
    return buildHttpServerTree(side, workload, [bound], target)
  if (
    server.port.protocol === 'HTTPS' &&
    (server.tls?.mode === 'MUTUAL' || server.tls?.mode === 'OPTIONAL_MUTUAL')
  )
    return buildClientTrees(bound, name => buildHttpServerTree(side, workload, [bound], target, name))
  if (server.tls?.mode === 'ISTIO_MUTUAL') {
    if (isRequestServer(server))
      return buildClientTrees(bound, name => buildHttpServerTree(side, workload, [bound], target, name))
    const bytes = listBytesRules(side, workload, bound).some(isUnclear)
      ? undefined
      : findBytesRule(side, workload, bound)
    if (bytes !== undefined)
      return buildClientTrees(bound, () =>
        buildPassedArrivalTree(side, workload, bound, target, 'tcp', bytes.destinations, {
          ...makeOpaqueArrival(bound.port, target.host),
          serverName: target.host,
          address: findTopology(workload, side.model.settings).isTold ? undefined : 'sent',
          remoteAddress: 'sent',
        }),
      )
  }
  return leaf({
    unknown: [
      {
        object: bound.gateway,
        path: ['spec', 'servers', server.index, 'tls', 'mode'],
        reason: { code: 'client-certificate' },
      },
    ],
  })
}

/** Builds the trees of a server that asks for certificates: one for each client that it knows another name of, and one for all others. */
function buildClientTrees(
  { server }: BoundServer,
  build: (name: string | undefined) => Tree<Fate>,
): Tree<Fate> {
  const names = server.tls?.subjectAltNames ?? []
  const tree = (name: string | undefined) => (admitsCertificate(server, name) ? build(name) : reset)
  const is = (holds: (name: string | undefined) => boolean): Condition => ({
    kind: 'certificate',
    names,
    holds,
  })
  return first(
    [
      [is(name => name === undefined), tree(undefined)],
      ...names
        .filter(each => each !== unnamedClient)
        .map(each => [is(name => name === each), tree(each)] as const),
    ],
    tree(unnamedClient),
  )
}

/** Tells whether a gateway sends on the TLS of a client as it comes, and does not open it. */
export function isTlsPassedOn(side: Side, workload: Workload, target: OutsideTarget): boolean {
  if (target.scheme !== 'https') return false
  const port = findListenerPort(side, workload, target.port)
  const servers = listServers(side, workload).filter(server => server.port === port)
  return chooseTlsChain(listTlsChains(side, workload, servers, target), target)?.rule !== undefined
}

/** A filter chain for TLS. */
interface TlsChain {
  readonly bound: BoundServer
  /** The rules by which the server passes TLS on; undefined where it opens TLS. */
  readonly rules: ReturnType<typeof listPassthroughRules> | undefined
  readonly names: readonly string[]
}

/**
 * Lists the filter chains for TLS. A server that opens TLS has one for its hosts, and a server that passes TLS on has one for the
 * names of each rule.
 *
 * See istio pilot/pkg/networking/core/gateway.go, buildGatewayListenerTLSContext and buildGatewayNetworkFiltersFromTLSRoutes.
 */
const listTlsChains = (
  side: Side,
  workload: Workload,
  servers: readonly BoundServer[],
  target: HttpTarget,
): readonly TlsChain[] =>
  removeClaimedHosts(servers).map(bound => {
    const { hosts, tls } = bound.server
    const rules =
      tls?.mode === 'PASSTHROUGH' ? listPassthroughRules(side, workload, bound, target) : undefined
    return {
      bound,
      rules,
      names: rules?.flatMap(({ match }) => match.sniHosts) ?? hosts.map(({ host }) => host),
    }
  })

/** Chooses the filter chain that stands best for the name that the client asks for; of two with one name, the first. */
function chooseTlsChain(chains: readonly TlsChain[], target: HttpTarget) {
  const best = findMostSpecific(
    target.host,
    chains.flatMap(({ names }) => names),
  )
  const chosen = chains.find(({ names }) => best !== undefined && names.includes(best))
  if (chosen === undefined) return undefined
  return {
    bound: chosen.bound,
    /** The rule by which TLS is passed on. */
    rule: chosen.rules?.find(({ match }) => match.sniHosts.includes(best!))?.rule,
  }
}

/**
 * Servers of one port without those of which an earlier server has a host: Istio leaves them out.
 *
 * See istio pilot/pkg/model/gateway.go, mergeGateways and CheckDuplicates.
 */
function removeClaimedHosts(servers: readonly BoundServer[]): readonly BoundServer[] {
  const claimed = new Set<string>()
  return servers.filter(({ server: { bind, hosts } }) => {
    const keys = hosts.map(({ namespace, host }) => `${bind} ${namespace}/${host}`)
    if (keys.some(key => claimed.has(key))) return false
    for (const key of keys) claimed.add(key)
    return true
  })
}

/** Servers that speak HTTP and share their virtual hosts. */
function buildHttpServerTree(
  side: Side,
  workload: Workload,
  servers: readonly BoundServer[],
  target: HttpTarget,
  peer?: string,
): Tree<Fate> {
  const topology = findTopology(workload, side.model.settings)
  return buildHttpArrivalTree(side, workload, servers, target, {
    isHttp: true,
    peer,
    port: findListenerPort(side, workload, target.port),
    authority: makeAuthority({ host: target.host, port: target.port }, target.scheme),
    serverName: target.scheme === 'https' ? target.host : '',
    address: topology.isTold ? undefined : 'sent',
    remoteAddress: topology.trustedProxies > 0 ? 'forwarded' : 'sent',
    path: { kind: 'sent' },
    headers: makeEdgeHeaders(topology, target.scheme),
    hasToken: true,
  })
}

/** The same for a request that has arrived. */
function buildHttpArrivalTree(
  side: Side,
  workload: Workload,
  servers: readonly BoundServer[],
  target: HttpTarget,
  arrival: Arrival,
): Tree<Fate> {
  const { headers, authority } = arrival
  const remoteAddress = arrival.remoteAddress === 'forwarded' ? 'sent' : arrival.remoteAddress
  const made = removeTokenHeaders(side, workload, arrival)
  const routed = (views: Omit<RouteViews, 'remoteAddress'>) =>
    routes(side, workload, servers, target, authority, { ...views, remoteAddress })
  // A route is looked up again only once a token is accepted.
  const whole = routed({ hasToken: arrival.hasToken, token: noToken, headers, sentHeaders: made })
  const removed = matchRemovedTokens(side, workload, arrival)
  const token = viewToken(side, workload, arrival)
  const again = (hasToken: boolean) => routed({ hasToken, token, headers: made, sentHeaders: made }).tree
  const isLookedUpAgain = made !== headers || whole.asksClaims
  return buildServerTree<Fate>(
    side,
    workload,
    arrival,
    answer => ({ outcomes: [answer] }),
    first(
      [
        ...(removed === never ? [] : [[removed, again(false)] as const]),
        ...(isLookedUpAgain && arrival.hasToken
          ? [[token.tokenIs('', () => true), again(true)] as const]
          : []),
      ],
      whole.tree,
    ),
    whole.isRouted,
  )
}

/** The request as it is when a route is looked up. */
type RouteViews = Pick<RouteContext, 'hasToken' | 'token' | 'headers' | 'sentHeaders' | 'remoteAddress'>

function routes(
  side: Side,
  workload: Workload,
  servers: readonly BoundServer[],
  target: HttpTarget,
  authority: string,
  views: RouteViews,
): {
  readonly tree: Tree<Fate>
  readonly isRouted: Condition
  /** True if a rule of the host asks for a claim. */
  readonly asksClaims: boolean
} {
  const client = makeGatewayClient(side, workload)
  // The cases by the domain of the virtual host.
  const cases = new Map<string, RouteCase[]>()
  const redirecting = new Set<string>()
  let asksClaims = false
  for (const { gateway, server } of servers) {
    const name = getName(gateway)
    const bound = listBoundServices(side, client, name, target.host)
    if (bound.length === 0 && server.tls?.httpsRedirect !== true) continue
    const context: RouteContext = {
      side,
      client,
      port: server.port.number,
      authority,
      scheme: target.scheme,
      gateways: [name],
      labels: workload.labels,
      namespace: workload.namespace,
      ...views,
      defaultPort: host => {
        const service = client.scope.clusterService(host)
        return service?.ports.length === 1 ? service.ports[0]!.number : server.port.number
      },
    }
    asksClaims ||= bound.some(hasClaims)
    for (const virtualService of bound) {
      const ownRouteCases = listRouteCases(virtualService, context)
      if (ownRouteCases.length === 0) continue
      for (const domain of intersectHosts(server, virtualService)) {
        if (!isSubset(target.host, domain)) continue
        const already = cases.get(domain)
        if (already === undefined) cases.set(domain, [...ownRouteCases])
        else already.push(...ownRouteCases)
        if (server.tls?.httpsRedirect === true) redirecting.add(domain)
      }
    }
    if (server.tls?.httpsRedirect !== true) continue
    for (const { namespace, host } of server.hosts) {
      // Istio compares the host as it is written, with the namespace that it is for.
      if (namespace !== '*') continue
      redirecting.add(host)
      if (!cases.has(host)) cases.set(host, [])
    }
  }
  const domain = findMostSpecific(target.host, cases.keys())
  if (domain === undefined) return { tree: buildVirtualHost([]), isRouted: never, asksClaims: false }
  const ownRouteCases = cases.get(domain)!
  const host = buildVirtualHost([
    ...ownRouteCases.filter(each => !each.isCatchAll),
    ...ownRouteCases.filter(each => each.isCatchAll),
  ])
  const isRouted = any(ownRouteCases.map(({ condition }) => condition))
  if (!redirecting.has(domain) || target.scheme !== 'http') return { tree: host, isRouted, asksClaims }
  // Envoy compares the word as it is (`ssl_requirements_` in source/common/router/config_impl.cc).
  const https = { match: 'exact', value: 'https' } as const
  const edge = makeEdgeHeaders(findTopology(workload, side.model.settings), target.scheme)
  const isRedirected = not(matchHeader(edge, forwardedProtocol, https))
  const redirect = leaf<Fate>({ outcomes: [{ verdict: 'REDIRECT', status: 301 }] })
  return {
    tree: first([[isRedirected, redirect]], host),
    isRouted: any([isRedirected, isRouted]),
    asksClaims,
  }
}

/** A gateway says itself how a request came, whatever was said before, unless it trusts a proxy in front of it. */
const makeEdgeHeaders = ({ trustedProxies }: GatewayTopology, scheme: HttpTarget['scheme']): HeaderView =>
  trustedProxies > 0
    ? receiveHeaders(new Map(), scheme)
    : new Map([[forwardedProtocol, { values: [scheme], isSentToo: false }]])

function makeGatewayClient(side: Side, workload: Workload): Client {
  return {
    namespace: workload.namespace,
    labels: workload.labels,
    identity: getIdentity(side, workload),
    address: workload.address === undefined ? undefined : parseAddress(workload.address),
    scope: findGatewayScope(side, workload.namespace),
    isGateway: true,
    enterGateway,
  }
}

/**
 * Passes what a proxy of the mesh sends to a gateway, which ends mutual TLS and sends on.
 *
 * See istio pilot/pkg/networking/core/gateway.go, buildGatewayListenerTLSContext, for `ISTIO_MUTUAL`.
 */
export function enterGateway(side: Side, workload: Workload, entry: GatewayEntry): Entered {
  const { port, transport, serverName, client, sent } = entry
  const servers = listServers(side, workload).filter(server => server.port === port)
  const topology = findTopology(workload, side.model.settings)
  const because = [
    ...side.model.settings.unmodelled,
    ...workload.unmodelled,
    ...side.unmodelledFor(workload, ['gateway', 'arriving', 'leaving']),
    ...servers.flatMap(({ gateway }) => gateway.unmodelled),
  ]
  const unknown = (unmodelled: readonly Unmodelled[]): Entered => ({
    isOpened: false,
    answer: leaf({ unknown: unmodelled }),
  })
  const closed: Entered = { isOpened: false, answer: leaf({ verdict: 'RESET' }) }
  if (because.length > 0) return unknown(because)
  if (servers.length === 0) return closed
  const notFollowed = unknown([
    { object: workload, path: [], reason: { code: 'gateway-sending-on-mesh-traffic' } },
  ])
  // Only servers for encrypted connections, of proxies that stand behind no other.
  if (
    topology.isTold ||
    topology.trustedProxies > 0 ||
    servers.some(({ server }) => isPlainServer(server) || server.bind !== '')
  )
    return notFollowed
  // A client that sends no server name does not reach a server of TLS.
  if (serverName === '') return closed
  if (servers.some(({ server }) => /PASSTHROUGH$/.test(server.tls!.mode)))
    return transport === 'plaintext'
      ? (passUnopened(side, workload, entry, servers) ?? notFollowed)
      : notFollowed
  const unclear = servers.flatMap(bound => listBytesRules(side, workload, bound)).find(isUnclear)
  if (unclear !== undefined) return unknown(unclear.virtualService.unmodelled)
  const chains = removeClaimedHosts(servers).flatMap(bound => {
    const rule = isRequestServer(bound.server) ? undefined : findBytesRule(side, workload, bound)
    if (!isRequestServer(bound.server) && rule === undefined) return []
    return [{ bound, rule, names: bound.server.hosts.map(({ host }) => host) }]
  })
  const best = findMostSpecific(
    serverName,
    chains.flatMap(({ names }) => names),
  )
  const chosen = chains.find(({ names }) => best !== undefined && names.includes(best))
  if (chosen === undefined) return closed
  if (transport === 'plaintext') return notFollowed
  const { bound, rule } = chosen
  // Only a certificate of the mesh is what a client of the mesh accepts.
  if (bound.server.tls?.mode !== 'ISTIO_MUTUAL') return closed
  const peer = client.identity
  const opened = (tree: Tree<Fate>): Entered => ({ isOpened: true, answer: foldFates(tree, workload) })
  const { authority } = sent
  if (rule !== undefined) {
    // Requests in a connection that no proxy looks into any more.
    if (sent.protocol === 'http') return notFollowed
    const arrival: Arrival = {
      ...makeOpaqueArrival(port, authority),
      peer,
      serverName,
      address: client.address,
      remoteAddress: client.address,
    }
    const target = { host: authority }
    return opened(
      buildPassedArrivalTree(side, workload, bound, target, sent.protocol, rule.destinations, arrival),
    )
  }
  if (sent.protocol !== 'http') return { isOpened: true, answer: leaf({ verdict: 'RESET' }) }
  // Routes compare the path that a caller has sent.
  if (sent.path.kind !== 'sent') return notFollowed
  const target: HttpTarget = {
    host: authority.replace(/:\d+$/, ''),
    port: bound.server.port.number,
    scheme: 'https',
  }
  const arrival: Arrival = {
    isHttp: true,
    peer,
    port,
    authority,
    serverName,
    address: client.address,
    remoteAddress: client.address,
    path: sent.path,
    headers: new Map([...sent.headers, ...makeEdgeHeaders(topology, 'https')]),
    hasToken: sent.hasToken,
  }
  return opened(buildHttpArrivalTree(side, workload, [bound], target, arrival))
}

const isRequestServer = ({ port }: GatewayServer): boolean => port.protocol === 'HTTPS'

/** Passes TLS of a caller to a gateway that does not open it; undefined: the server does, or that is not known. */
function passUnopened(
  side: Side,
  workload: Workload,
  { port, serverName, client }: GatewayEntry,
  servers: readonly BoundServer[],
): Entered | undefined {
  const target: HttpTarget = { host: serverName, port: servers[0]!.server.port.number, scheme: 'https' }
  const chains = listTlsChains(side, workload, servers, target)
  const rules = chains.flatMap(chain => chain.rules ?? [])
  if (rules.some(each => isUnclear(each) || each.match.destinationSubnets.length > 0)) return undefined
  const chosen = chooseTlsChain(chains, target)
  if (chosen === undefined) return { isOpened: false, answer: leaf({ verdict: 'RESET' }) }
  if (chosen.rule === undefined) return undefined
  const arrival: Arrival = {
    ...makeOpaqueArrival(port, serverName),
    serverName,
    address: client.address,
    remoteAddress: client.address,
  }
  const { bound, rule } = chosen
  const tree = buildPassedArrivalTree(side, workload, bound, target, 'tls', rule.destinations, arrival)
  return { isOpened: false, answer: foldFates(tree, workload) }
}

/** Lists the rules for connections that are for a server. */
const listBytesRules = (side: Side, workload: Workload, { gateway, server }: BoundServer) =>
  boundTo(side, makeGatewayClient(side, workload), getName(gateway))
    .filter(virtualService => intersectHosts(server, virtualService).length > 0)
    .flatMap(virtualService => virtualService.tcp.map(rule => ({ virtualService, rule })))

const isUnclear = ({ virtualService }: { readonly virtualService: VirtualService }): boolean =>
  virtualService.unmodelled.length > 0

/** Finds the first rule for connections that is for a server, as `buildBytesServerTree` does. */
const findBytesRule = (side: Side, workload: Workload, bound: BoundServer) =>
  listBytesRules(side, workload, bound).find(
    ({ rule: { matches, destinations } }) =>
      destinations.length > 0 &&
      (matches.length === 0 ||
        matches.some(match => isForServer(match, bound.server, getName(bound.gateway)))),
  )?.rule

/** The fates behind a gateway, as the proxy before it sees them: one answer, where all that it can draw are alike. */
function foldFates(tree: Tree<Fate>, workload: Workload): Tree<Answer> {
  if (tree.kind === 'first')
    return {
      kind: 'first',
      cases: tree.cases.map(([condition, each]) => [condition, foldFates(each, workload)] as const),
      otherwise: foldFates(tree.otherwise, workload),
    }
  if (tree.kind === 'each') {
    const [only, ...others] = tree.servers
    if (others.length === 0 && only !== undefined) return addOnward(only.answer, only.outcome)
    const folded = tree.servers.map(({ outcome, answer }) => addOnward(answer, outcome))
    const outcomes = folded.flatMap(each =>
      each.kind === 'leaf' && !isUnknown(each.leaf) ? [each.leaf] : [],
    )
    return outcomes.length === folded.length ? foldOutcomes(outcomes, workload) : leaf(differ(workload))
  }
  return isUnknown(tree.leaf) ? leaf(tree.leaf) : foldOutcomes(tree.leaf.outcomes, workload)
}

function foldOutcomes(outcomes: readonly Answer[], workload: Workload): Tree<Answer> {
  const [{ verdict, status } = { verdict: 'RESET' as const, status: undefined }] = outcomes
  if (outcomes.some(outcome => outcome.verdict !== verdict || outcome.status !== status))
    return leaf(differ(workload))
  const onward = outcomes.flatMap(outcome => outcome.onward ?? [])
  return leaf({
    verdict,
    ...(status !== undefined && { status }),
    ...(onward.length > 0 && { onward }),
  })
}

const differ = (workload: Workload) => ({
  unknown: [{ object: workload, path: [], reason: { code: 'gateway-with-differing-destinations' } as const }],
})

/** Adds the destination to the answers of it. */
function addOnward(tree: Tree<Answer>, { cluster, workload, transport }: Delivery): Tree<Answer> {
  if (cluster === undefined && workload === undefined) return tree
  return mapAnswers(tree, answer => ({
    ...answer,
    onward: [{ cluster, workload, transport }, ...(answer.onward ?? [])],
  }))
}

/** The VirtualServices of a gateway that have anything to say about a host. */
const listBoundServices = (
  side: Side,
  client: Client,
  gateway: string,
  host: string,
): readonly VirtualService[] =>
  boundTo(side, client, gateway).filter(({ hosts }) => hosts.some(each => overlaps(each, host)))

function boundTo(side: Side, client: Client, gateway: string): readonly VirtualService[] {
  const candidates = side.virtualServicesByGateway.get(gateway)
  if (candidates === undefined) return []
  return side.once(`bound ${client.scope.key} ${gateway}`, () => client.scope.boundTo(gateway, candidates))
}

/** The hosts of both, the more specific of each pair. */
function intersectHosts(server: GatewayServer, virtualService: VirtualService): readonly string[] {
  const serverHosts = server.hosts
    .filter(({ namespace }) => namespace === '*' || namespace === virtualService.namespace)
    .map(({ host }) => host)
  return [
    ...new Set(
      serverHosts.flatMap(host =>
        virtualService.hosts.flatMap(each =>
          isSubset(host, each) ? host : isSubset(each, host) ? each : [],
        ),
      ),
    ),
  ]
}

/** The rules for TLS that a server does not open, each with a match of the server: such TLS goes by its name alone. */
function listPassthroughRules(
  side: Side,
  workload: Workload,
  { gateway, server }: BoundServer,
  target: OutsideTarget,
) {
  const client = makeGatewayClient(side, workload)
  const name = getName(gateway)
  return listBoundServices(side, client, name, target.host)
    .filter(virtualService => intersectHosts(server, virtualService).length > 0)
    .flatMap(virtualService => virtualService.tls.map(rule => ({ virtualService, rule })))
    .flatMap(({ virtualService: foundVirtualService, rule }) =>
      rule.matches
        .filter(match => isForServer(match, server, name) && hasLabels(workload.labels, match.sourceLabels))
        .map(match => ({ virtualService: foundVirtualService, rule, match })),
    )
}

/** Connections that go on as they come. */
function buildPassedOnTree(
  side: Side,
  workload: Workload,
  { gateway, server }: Pick<BoundServer, 'gateway' | 'server'>,
  target: OutsideTarget,
  protocol: 'tls' | 'tcp',
  destinations: readonly WeightedDestination[],
): Tree<Fate> {
  return buildPassedArrivalTree(side, workload, { gateway, server }, target, protocol, destinations, {
    ...makeOpaqueArrival(findListenerPort(side, workload, target.port), target.host),
    serverName: protocol === 'tls' ? target.host : '',
    address: findTopology(workload, side.model.settings).isTold ? undefined : 'sent',
    remoteAddress: 'sent',
  })
}

const makeOpaqueArrival = (port: number, authority: string): Arrival => ({
  isHttp: false,
  peer: undefined,
  port,
  authority,
  serverName: '',
  address: undefined,
  remoteAddress: undefined,
  path: { kind: 'sent' },
  headers: new Map(),
  hasToken: false,
})

/** The same for a connection that has arrived. */
function buildPassedArrivalTree(
  side: Side,
  workload: Workload,
  { gateway, server }: Pick<BoundServer, 'gateway' | 'server'>,
  target: Pick<OutsideTarget, 'host'>,
  protocol: 'tls' | 'tcp',
  destinations: readonly WeightedDestination[],
  arrival: Arrival,
): Tree<Fate> {
  const delivery = buildL4Delivery(
    side,
    makeGatewayClient(side, workload),
    { host: target.host, port: server.port.number, protocol },
    destinations,
  )
  // Envoy asks the policies about the first bytes, which it reads once it is connected.
  const unconnected = delivery.servers.filter(
    ({ outcome, answer }) =>
      (answer.kind === 'leaf' && isUnknown(answer.leaf)) ||
      outcome.transport === 'failed' ||
      outcome.workload === undefined,
  )
  if (unconnected.length === delivery.servers.length) return delivery
  return buildServerTree<Fate>(
    side,
    workload,
    arrival,
    answer =>
      unconnected.length === 0
        ? { outcomes: [answer] }
        : {
            unknown: [
              {
                object: gateway,
                path: ['spec', 'servers', server.index],
                reason: { code: 'policy-on-some-connections' },
              },
            ],
          },
    delivery,
  )
}
