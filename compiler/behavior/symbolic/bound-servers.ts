import { groupBy } from '../../basics/group-by.ts'
import { memo } from '../../basics/memo.ts'
import { weakMemo } from '../../basics/weak-memo.ts'
import { indexByHost } from '../index-by-host.ts'
import type { Gateway, GatewayServer, L4Match, Protocol, VirtualService, Workload } from '../model.ts'
import { getQualifiedName } from '../qualified-name.ts'
import { isHttpProtocol, resolvePodPort } from './delivery.ts'
import { findMostSpecific, isHostWithin, overlapsHost } from './host-names.ts'
import { hasLabels, type IndexedModel } from './indexed-model.ts'
import { findGatewayScope } from './scope.ts'

/** A server of a Gateway on a workload, with the port of the workload that it is on. */
export interface BoundServer {
  readonly gateway: Gateway
  readonly server: GatewayServer
  readonly port: number
}

/** A host at a port of a gateway's Service (without one, of its workload), or bytes that are sent there, which name no host. */
export type OutsideTarget = HttpTarget | (HostAtPort & { readonly scheme: 'tcp' })

/** A target that is called by HTTP, or by TLS around it. */
export type HttpTarget = HostAtPort & { readonly scheme: 'http' | 'https' }

interface HostAtPort {
  readonly host: string
  readonly port: number
}

/** The servers that a workload has, in the order in which Istio merges them; see istio pilot/pkg/model/gateway.go. */
export function listServers(indexed: IndexedModel, workload: Workload): readonly BoundServer[] {
  return indexed.onceOfGateways(`servers ${getQualifiedName(workload)}`, () => {
    const servicePorts = indexed.servicesOf(workload).flatMap(service => service.ports)
    const portsBehind = memo((number: number): readonly number[] => {
      const ports = servicePorts
        .filter(port => port.number === number)
        .map(port => resolvePodPort(port, workload))
      return ports.length === 0 ? [number] : [...new Set(ports)]
    })
    return indexed.model.gateways
      .filter(({ selector }) => hasLabels(workload.labels, selector))
      .flatMap(gateway =>
        gateway.servers.flatMap(server =>
          portsBehind(server.port.number).map(port => ({ gateway, server, port })),
        ),
      )
  })
}

/** Lists the servers of a workload at one of its ports, in their order. */
export const listServersAt = (
  indexed: IndexedModel,
  workload: Workload,
  port: number,
): readonly BoundServer[] =>
  indexed.onceOfGateways(`servers ${getQualifiedName(workload)} ${port}`, () =>
    listServers(indexed, workload).filter(server => server.port === port),
  )

/** Selects the servers that may have a host: a gateway may have thousands. */
export const selectServers = (servers: readonly BoundServer[], host: string): readonly BoundServer[] =>
  servers.length === 1 ? servers : serversByHost(servers)([host])

const serversByHost = weakMemo((servers: readonly BoundServer[]) =>
  indexByHost(servers, ({ server }) => listHosts(server)),
)

/** The port of a gateway workload that is the target of a Service port. */
export function findListenerPort(indexed: IndexedModel, workload: Workload, number: number): number {
  const ports = indexed.onceOfGateways(`service ports ${getQualifiedName(workload)}`, () =>
    groupBy(
      indexed.servicesOf(workload).flatMap(service => service.ports),
      port => [port.number],
    ),
  )
  const [port] = ports.get(number) ?? []
  return port === undefined ? number : resolvePodPort(port, workload)
}

export const isHttpServer = ({ port }: GatewayServer): boolean => isHttpProtocol(port.protocol as Protocol)

/** Tells whether a server accepts plaintext: an HTTP server does, even if it has TLS settings. */
export const isPlainServer = (server: GatewayServer): boolean =>
  server.tls === undefined || server.tls.httpsRedirect || isHttpServer(server)

/** Tells whether a server takes bytes, whatever they are. */
export const isBytesServer = (server: GatewayServer): boolean =>
  server.tls === undefined && !isHttpServer(server)

export const isRequestServer = ({ port }: GatewayServer): boolean => port.protocol === 'HTTPS'

export const isForServer = ({ port, gateways }: L4Match, server: GatewayServer, gateway: string): boolean =>
  (port === undefined || port === server.port.number) && (gateways.length === 0 || gateways.includes(gateway))

/** A filter chain for TLS. */
interface TlsChain {
  readonly bound: BoundServer
  /** The rules for TLS passthrough; undefined: the server terminates TLS. */
  readonly rules: ReturnType<typeof listPassthroughRules> | undefined
  readonly names: readonly string[]
}

/**
 * Lists the filter chains for TLS with a name that may match a target. A server that opens TLS has one for its hosts, and a server
 * that passes TLS on has one for the names of each rule.
 *
 * See istio pilot/pkg/networking/core/gateway.go, buildGatewayListenerTLSContext and buildGatewayNetworkFiltersFromTLSRoutes.
 */
export const listGatewayTlsChains = (
  indexed: IndexedModel,
  workload: Workload,
  servers: readonly BoundServer[],
  target: HttpTarget,
): readonly TlsChain[] =>
  selectTlsServers(removeClaimedHosts(servers))([target.host]).map(bound => {
    const { tls } = bound.server
    const rules =
      tls?.mode === 'PASSTHROUGH' ? listPassthroughRules(indexed, workload, bound, target) : undefined
    // A client outside does not speak the ALPN that such a server passes on.
    const opened =
      tls?.mode === 'AUTO_PASSTHROUGH'
        ? []
        : selectServerHosts(bound.server)([target.host]).map(({ host }) => host.toLowerCase())
    return { bound, rules, names: rules?.flatMap(({ match }) => match.sniHosts) ?? opened }
  })

/** The names of rules for TLS may be other hosts than those of their server. */
const selectTlsServers = weakMemo((servers: readonly BoundServer[]) =>
  indexByHost(servers, ({ server }) => (server.tls?.mode === 'PASSTHROUGH' ? ['*'] : listHosts(server))),
)

/** Chooses the filter chain with the best match for the client's SNI; of two chains with one name, the first. */
export function chooseTlsChain(chains: readonly TlsChain[], target: HttpTarget) {
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
 * Servers of one port, without servers that have a host of an earlier server: Istio drops those.
 *
 * See istio pilot/pkg/model/gateway.go, mergeGateways and CheckDuplicates.
 */
export const removeClaimedHosts = weakMemo((servers: readonly BoundServer[]): readonly BoundServer[] => {
  const claimed = new Set<string>()
  return servers.filter(({ server: { bind, hosts } }) => {
    const keys = hosts.map(({ namespace, host }) => `${bind} ${namespace}/${host}`)
    if (keys.some(key => claimed.has(key))) return false
    for (const key of keys) claimed.add(key)
    return true
  })
})

/** Lists the rules for connections that are for a server. */
export const listBytesRules = (indexed: IndexedModel, workload: Workload, { gateway, server }: BoundServer) =>
  selectByHost(boundTo(indexed, workload, getQualifiedName(gateway)))(listHosts(server))
    .filter(virtualService => intersectHosts(server, virtualService).length > 0)
    .flatMap(virtualService => virtualService.tcp.map(rule => ({ virtualService, rule })))

export const isUnclearRule = ({ virtualService }: { readonly virtualService: VirtualService }): boolean =>
  virtualService.unmodelled.length > 0

/** Finds the first rule for connections that is for a server, as `buildBytesServerTree` does. */
export const findBytesRule = (indexed: IndexedModel, workload: Workload, bound: BoundServer) =>
  listBytesRules(indexed, workload, bound).find(
    ({ rule: { matches, destinations } }) =>
      destinations.length > 0 &&
      (matches.length === 0 ||
        matches.some(match => isForServer(match, bound.server, getQualifiedName(bound.gateway)))),
  )?.rule

/** The VirtualServices of a gateway that have anything to say about a host, which is in lower case: Envoy finds hosts in any case. */
export const listBoundServices = (
  indexed: IndexedModel,
  workload: Workload,
  gateway: string,
  host: string,
): readonly VirtualService[] =>
  selectByHost(boundTo(indexed, workload, gateway))([host]).filter(({ hosts }) =>
    hosts.some(each => overlapsHost(each.toLowerCase(), host)),
  )

const selectByHost = weakMemo((virtualServices: readonly VirtualService[]) =>
  indexByHost(virtualServices, ({ hosts }) => hosts.map(host => host.toLowerCase())),
)

/** Lists the VirtualServices of a gateway that its workload sees. */
export function boundTo(
  indexed: IndexedModel,
  { namespace }: Workload,
  gateway: string,
): readonly VirtualService[] {
  const candidates = indexed.virtualServicesByGateway.get(gateway)
  if (candidates === undefined) return []
  const scope = findGatewayScope(indexed, namespace)
  return indexed.once(`bound ${scope.key} ${gateway}`, () => scope.boundTo(gateway, candidates))
}

/** The hosts of both, the more specific of each pair. */
export function intersectHosts(server: GatewayServer, virtualService: VirtualService): readonly string[] {
  const serverHosts = selectServerHosts(server)(virtualService.hosts.map(host => host.toLowerCase()))
    .filter(({ namespace }) => namespace === '*' || namespace === virtualService.namespace)
    .map(({ host }) => host)
  return [
    ...new Set(
      serverHosts.flatMap(host =>
        virtualService.hosts.flatMap(each =>
          isHostWithin(host, each) ? host : isHostWithin(each, host) ? each : [],
        ),
      ),
    ),
  ]
}

const listHosts = ({ hosts }: GatewayServer): readonly string[] => hosts.map(({ host }) => host.toLowerCase())

/** Selects the hosts of a server that may overlap some hosts in lower case. */
const selectServerHosts = weakMemo(({ hosts }: GatewayServer) =>
  indexByHost(hosts, ({ host }) => [host.toLowerCase()]),
)

/** Tells whether a server passes on whatever bytes arrive: a rule for the server name `*` has no condition in Envoy. */
export const passesEverything = (
  indexed: IndexedModel,
  workload: Workload,
  { gateway, server }: BoundServer,
): boolean =>
  server.tls?.mode === 'PASSTHROUGH' &&
  boundTo(indexed, workload, getQualifiedName(gateway)).some(({ tls }) =>
    tls.some(({ matches }) => matches.some(({ sniHosts }) => sniHosts.includes('*'))),
  )

/** The rules for TLS passthrough, each with a match of the server. Only the SNI routes such TLS. */
function listPassthroughRules(
  indexed: IndexedModel,
  workload: Workload,
  { gateway, server }: BoundServer,
  target: OutsideTarget,
) {
  const name = getQualifiedName(gateway)
  return listBoundServices(indexed, workload, name, target.host)
    .filter(virtualService => intersectHosts(server, virtualService).length > 0)
    .flatMap(virtualService => virtualService.tls.map(rule => ({ virtualService, rule })))
    .flatMap(({ virtualService: foundVirtualService, rule }) =>
      rule.matches
        .filter(match => isForServer(match, server, name) && hasLabels(workload.labels, match.sourceLabels))
        .map(match => ({ virtualService: foundVirtualService, rule, match })),
    )
}
