import { memo } from '../../basics/memo.ts'
import { weakMemo } from '../../basics/weak-memo.ts'
import { admitsCertificate, asksForCertificate } from '../client-certificate.ts'
import { resolveTopology } from '../gateway-topology.ts'
import { overlapsHost } from '../hosts.ts'
import type { L4Match, VirtualService, WeightedDestination, Workload } from '../model.ts'
import type { At, Outcome, Route, Step, Unmodelled } from '../result.ts'
import type { Arrival, Served } from './arrival.ts'
import { noNull, serveBadRequest, serveUnknown } from './arrival.ts'
import { authorize, authorizeCustom, type PolicyInput } from './authorization.ts'
import { indexGatewayHosts } from './gateway-hosts.ts'
import {
  type GatewayListener,
  isTerminated,
  listGatewayListeners,
  type ServedServer,
  selectServerHosts,
} from './gateway-servers.ts'
import { filterRequest } from './http-filters.ts'
import { routeRequest } from './http-proxy.ts'
import type { IndexedModel } from './indexed-model.ts'
import { isForwardedSecurely, isRoutable, type Message, receiveMessage } from './message.ts'
import { isReadMethod, noMethod } from './methods.ts'
import { listTcpClusters } from './outbound-listener.ts'
import { normalizePath } from './paths.ts'
import { listGatewayLimits } from './rate-limits.ts'
import { findRoute, getRoute, type Router } from './route-taken.ts'
import { findScope } from './scope.ts'
import { sendTo } from './send.ts'
import { findDomain } from './virtual-hosts.ts'

/** The fate of a connection at a gateway. */
interface AtGateway {
  /** True if it passes bytes on without looking into them. */
  readonly isOpaque?: true
  readonly route: Route | undefined
  readonly outcomes: readonly Outcome[]
  readonly unknown: readonly Unmodelled[]
  readonly steps: readonly Step[]
}

/** More gateways in a row than this are a circle. */
const mostGateways = 4

/** A connection to a port of a gateway's pod. `depth`: how many gateways it has passed. */
export function passGateway(
  indexed: IndexedModel,
  workload: Workload,
  port: number,
  arrival: Arrival,
  depth: number,
): AtGateway {
  const listener = listGatewayListeners(indexed, workload).get(port)
  const where: Step = {
    step: 'listener',
    says:
      listener === undefined
        ? `${workload.namespace}/${workload.name} does not listen on ${port}`
        : `${workload.namespace}/${workload.name} listens on ${port}`,
    at: listener === undefined ? [] : listServerPlaces(listener),
  }
  if (listener === undefined) return makeServedResult({ verdict: 'RESET', unknown: [], steps: [] }, [where])
  const unmodelled: readonly Unmodelled[] = [
    ...(depth > mostGateways
      ? [{ object: workload, path: [], reason: { code: 'gateway-sending-on-mesh-traffic' } as const }]
      : []),
    ...workload.unmodelled,
    ...indexed
      .unmodelledAt(workload, ['gateway', 'arriving', 'leaving'])
      .flatMap(object => object.unmodelled),
    ...listUnmodelledOfServers(listener)(depth > 0),
    ...indexed.model.settings.unmodelled,
  ]
  if (unmodelled.length > 0) return { route: undefined, outcomes: [], unknown: unmodelled, steps: [where] }
  const topology = resolveTopology(workload, indexed.model.settings)
  if (topology.hasProxyProtocol && depth > 0)
    return makeServedResult({ verdict: 'RESET', unknown: [], steps: [] }, [
      where,
      { step: 'listener', says: 'the caller does not speak the PROXY protocol', at: [] },
    ])
  const chain = findGatewayChain(indexed, workload, listener, arrival)
  if (chain === undefined || !canOpen(chain, arrival))
    return makeServedResult({ verdict: 'RESET', unknown: [], steps: [] }, [
      where,
      { step: 'listener', says: 'no server takes such a connection', at: [] },
    ])
  const steps = [where]
  const input: PolicyInput = {
    peer: arrival.transport === 'mtls' ? arrival.peer : findOutsider(chain, arrival),
    sourceAddress: topology.hasProxyProtocol ? undefined : arrival.sourceAddress,
    remoteAddress: arrival.sourceAddress,
    destinationAddress: workload.address,
    port,
    sni: arrival.transport === 'plaintext' && arrival.bytes !== 'tls' ? '' : arrival.sni,
    message: undefined,
    claims: undefined,
  }
  if (chain.use === 'tcp') return passOn(indexed, workload, chain, arrival, input, depth, steps)
  if (arrival.message === undefined)
    return makeServedResult({ verdict: 'RESET', unknown: [], steps: [] }, steps)
  if (!isReadMethod(arrival.message)) return makeServedResult(serveBadRequest([], noMethod), steps)
  const path = normalizePath(arrival.message.path, indexed.model.settings.pathNormalization)
  if (path === undefined) return makeServedResult(serveBadRequest([], noNull), steps)
  const { trustedProxies } = topology
  const scheme = chain.isEncrypted ? 'https' : 'http'
  const message = receiveMessage({ ...arrival.message, path }, scheme, trustedProxies === 0)
  const remoteAddress = findForwardedAddress(message, trustedProxies) ?? input.remoteAddress
  const routedInput = { ...input, message, remoteAddress }
  return routeAtGateway(indexed, workload, chain.servers, routedInput, arrival, depth, steps)
}

/** The client's address in `x-forwarded-for`, to which each trusted proxy appends one entry. */
function findForwardedAddress({ headers }: Message, trustedProxies: number): string | undefined {
  if (trustedProxies === 0) return undefined
  const addresses = (headers.get('x-forwarded-for') ?? []).join(',').split(',')
  return addresses.at(-trustedProxies)?.trim() || undefined
}

const getServerPlace = ({ gateway, server }: ServedServer): At => ({
  object: gateway,
  path: ['spec', 'servers', server.index],
})

/** A listener may have thousands of servers. */
const listServerPlaces = weakMemo(({ http, others }: GatewayListener) =>
  [...http, ...others].map(getServerPlace),
)
const listUnmodelledOfServers = weakMemo(({ http, others }: GatewayListener) =>
  memo((isFromMesh: boolean) =>
    [...http, ...others].flatMap(server => listUnmodelledOfServer(server, isFromMesh)),
  ),
)

/**
 * Lists the unmodelled parts of a server.
 *
 * @param isFromMesh true for a connection from a proxy of the mesh
 */
function listUnmodelledOfServer(
  { gateway, server }: ServedServer,
  isFromMesh: boolean,
): readonly Unmodelled[] {
  const at = { object: gateway, path: ['spec', 'servers', server.index] }
  return [
    ...gateway.unmodelled.filter(({ path }) => path[1] !== 'servers' || path[2] === server.index),
    ...(server.bind === ''
      ? []
      : [{ ...at, path: [...at.path, 'bind'], reason: { code: 'gateway-bind-address' } as const }]),
    ...(server.tls?.mode === 'AUTO_PASSTHROUGH' && isFromMesh
      ? [{ ...at, path: [...at.path, 'tls', 'mode'], reason: { code: 'sni-destinations' } as const }]
      : []),
  ]
}

type GatewayChain =
  | { readonly use: 'http'; readonly servers: readonly ServedServer[]; readonly isEncrypted: boolean }
  | {
      readonly use: 'tcp'
      readonly server: ServedServer
      readonly isEncrypted: boolean
      readonly destinations: readonly WeightedDestination[]
      readonly at: At
    }

/** Finds the name of an outside client of a chain that asks for certificates. */
const findOutsider = (chain: GatewayChain, { certificate }: Arrival): string | undefined =>
  chain.use === 'http' && chain.isEncrypted && chain.servers.some(({ server }) => asksForCertificate(server))
    ? certificate
    : undefined

function findGatewayChain(
  indexed: IndexedModel,
  workload: Workload,
  listener: GatewayListener,
  { sni, transport, bytes }: Arrival,
): GatewayChain | undefined {
  const key = `gateway chains ${workload.namespace}/${workload.name} ${listener.port}`
  const { byName, plain } = indexed.remember(key, () => listGatewayChains(indexed, workload, listener))
  const hasSni = transport !== 'plaintext' || bytes === 'tls'
  return (hasSni && sni !== '' ? findDomain(byName, sni) : undefined) ?? plain
}

/** Lists the chains of a listener by the names of their hosts, and the first chain for connections without a name. */
function listGatewayChains(indexed: IndexedModel, workload: Workload, listener: GatewayListener) {
  const plain: GatewayChain[] = []
  if (listener.http.length > 0) plain.push({ use: 'http', servers: listener.http, isEncrypted: false })
  const byName = new Map<string, GatewayChain>()
  const add = (hosts: readonly string[], chain: GatewayChain) => {
    if (hosts.length === 0 || hosts.includes('*')) plain.push(chain)
    else for (const host of hosts) if (!byName.has(host)) byName.set(host, chain)
  }
  const seen = new Set<string>()
  for (const served of listener.others) {
    const { server } = served
    // The server forwards connections with the mesh's ALPN. See builtAutoPassthroughFilterChains in
    // pilot/pkg/networking/core/gateway.go.
    if (server.tls?.mode === 'AUTO_PASSTHROUGH') continue
    const names = server.hosts.map(({ host }) => host.toLowerCase())
    if (server.tls === undefined) {
      const chain = chooseTcpChain(indexed, workload, served, false)
      if (chain !== undefined) add([], chain)
    } else if (isTerminated(server)) add(names, { use: 'http', servers: [served], isEncrypted: true })
    else if (server.tls.mode !== 'PASSTHROUGH') {
      const chain = chooseTcpChain(indexed, workload, served, true)
      if (chain !== undefined) add(names, chain)
    } else
      for (const { hosts, chain } of listPassthroughChains(indexed, workload, served)) {
        if (hosts.some(host => seen.has(host))) continue
        for (const host of hosts) seen.add(host)
        add(hosts, chain)
      }
  }
  return { byName, plain: plain[0] }
}

/** See buildGatewayNetworkFiltersFromTCPRoutes. */
function chooseTcpChain(
  indexed: IndexedModel,
  workload: Workload,
  served: ServedServer,
  isEncrypted: boolean,
): GatewayChain | undefined {
  for (const virtualService of indexed.virtualServicesSeenBy(workload.namespace, served.gatewayName)) {
    if (!sharesHost(served, virtualService)) continue
    for (const { matches, destinations, at } of virtualService.tcp)
      if (
        (matches.length === 0 || matches.some(match => isForServer(match, served))) &&
        destinations.length > 0
      )
        return { use: 'tcp', server: served, isEncrypted, destinations, at }
  }
  return undefined
}

/** See buildGatewayNetworkFiltersFromTLSRoutes. */
function* listPassthroughChains(indexed: IndexedModel, workload: Workload, served: ServedServer) {
  for (const virtualService of indexed.virtualServicesSeenBy(workload.namespace, served.gatewayName)) {
    if (!sharesHost(served, virtualService)) continue
    for (const { matches, destinations, at } of virtualService.tls) {
      if (destinations.length === 0) continue
      for (const match of matches)
        if (isForServer(match, served)) {
          const chain: GatewayChain = { use: 'tcp', server: served, isEncrypted: false, destinations, at }
          yield { hosts: match.sniHosts, chain }
        }
    }
  }
}

const sharesHost = ({ server }: ServedServer, { hosts, namespace }: VirtualService) =>
  selectServerHosts(server)(hosts).some(
    ({ namespace: hostNamespace, host }) =>
      (hostNamespace === '*' || hostNamespace === namespace) &&
      hosts.some(otherHost => overlapsHost(host, otherHost)),
  )

const isForServer = ({ port, gateways }: L4Match, { server, gatewayName }: ServedServer) =>
  (port === undefined || port === server.port.number) &&
  (gateways.length === 0 || gateways.includes(gatewayName))

/** Tells whether the two can agree on encryption. */
function canOpen(chain: GatewayChain, { transport, bytes, certificate }: Arrival): boolean {
  if (!chain.isEncrypted) return chain.use === 'tcp' || (transport === 'plaintext' && bytes !== 'tls')
  const server = chain.use === 'http' ? chain.servers[0]!.server : chain.server.server
  if (transport === 'plaintext') return bytes === 'tls' && admitsCertificate(server, certificate)
  // A client of the mesh accepts only a mesh certificate.
  return transport === 'mtls' ? server.tls?.mode === 'ISTIO_MUTUAL' : server.tls?.mode !== 'ISTIO_MUTUAL'
}

function passOn(
  indexed: IndexedModel,
  workload: Workload,
  chain: GatewayChain & { readonly use: 'tcp' },
  arrival: Arrival,
  input: PolicyInput,
  depth: number,
  before: readonly Step[],
): AtGateway {
  const custom = authorizeCustom(indexed, workload, input, arrival.extAuthz)
  const decision = custom.verdict === 'pass' ? authorize(indexed, workload, input) : custom
  const steps = [...before, ...custom.steps, ...(decision === custom ? [] : decision.steps)]
  const scope = findScope(indexed, workload)
  const bytes = chain.isEncrypted && arrival.transport === 'plaintext' ? 'tcp' : arrival.bytes
  const sending = {
    indexed,
    scope,
    proxy: workload,
    bytes: arrival.transport !== 'plaintext' && !chain.isEncrypted ? ('tls' as const) : bytes,
    message: chain.isEncrypted || arrival.transport === 'plaintext' ? arrival.message : undefined,
    sni: arrival.sni,
    extAuthz: arrival.extAuthz,
    isHttpProxy: false,
    depth,
  }
  const clusters = listTcpClusters(scope, chain.destinations, chain.server.server.port.number)
  const outcomes = clusters.flatMap(cluster => sendTo(sending, cluster))
  const route: Step = {
    step: 'route',
    says: clusters.map(({ host, port }) => `${host}:${port}`).join(', '),
    at: [chain.at],
  }
  // Envoy asks the policies about the first bytes, which it reads once it is connected.
  const unconnected = outcomes.filter(isUnconnected)
  if (decision.verdict === 'pass' || unconnected.length === outcomes.length)
    return { isOpaque: true, route: undefined, outcomes, unknown: [], steps: [...steps, route] }
  const refused: Outcome =
    typeof decision.verdict === 'string'
      ? {
          verdict: 'DENY',
          ...(decision.policy !== undefined && { policy: decision.policy }),
          unknown: [],
          steps: [],
        }
      : { verdict: 'UNKNOWN', unknown: [decision.verdict], steps: [] }
  return { isOpaque: true, route: undefined, outcomes: [...unconnected, refused], unknown: [], steps }
}

/** Tells whether the proxy gets no connection to a destination, or that is not known. */
const isUnconnected = ({ verdict, transport, workload }: Outcome): boolean =>
  verdict === 'UNKNOWN' || transport === 'failed' || (verdict === 'RESET' && workload === undefined)

function routeAtGateway(
  indexed: IndexedModel,
  workload: Workload,
  servers: readonly ServedServer[],
  input: PolicyInput & { readonly message: NonNullable<PolicyInput['message']> },
  arrival: Arrival,
  depth: number,
  before: readonly Step[],
): AtGateway {
  const host = indexGatewayHosts(indexed, workload, servers)(input.message.authority)
  const scope = findScope(indexed, workload)
  const isEncrypted = arrival.transport !== 'plaintext' || arrival.bytes === 'tls'
  const isLookedUp = isRoutable(input.message)
  const isRedirected =
    isLookedUp && host?.isRedirected === true && !isForwardedSecurely(input.message) && !isEncrypted
  const isRouted =
    isRedirected ||
    (isLookedUp && host !== undefined && findRoute(host.routes, input.message, undefined) !== undefined)
  const filtered = filterRequest(indexed, workload, input, arrival.extAuthz, isRouted)
  // Envoy chooses the route again after it verifies a token. A filter that refuses the request before sees the route without claims.
  const { message, claims } = filtered
  const routed = host && findRoute(host.routes, claims === undefined ? input.message : message, claims)
  const router: Router = {
    indexed,
    scope,
    proxy: workload,
    port: host?.server.server.port.number ?? 0,
    isTls: host?.server.server.tls !== undefined,
    serviceOf(name, { virtualService }) {
      const service = indexed.servicesByHost.get(name)?.get(virtualService.namespace)
      const isVisible = service?.exportTo.includes('*') || service?.exportTo.includes(workload.namespace)
      return isVisible ? service : scope.service(name)
    },
  }
  const limits = listGatewayLimits(
    indexed,
    workload,
    routed && {
      virtualHost: host!.name,
      name: routed.entry.name,
      isForwarded: !isRedirected && routed.entry.rule.destinations.length > 0,
    },
  )
  const decided = [...before, ...limits.first, ...filtered.steps]
  const steps = [...decided, ...limits.last]
  if (filtered.refusal !== undefined) {
    const route = routed === undefined || isRedirected ? undefined : getRoute(router, host!.name, routed)
    return makeServedResult({ ...filtered.refusal, steps: [] }, decided, route)
  }
  const hostStep: Step = {
    step: 'virtual host',
    says: host === undefined ? `none for ${message.authority}` : host.name,
    at: host === undefined ? [] : [getServerPlace(host.server)],
  }
  if (isRedirected)
    return makeServedResult(
      {
        verdict: 'REDIRECT',
        status: 301,
        location: `https://${message.authority}${message.path}`,
        unknown: [],
        steps: [],
      },
      [...steps, { ...hostStep, says: `${hostStep.says}: everything is sent to https` }],
    )
  if (host === undefined || routed === undefined || !isLookedUp)
    return makeServedResult({ verdict: 'NO_ROUTE', status: 404, unknown: [], steps: [] }, [
      ...steps,
      hostStep,
    ])
  const forwarded = addForwardedFor(message, arrival.sourceAddress)
  const sent = routeRequest(router, host.name, host.routes, routed, forwarded, {
    extAuthz: arrival.extAuthz,
    depth,
    sni: arrival.sni,
  })
  return { ...sent, steps: [...steps, hostStep, ...sent.steps] }
}

/** A gateway sends the address of its client to the next proxy. */
function addForwardedFor(
  message: NonNullable<PolicyInput['message']>,
  address: string | undefined,
): NonNullable<PolicyInput['message']> {
  if (address === undefined) return message
  const headers = new Map(message.headers)
  const before = headers.get('x-forwarded-for')?.join(',')
  headers.set('x-forwarded-for', [before === undefined ? address : `${before},${address}`])
  return { ...message, headers }
}

const makeServedResult = (served: Served, steps: readonly Step[], route?: Route): AtGateway => {
  const { verdict, status, policy, location, unknown } = served
  return {
    route,
    outcomes: [
      {
        verdict,
        ...(status !== undefined && { status }),
        ...(policy !== undefined && { policy }),
        ...(location !== undefined && { location }),
        unknown,
        steps: served.steps,
      },
    ],
    unknown: [],
    steps,
  }
}

/** Serves a connection as its sender sees a gateway: one outcome, where all that it can draw are alike. */
export function serveGateway(
  indexed: IndexedModel,
  workload: Workload,
  port: number,
  arrival: Arrival,
  depth: number,
): Served {
  const { outcomes, unknown, steps } = passGateway(indexed, workload, port, arrival, depth)
  const [first] = outcomes
  if (unknown.length > 0 || first === undefined) return serveUnknown(unknown, steps)
  const differs = outcomes.some(({ verdict, status }) => verdict !== first.verdict || status !== first.status)
  if (differs)
    return serveUnknown(
      [{ object: workload, path: [], reason: { code: 'gateway-with-differing-destinations' } }],
      steps,
    )
  const peer = findSeenIdentity(indexed, workload, port, arrival)
  const onward = outcomes.flatMap(outcome =>
    outcome.cluster === undefined && outcome.workload === undefined
      ? []
      : [
          { cluster: outcome.cluster, workload: outcome.workload, transport: outcome.transport },
          ...(outcome.onward ?? []),
        ],
  )
  const sentOn: Step = {
    step: 'destination',
    says: `sent on to ${onward.map(({ workload: to }) => (to === undefined || to === 'external' ? 'a system outside the mesh' : to)).join(', ')}`,
    at: [],
  }
  return {
    verdict: first.verdict,
    ...(first.status !== undefined && { status: first.status }),
    ...(first.policy !== undefined && { policy: first.policy }),
    ...(peer !== undefined && { peer }),
    ...(first.upstream !== undefined && { upstream: first.upstream }),
    ...(onward.length > 0 && { onward }),
    unknown: outcomes.flatMap(outcome => outcome.unknown),
    steps: [...steps, ...(onward.length > 0 ? [sentOn] : []), ...first.steps],
  }
}

/** Finds the identity that the gateway sees if it terminates mutual TLS of the mesh; undefined: it does not terminate it. */
function findSeenIdentity(
  indexed: IndexedModel,
  workload: Workload,
  port: number,
  arrival: Arrival,
): string | undefined {
  const listener = listGatewayListeners(indexed, workload).get(port)
  const chain = listener && findGatewayChain(indexed, workload, listener, arrival)
  return chain?.isEncrypted && canOpen(chain, arrival) ? arrival.peer : undefined
}
