import { admitsCertificate, unnamedClient } from '../client-certificate.ts'
import { type GatewayTopology, resolveTopology } from '../gateway-topology.ts'
import type { WeightedDestination, Workload } from '../model.ts'
import { getQualifiedName } from '../qualified-name.ts'
import {
  type Arrival,
  type HeaderView,
  matchHeader,
  receiveHeaders,
  type SeenAddress,
} from './arrival-view.ts'
import {
  type BoundServer,
  boundTo,
  chooseTlsChain,
  findBytesRule,
  findListenerPort,
  type HttpTarget,
  intersectHosts,
  isBytesServer,
  isForServer,
  isHttpServer,
  isPlainServer,
  isRequestServer,
  isUnclearRule,
  listBoundServices,
  listBytesRules,
  listGatewayTlsChains,
  listServersAt,
  type OutsideTarget,
  passesEverything,
  selectServers,
} from './bound-servers.ts'
import { noToken } from './claim-condition.ts'
import { type Condition, forwardedProtocol, negateCondition, never, requireAny } from './condition.ts'
import { type Client, type EnterGateway, getIdentity } from './delivery.ts'
import { findMostSpecific, isHostWithin } from './host-names.ts'
import type { IndexedModel } from './indexed-model.ts'
import {
  buildVirtualHost,
  hasClaims,
  listRouteCases,
  type RouteCase,
  type RouteContext,
} from './route-tree.ts'
import { findGatewayScope } from './scope.ts'
import { buildServerTree, matchRemovedTokens, removeTokenHeaders, viewToken } from './server-tree.ts'
import { buildL4Delivery, makeAuthority } from './sidecar-tree.ts'
import { parseAddress } from './token-forms.ts'
import { chooseFirst, type Fate, isUnknown, makeLeaf, type Tree } from './tree.ts'

/** Builds the tree of the fates of requests that an outside client sends to a gateway. */
export function buildOutsideTree(
  indexed: IndexedModel,
  workload: Workload,
  target: OutsideTarget,
  enterGateway: EnterGateway,
): Tree<Fate> {
  const port = findListenerPort(indexed, workload, target.port)
  const servers = listServersAt(indexed, workload, port)
  const because = [
    ...indexed.model.settings.unmodelled,
    ...workload.unmodelled,
    ...indexed.unmodelledFor(workload, ['gateway', 'arriving', 'leaving']),
    ...indexed.unmodelledForHost(target.host),
    ...servers.flatMap(({ gateway }) => gateway.unmodelled),
  ]
  if (because.length > 0) return makeLeaf({ unknown: because })
  if (servers.length === 0) return resetTree
  const proxy = makeGatewayProxy(indexed, workload, enterGateway)
  const [opening] = servers
  if (servers.every(({ server }) => isBytesServer(server))) {
    const elsewhere = servers.find(({ server }) => server.bind !== opening!.server.bind)
    return target.scheme === 'tcp' && elsewhere === undefined
      ? buildBytesServerTree(proxy, opening!, target)
      : makeUnknownTree(elsewhere ?? opening!, 'servers-that-conflict')
  }
  // Servers of one port must agree with the first; otherwise Istio drops the later ones.
  const isPlain = isPlainServer(opening!.server)
  const conflicting = servers.find(
    ({ server }) =>
      server.bind !== opening!.server.bind || (isPlain ? !isHttpServer(server) : isPlainServer(server)),
  )
  if (conflicting !== undefined || (isPlain && !isHttpServer(opening!.server)))
    return makeUnknownTree(conflicting ?? opening!, 'servers-that-conflict')
  if (isPlain) return target.scheme === 'http' ? buildHttpServerTree(proxy, servers, target) : resetTree
  if (target.scheme === 'https') return buildTlsServerTree(proxy, servers, target)
  const open = servers.find(bound => passesEverything(indexed, workload, bound))
  return open === undefined ? resetTree : makeUnknownTree(open, 'non-tls-bytes-on-tls-port')
}

const makeUnknownTree = (
  { gateway, server }: BoundServer,
  code: 'servers-that-conflict' | 'non-tls-bytes-on-tls-port',
): Tree<Fate> =>
  makeLeaf({
    unknown: [{ object: gateway, path: ['spec', 'servers', server.index], reason: { code } }],
  })

const resetTree: Tree<Fate> = makeLeaf({ outcomes: [{ verdict: 'RESET' }] })

/**
 * The first rule for bytes that is for the first server of a port: Istio leaves out the others.
 *
 * See istio pilot/pkg/model/gateway.go, mergeGateways, and pilot/pkg/networking/core/gateway.go,
 * buildGatewayNetworkFiltersFromTCPRoutes.
 */
function buildBytesServerTree(
  proxy: GatewayProxy,
  { gateway, server }: BoundServer,
  target: OutsideTarget,
): Tree<Fate> {
  const name = getQualifiedName(gateway)
  for (const virtualService of boundTo(proxy.indexed, proxy.workload, name)) {
    if (virtualService.tcp.length === 0 || intersectHosts(server, virtualService).length === 0) continue
    if (virtualService.unmodelled.length > 0) return makeLeaf({ unknown: virtualService.unmodelled })
    const rule = virtualService.tcp.find(
      ({ matches, destinations }) =>
        destinations.length > 0 &&
        (matches.length === 0 || matches.some(match => isForServer(match, server, name))),
    )
    if (rule !== undefined)
      return buildPassedOnTree(proxy, { gateway, server }, target, 'tcp', rule.destinations)
  }
  return resetTree
}

function buildTlsServerTree(
  proxy: GatewayProxy,
  servers: readonly BoundServer[],
  target: HttpTarget,
): Tree<Fate> {
  const { indexed, workload } = proxy
  const chains = listGatewayTlsChains(indexed, workload, servers, target)
  const unclear = chains
    .flatMap(({ rules = [] }) => rules)
    .find(
      ({ virtualService, match }) =>
        virtualService.unmodelled.length > 0 || match.destinationSubnets.length > 0,
    )
  if (unclear !== undefined)
    return makeLeaf({
      unknown: [{ object: unclear.virtualService, path: [...unclear.rule.at.path, 'match'] }],
    })
  const chosen = chooseTlsChain(chains, target)
  if (chosen === undefined) return resetTree
  const { bound, rule } = chosen
  const { server } = bound
  if (rule !== undefined) return buildPassedOnTree(proxy, bound, target, 'tls', rule.destinations)
  if (server.port.protocol === 'HTTPS' && server.tls?.mode === 'SIMPLE')
    return buildHttpServerTree(proxy, [bound], target)
  if (
    server.port.protocol === 'HTTPS' &&
    (server.tls?.mode === 'MUTUAL' || server.tls?.mode === 'OPTIONAL_MUTUAL')
  )
    return buildClientTrees(bound, name => buildHttpServerTree(proxy, [bound], target, name))
  if (server.tls?.mode === 'ISTIO_MUTUAL') {
    if (isRequestServer(server))
      return buildClientTrees(bound, name => buildHttpServerTree(proxy, [bound], target, name))
    const bytes = listBytesRules(indexed, workload, bound).some(isUnclearRule)
      ? undefined
      : findBytesRule(indexed, workload, bound)
    if (bytes !== undefined)
      return buildClientTrees(bound, () =>
        buildPassedArrivalTree(proxy, bound, target, 'tcp', bytes.destinations, {
          ...makeOpaqueArrival(bound.port, target.host),
          serverName: target.host,
          address: resolveTopology(workload, indexed.model.settings).hasProxyProtocol ? undefined : 'sent',
          remoteAddress: 'sent',
        }),
      )
  }
  return makeLeaf({
    unknown: [
      {
        object: bound.gateway,
        path: ['spec', 'servers', server.index, 'tls', 'mode'],
        reason: { code: 'client-certificate' },
      },
    ],
  })
}

/** Builds the trees of a server that requests certificates: one for each client name that it distinguishes, and one for all others. */
function buildClientTrees(
  { server }: BoundServer,
  build: (name: string | undefined) => Tree<Fate>,
): Tree<Fate> {
  const names = server.tls?.subjectAltNames ?? []
  const tree = (name: string | undefined) => (admitsCertificate(server, name) ? build(name) : resetTree)
  const is = (holds: (name: string | undefined) => boolean): Condition => ({
    kind: 'certificate',
    names,
    holds,
  })
  return chooseFirst(
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
export function isTlsPassedOn(indexed: IndexedModel, workload: Workload, target: OutsideTarget): boolean {
  if (target.scheme !== 'https') return false
  const port = findListenerPort(indexed, workload, target.port)
  const servers = listServersAt(indexed, workload, port)
  return chooseTlsChain(listGatewayTlsChains(indexed, workload, servers, target), target)?.rule !== undefined
}

/** Servers that speak HTTP and share their virtual hosts. */
function buildHttpServerTree(
  proxy: GatewayProxy,
  servers: readonly BoundServer[],
  target: HttpTarget,
  peer?: string,
): Tree<Fate> {
  const { indexed, workload } = proxy
  const topology = resolveTopology(workload, indexed.model.settings)
  const arrival: Arrival = {
    isHttp: true,
    peer,
    port: findListenerPort(indexed, workload, target.port),
    authority: makeAuthority({ host: target.host, port: target.port }, target.scheme),
    serverName: target.scheme === 'https' ? target.host : '',
    address: topology.hasProxyProtocol ? undefined : 'sent',
    remoteAddress: topology.trustedProxies > 0 ? 'forwarded' : 'sent',
    path: { kind: 'sent' },
    headers: makeEdgeHeaders(topology, target.scheme),
    hasToken: true,
  }
  return buildHttpArrivalTree(proxy, servers, target, arrival, 'sent')
}

/** The same for a request that has arrived. */
export function buildHttpArrivalTree(
  proxy: GatewayProxy,
  servers: readonly BoundServer[],
  target: HttpTarget,
  arrival: Arrival,
  clientAddress: SeenAddress,
): Tree<Fate> {
  const { indexed, workload } = proxy
  const { headers, authority } = arrival
  // A gateway sends the next proxy the client address that it has seen itself, or that the load balancer reports.
  const remoteAddress = arrival.remoteAddress === 'forwarded' ? clientAddress : arrival.remoteAddress
  const made = removeTokenHeaders(indexed, workload, arrival)
  const routed = (views: Omit<RouteViews, 'remoteAddress'>) =>
    buildRoutes(proxy, servers, target, authority, { ...views, remoteAddress })
  // A route is looked up again only once a token is accepted.
  const whole = routed({ hasToken: arrival.hasToken, token: noToken, headers, sentHeaders: made })
  const removed = matchRemovedTokens(indexed, workload, arrival)
  const token = viewToken(indexed, workload, arrival)
  const again = (hasToken: boolean) => routed({ hasToken, token, headers: made, sentHeaders: made }).tree
  const isLookedUpAgain = made !== headers || whole.asksClaims
  return buildServerTree<Fate>(
    indexed,
    workload,
    arrival,
    answer => ({ outcomes: [answer] }),
    chooseFirst(
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

function buildRoutes(
  proxy: GatewayProxy,
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
  const { indexed, workload, client } = proxy
  // The cases by the domain of the virtual host.
  const cases = new Map<string, RouteCase[]>()
  const redirecting = new Set<string>()
  let asksClaims = false
  for (const { gateway, server } of selectServers(servers, target.host)) {
    const name = getQualifiedName(gateway)
    const bound = listBoundServices(indexed, workload, name, target.host)
    if (bound.length === 0 && server.tls?.httpsRedirect !== true) continue
    const context: RouteContext = {
      indexed,
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
      for (const shared of intersectHosts(server, virtualService)) {
        const domain = shared.toLowerCase()
        if (!isHostWithin(target.host, domain)) continue
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
      const domain = host.toLowerCase()
      redirecting.add(domain)
      if (!cases.has(domain)) cases.set(domain, [])
    }
  }
  const domain = findMostSpecific(target.host, cases.keys())
  if (domain === undefined) return { tree: buildVirtualHost([]), isRouted: never, asksClaims: false }
  const ownRouteCases = cases.get(domain)!
  const host = buildVirtualHost([
    ...ownRouteCases.filter(each => !each.isCatchAll),
    ...ownRouteCases.filter(each => each.isCatchAll),
  ])
  const isRouted = requireAny(ownRouteCases.map(({ condition }) => condition))
  if (!redirecting.has(domain) || target.scheme !== 'http') return { tree: host, isRouted, asksClaims }
  // Envoy compares the word as it is (`ssl_requirements_` in source/common/router/config_impl.cc).
  const https = { match: 'exact', value: 'https' } as const
  const isRedirected = negateCondition(matchHeader(views.headers, forwardedProtocol, https))
  const redirect = makeLeaf<Fate>({ outcomes: [{ verdict: 'REDIRECT', status: 301 }] })
  return {
    tree: chooseFirst([[isRedirected, redirect]], host),
    isRouted: requireAny([isRedirected, isRouted]),
    asksClaims,
  }
}

/** A gateway sets the headers about the arrival of a request itself, unless it trusts a proxy in front of it. */
export const makeEdgeHeaders = (
  { trustedProxies }: GatewayTopology,
  scheme: HttpTarget['scheme'],
  sent: HeaderView = new Map(),
): HeaderView =>
  trustedProxies > 0
    ? receiveHeaders(sent, scheme)
    : new Map(sent).set(forwardedProtocol, { values: [scheme], isSentToo: false })

/** A proxy of a gateway. */
export interface GatewayProxy {
  readonly indexed: IndexedModel
  readonly workload: Workload
  /** The proxy as the next one sees it. */
  readonly client: Client
}

export const makeGatewayProxy = (
  indexed: IndexedModel,
  workload: Workload,
  enterGateway: EnterGateway,
): GatewayProxy => ({
  indexed,
  workload,
  client: {
    namespace: workload.namespace,
    labels: workload.labels,
    identity: getIdentity(indexed, workload),
    address: workload.address === undefined ? undefined : parseAddress(workload.address),
    scope: findGatewayScope(indexed, workload.namespace),
    isGateway: true,
    enterGateway,
  },
})

/** Connections that are forwarded unchanged. */
function buildPassedOnTree(
  proxy: GatewayProxy,
  { gateway, server }: Pick<BoundServer, 'gateway' | 'server'>,
  target: OutsideTarget,
  protocol: 'tls' | 'tcp',
  destinations: readonly WeightedDestination[],
): Tree<Fate> {
  const { indexed, workload } = proxy
  return buildPassedArrivalTree(proxy, { gateway, server }, target, protocol, destinations, {
    ...makeOpaqueArrival(findListenerPort(indexed, workload, target.port), target.host),
    serverName: protocol === 'tls' ? target.host : '',
    address: resolveTopology(workload, indexed.model.settings).hasProxyProtocol ? undefined : 'sent',
    remoteAddress: 'sent',
  })
}

export const makeOpaqueArrival = (port: number, authority: string): Arrival => ({
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
export function buildPassedArrivalTree(
  proxy: GatewayProxy,
  { gateway, server }: Pick<BoundServer, 'gateway' | 'server'>,
  target: Pick<OutsideTarget, 'host'>,
  protocol: 'tls' | 'tcp',
  destinations: readonly WeightedDestination[],
  arrival: Arrival,
): Tree<Fate> {
  const { indexed, workload, client } = proxy
  const delivery = buildL4Delivery(
    indexed,
    client,
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
    indexed,
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
