import { everyAddress, isInRange } from '../address-ranges.ts'
import { isWildcard, overlapsHost } from '../hosts.ts'
import { isSubset } from '../is-subset.ts'
import type {
  L4Match,
  Protocol,
  Service,
  TcpRoute,
  TlsRoute,
  VirtualService,
  WeightedDestination,
  Workload,
} from '../model.ts'
import { classifyProtocol, isHttpProtocol, isTlsProtocol } from '../protocol.ts'
import type { Dialled } from './dialled-destination.ts'
import { listEndpoints } from './endpoints.ts'
import { findPort } from './find-port.ts'
import type { IndexedModel } from './indexed-model.ts'
import { isEmpty } from './is-empty.ts'
import { areNamespacesAlike, makeListenerClass } from './proxy-classes.ts'
import type { EgressScope, Scope } from './scope.ts'
import { findDomain } from './virtual-hosts.ts'

/** Bytes of one kind that arrive at a listener. */
export type Bytes = 'http' | 'tcp' | 'tls'

/** A filter chain of a listener, and its purpose. */
export interface Chain {
  /** The hosts of SNI; empty: any. */
  readonly sniHosts: readonly string[]
  /** Ranges of the address that was dialled; empty: any. */
  readonly ranges: readonly string[]
  /** True if only HTTP that is not encrypted comes here. */
  readonly httpOnly: boolean
  readonly use:
    | { readonly proxy: 'http'; readonly egress: EgressScope; readonly service: Service | undefined }
    | { readonly proxy: 'tcp'; readonly clusters: readonly TcpCluster[]; readonly at: RouteAt | undefined }
}

type RouteAt = TcpRoute['at'] | TlsRoute['at']

/** A destination of TCP, as its cluster is named. */
interface TcpCluster {
  readonly host: string
  readonly subset: string
  readonly port: number
  readonly weight: number
}

interface OutboundListener {
  /** `0.0.0.0_port`, `address_port`, or `virtualOutbound`. */
  readonly name: string
  /**
   * The chain that takes the connection; undefined: the outbound mode decides about a destination that the mesh does
   * not know.
   */
  readonly chain: Chain | undefined
}

/** The listener of a sidecar that takes a connection, and the chain in it. */
export function findOutboundListener(
  indexed: IndexedModel,
  scope: Scope,
  proxy: Workload,
  dialled: Dialled,
  port: number,
  bytes: Bytes,
  sni: string,
): OutboundListener {
  const listeners = listenersOn(indexed, scope, proxy, port)
  const key = makeAddressKey(dialled)
  const ownListener = key === undefined ? undefined : listeners.get(key)
  const listener = ownListener ?? listeners.get(wildcard)
  if (listener === undefined) return { name: 'virtualOutbound', chain: undefined }
  const name = ownListener === undefined ? `${wildcard}_${port}` : `${key}_${port}`
  const chain = findOutboundChain(listener.chains, getDestinationAddress(dialled), bytes, sni)
  // The listener may come from a proxy of another namespace, which sees the same services.
  const [egress] = scope.egress
  return canShare(indexed, scope) && chain?.use.proxy === 'http'
    ? { name, chain: { ...chain, use: { ...chain.use, egress: egress! } } }
    : { name, chain }
}

/** Tells whether proxies of other namespaces have the same listeners. */
const canShare = (indexed: IndexedModel, { egress }: Scope): boolean =>
  egress.length === 1 && egress[0]!.seesAll && areNamespacesAlike(indexed)

const wildcard = '0.0.0.0'

/** A service without an address in a manifest counts as one address of its own. */
const makeServiceKey = (service: Service) => service.addresses[0] ?? `${service.name}.${service.namespace}`
const makePodKey = (workload: Workload) => workload.address ?? `pod ${workload.namespace}/${workload.name}`

const makeAddressKey = (dialled: Dialled) =>
  dialled.to === 'service'
    ? makeServiceKey(dialled.service)
    : dialled.to === 'pod'
      ? makePodKey(dialled.workload)
      : dialled.address

const getDestinationAddress = (dialled: Dialled) =>
  dialled.to === 'service'
    ? dialled.service.addresses[0]
    : dialled.to === 'pod'
      ? dialled.workload.address
      : dialled.address

interface Listener {
  readonly protocol: Protocol
  readonly isLocked: boolean
  readonly chains: readonly Chain[]
}

/**
 * Indexes the listeners by address. See buildSidecarOutboundListeners in pilot/pkg/networking/core/listener.go of
 * istio/istio.
 */
function listenersOn(
  indexed: IndexedModel,
  scope: Scope,
  proxy: Workload,
  port: number,
): ReadonlyMap<string, Listener> {
  const isAlike = canShare(indexed, scope)
  const key = `${isAlike ? 'all' : scope.key} ${makeListenerClass(indexed, proxy, isAlike)} ${port}`
  return indexed.remember(`listeners ${key}`, () => {
    const listeners = new Map<string, Listener>()
    for (const egress of scope.egress) {
      if (egress.port !== undefined) {
        if (egress.port.number !== port) continue
        for (const service of egress.services)
          addListener(listeners, scope, egress, service, egress.port.protocol, port, proxy, egress.bind)
        continue
      }
      for (const [key, listener] of listeners) listeners.set(key, { ...listener, isLocked: true })
      for (const service of egress.servicesOn(port)) {
        const servicePort = findPort(service, port)!
        const { protocol } = servicePort
        const kind = classifyProtocol(protocol)
        const hasNoAddress =
          egress.bind === '' &&
          service.resolution === 'passthrough' &&
          service.addresses.length === 0 &&
          (kind === 'tcp' || kind === 'auto')
        if (!hasNoAddress) {
          addListener(listeners, scope, egress, service, protocol, port, proxy, egress.bind)
          continue
        }
        const endpoints = listEndpoints(indexed, service, servicePort, '')
        if (service.registry === 'External' && endpoints.length === 0 && isEmpty(service.selector))
          addListener(listeners, scope, egress, service, protocol, port, proxy, '')
        for (const { workload, address } of endpoints) {
          if (workload !== undefined && isSamePod(workload, proxy)) continue
          const bind = workload === undefined ? address : makePodKey(workload)
          addListener(listeners, scope, egress, service, protocol, port, proxy, bind)
        }
      }
    }
    return listeners
  })
}

/** True also if a request has another source address for the pod. */
const isSamePod = (a: Workload, b: Workload) => a.namespace === b.namespace && a.name === b.name

/** See buildSidecarOutboundListener. */
function addListener(
  listeners: Map<string, Listener>,
  scope: Scope,
  egress: EgressScope,
  service: Service,
  protocol: Protocol,
  port: number,
  proxy: Workload,
  written: string,
): void {
  if (service.resolution === 'alias') return
  const kind = classifyProtocol(protocol)
  if (kind === 'none') return
  const address = findOwnAddress(service)
  const isRange = written === '' && address.includes('/')
  const bind = written !== '' ? written : kind === 'http' || isRange ? wildcard : address
  const ranges = kind !== 'http' && isRange ? [address] : []
  const current = listeners.get(bind)
  if (current?.isLocked) return
  const http = (httpOnly: boolean): Chain => ({
    sniHosts: [],
    ranges: [],
    httpOnly,
    use: {
      proxy: 'http',
      egress,
      // A port with protocol detection has routes of its own, unless its service has no address.
      service: kind === 'auto' && bind !== wildcard ? service : undefined,
    },
  })
  const set = (chains: readonly Chain[], givenProtocol: Protocol) =>
    listeners.set(bind, { protocol: givenProtocol, isLocked: false, chains })
  if (protocol === 'HTTP_PROXY') {
    if (current === undefined) set([http(false)], protocol)
    return
  }
  if (current !== undefined && isServerFirst(protocol, current.protocol)) return
  const tcp = () => listTcpChains(scope, egress, service, protocol, port, proxy, bind, ranges)
  switch (kind) {
    case 'http': {
      const isSniffed = bind === wildcard
      if (current === undefined) set([http(isSniffed)], isSniffed ? 'Unsupported' : protocol)
      else if (classifyProtocol(current.protocol) === 'tcp')
        set(mergeChains(current.chains, [http(isSniffed)]), 'Unsupported')
      return
    }
    case 'tcp':
      if (current === undefined) set(tcp(), protocol)
      else
        set(
          mergeChains(current.chains, tcp()),
          isHttpProtocol(current.protocol) ? 'Unsupported' : current.protocol,
        )
      return
    case 'auto': {
      const chains = () => [...tcp(), http(true)]
      if (current === undefined || isHttpProtocol(current.protocol)) set(chains(), protocol)
      else if (classifyProtocol(current.protocol) === 'tcp')
        set(mergeChains(current.chains, chains()), 'Unsupported')
    }
  }
}

const findOwnAddress = (service: Service) => {
  const [address] = service.addresses
  if (address !== undefined) return address
  return service.registry === 'Kubernetes' && !service.isHeadless ? makeServiceKey(service) : wildcard
}

/** See isConflictWithWellKnownPort. */
const isServerFirst = (incoming: Protocol, existing: Protocol) =>
  incoming !== existing && [incoming, existing].some(protocol => protocol === 'Mongo' || protocol === 'MySQL')

/** See mergeTCPFilterChains: Istio drops a chain if an earlier chain has the same match. */
function mergeChains(existing: readonly Chain[], incoming: readonly Chain[]): readonly Chain[] {
  const all = [...existing]
  for (const chain of incoming)
    if (!all.some(otherExisting => getConditions(otherExisting) === getConditions(chain))) all.push(chain)
  return all
}

const getConditions = ({ httpOnly, sniHosts, ranges }: Chain) =>
  JSON.stringify([
    httpOnly,
    sniHosts.filter(host => host !== '*').toSorted(),
    ranges.filter(range => !range.startsWith(wildcard)).toSorted(),
  ])

/** See buildSidecarOutboundTLSFilterChainOpts and …TCP… in pilot/pkg/networking/core/tls.go of istio/istio. */
function listTcpChains(
  scope: Scope,
  egress: EgressScope,
  service: Service,
  protocol: Protocol,
  port: number,
  proxy: Workload,
  bind: string,
  ranges: readonly string[],
): readonly Chain[] {
  const candidates = isWildcard(service.host)
    ? egress.virtualServices
    : egress.virtualServicesAbout([service.host])
  const virtualServices = candidates.filter(({ hosts }) =>
    hosts.some(host => overlapsHost(host, service.host)),
  )
  const itself = service.ports.length === 1 ? service.ports[0]!.number : port
  const toItself = (sniHosts: readonly string[]): Chain => ({
    sniHosts,
    ranges,
    httpOnly: false,
    use: {
      proxy: 'tcp',
      clusters: [{ host: service.host, subset: '', port: itself, weight: 100 }],
      at: undefined,
    },
  })
  if (isTlsProtocol(protocol)) {
    const chains = listOutboundTlsChains(scope, virtualServices, port, proxy, ranges)
    if (chains.length > 0) return chains
    const isShared =
      ranges.length > 0 ||
      service.resolution === 'dynamicDns' ||
      (findOwnAddress(service) === wildcard && bind === wildcard)
    return [toItself(isShared ? [service.host.toLowerCase()] : [])]
  }
  const chains: Chain[] = []
  for (const virtualService of virtualServices)
    for (const route of virtualService.tcp) {
      if (route.destinations.length === 0) continue
      const chain = (ofSubnets: readonly string[]): Chain => ({
        sniHosts: [],
        ranges: ofSubnets,
        httpOnly: false,
        use: { proxy: 'tcp', clusters: listTcpClusters(scope, route.destinations, port), at: route.at },
      })
      if (route.matches.length === 0) return [...chains, chain(ranges)]
      const subnets: string[] = []
      for (const match of route.matches) {
        if (!l4Matches(match, proxy, port)) continue
        if (match.destinationSubnets.length === 0) return [...chains, chain(ranges)]
        subnets.push(...match.destinationSubnets)
      }
      if (subnets.length > 0) {
        chains.push(chain(subnets))
        if (subnets.toSorted().join() === ranges.toSorted().join()) return chains
      }
    }
  return [...chains, toItself([])]
}

function listOutboundTlsChains(
  scope: Scope,
  virtualServices: readonly VirtualService[],
  port: number,
  proxy: Workload,
  ranges: readonly string[],
): readonly Chain[] {
  const seen = new Set<string>()
  const chains: Chain[] = []
  let current = ranges
  for (const virtualService of virtualServices)
    for (const route of virtualService.tls) {
      if (route.destinations.length === 0) continue
      for (const match of route.matches) {
        if (!l4Matches(match, proxy, port)) continue
        if (match.destinationSubnets.length > 0) current = match.destinationSubnets
        const key = `${match.sniHosts.join()}|${match.destinationSubnets.join()}`
        if (seen.has(key)) continue
        seen.add(key)
        chains.push({
          sniHosts: match.sniHosts,
          ranges: current,
          httpOnly: false,
          use: { proxy: 'tcp', clusters: listTcpClusters(scope, route.destinations, port), at: route.at },
        })
      }
    }
  return chains
}

const l4Matches = (match: L4Match, proxy: Workload, port: number) =>
  (match.gateways.length === 0 || match.gateways.includes('mesh')) &&
  isSubset(match.sourceLabels, proxy.labels) &&
  (match.port === undefined || match.port === port) &&
  (match.sourceNamespace === undefined || match.sourceNamespace === proxy.namespace)

/** See buildOutboundNetworkFilters: one destination has no weight; of several, those with weight 0 are left out. */
export function listTcpClusters(
  scope: Scope,
  destinations: readonly WeightedDestination[],
  port: number,
): readonly TcpCluster[] {
  const used = destinations.length === 1 ? destinations : destinations.filter(({ weight }) => weight > 0)
  return used.map(({ host, subset, port: written, weight }) => {
    const service = scope.service(host)
    const only = service?.ports.length === 1 ? service.ports[0]!.number : port
    return {
      host: service?.externalName ?? host,
      subset,
      port: written ?? only,
      weight: destinations.length === 1 ? 100 : weight,
    }
  })
}

/**
 * Finds the chain that Envoy chooses: by the address, then by the name that TLS asks for, then by whether it is HTTP.
 * The chain without conditions takes the connection if that chain leads to nothing.
 */
function findOutboundChain(
  chains: readonly Chain[],
  address: string | undefined,
  bytes: Bytes,
  sni: string,
): Chain | undefined {
  const fallback = chains.find(
    ({ httpOnly, sniHosts, ranges }) =>
      !httpOnly && ranges.length === 0 && (sniHosts.length === 0 || sniHosts.includes('*')),
  )
  const conditional = chains.filter(chain => chain !== fallback)
  if (conditional.length === 0) return fallback
  const ranged = conditional.filter(({ ranges }) => ranges.some(range => isInAddressRange(address, range)))
  const byAddress =
    ranged.length > 0
      ? selectLongestRanges(ranged, address)
      : conditional.filter(({ ranges }) => ranges.length === 0)
  const bySni = withSni(byAddress, bytes === 'tls' ? sni : '')
  return (
    bySni.find(({ httpOnly }) => httpOnly === (bytes === 'http')) ??
    bySni.find(({ httpOnly }) => !httpOnly) ??
    fallback
  )
}

/** Tells whether a range contains an address. The range of all addresses contains an unknown address, too. */
const isInAddressRange = (address: string | undefined, range: string): boolean =>
  range === everyAddress || (address !== undefined && isInRange(address, range))

function selectLongestRanges(chains: readonly Chain[], address: string | undefined): readonly Chain[] {
  const bits = ({ ranges }: Chain) =>
    Math.max(
      ...ranges
        .filter(range => isInAddressRange(address, range))
        .map(range => Number(range.split('/', 2)[1] ?? 128)),
    )
  const most = Math.max(...chains.map(bits))
  return chains.filter(chain => bits(chain) === most)
}

function withSni(chains: readonly Chain[], sni: string): readonly Chain[] {
  const domains = new Map<string, Chain[]>()
  for (const chain of chains)
    for (const host of chain.sniHosts) {
      const same = domains.get(host)
      if (same === undefined) domains.set(host, [chain])
      else same.push(chain)
    }
  return (
    (sni === '' ? undefined : findDomain(domains, sni)) ??
    chains.filter(({ sniHosts }) => sniHosts.length === 0)
  )
}
