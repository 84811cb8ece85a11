import type {
  EgressListener,
  HttpRoute,
  Labels,
  OutboundMode,
  Service,
  ServicePort,
  Sidecar,
  VirtualService,
} from '../model.ts'
import type { Unmodelled } from '../result.ts'
import { isSubset, isWildcard, overlap } from './host-names.ts'
import { hasLabels, type Side } from './side.ts'

/**
 * What a sidecar sees of the mesh. Nothing is listed: a mesh has thousands of services, and a request asks for one.
 *
 * See istio pilot/pkg/model/sidecar.go.
 */
export interface Scope {
  readonly key: string
  readonly namespace: string
  readonly outbound: OutboundMode
  readonly unmodelled: readonly Unmodelled[]
  /** The service of a host, if the listener of a port imports it. */
  readonly service: (host: string, port: number) => Service | undefined
  /** Whether the listener of a port imports this service. */
  readonly sees: (service: Service, port: number) => boolean
  /** Whether the listener of a port imports a service for which this holds. */
  readonly someService: (port: number, is: (service: Service) => boolean) => boolean
  /** The VirtualServices for sidecars that the listener of a port imports, of those given, in the order in which they count. */
  readonly imported: (candidates: Iterable<VirtualService>, port: number) => readonly VirtualService[]
  /** The VirtualServices for a gateway that are exported to this namespace, of those given, in the order in which they count. */
  readonly boundTo: (gateway: string, candidates: Iterable<VirtualService>) => readonly VirtualService[]
  /** The service of a host, with the ports that have clusters: by any listener, or as an imported VirtualService sends there. */
  readonly clusterService: (host: string) => Service | undefined
}

export function scopeOf(side: Side, namespace: string, labels: Labels): Scope {
  const sidecar = sidecarFor(side, namespace, labels)
  const key = `${namespace}|${sidecar === undefined ? '' : `${sidecar.namespace}/${sidecar.name}`}`
  return side.once(`scope ${key}`, () => makeScope(side, namespace, sidecar, key))
}

/** A gateway sees everything that is exported to its namespace. */
export const gatewayScope = (side: Side, namespace: string): Scope =>
  side.once(`gateway scope ${namespace}`, () => makeScope(side, namespace, undefined, `gateway ${namespace}`))

/** The oldest that selects the workload, else that of the namespace, else that of the mesh. */
function sidecarFor(side: Side, namespace: string, labels: Labels): Sidecar | undefined {
  const of = (name: string) => side.once(`sidecars of ${name}`, () => sidecarsOf(side, name))
  const own = of(namespace)
  const selecting = ['', ...Object.entries(labels).map(([key, value]) => `${key}=${value}`)]
    .flatMap(label => own.bySelector.get(label) ?? [])
    .filter(({ sidecar }) => hasLabels(labels, sidecar.workloadSelector ?? {}))
  const oldest = selecting.reduce<(typeof selecting)[number] | undefined>(
    (before, one) => (before === undefined || one.age < before.age ? one : before),
    undefined,
  )
  return oldest?.sidecar ?? own.forAll ?? of(side.model.settings.rootNamespace).forAll
}

/** The Sidecars of a namespace: those that select workloads by one of the labels that they ask for, and the one for all. */
function sidecarsOf({ model }: Side, namespace: string) {
  const own = model.sidecars.filter(sidecar => sidecar.namespace === namespace)
  const bySelector = new Map<string, { readonly sidecar: Sidecar; readonly age: number }[]>()
  for (const [age, sidecar] of own.entries()) {
    if (sidecar.workloadSelector === undefined) continue
    const [[key, value] = ['', '']] = Object.entries(sidecar.workloadSelector)
    const label = key === '' ? '' : `${key}=${value}`
    bySelector.set(label, [...(bySelector.get(label) ?? []), { sidecar, age }])
  }
  return { bySelector, forAll: own.find(({ workloadSelector }) => workloadSelector === undefined) }
}

const everything: EgressListener = {
  port: undefined,
  bind: '',
  hosts: [{ namespace: '*', host: '*', isExcluded: false }],
}

function makeScope(side: Side, namespace: string, sidecar: Sidecar | undefined, key: string): Scope {
  const { settings } = side.model
  const listeners = sidecar === undefined || sidecar.egress.length === 0 ? [everything] : sidecar.egress
  const listenerFor = (port: number) =>
    listeners.find(listener => listener.port === undefined || listener.port.number === port)
  const isVisible = ({ exportTo }: { readonly exportTo: readonly string[] }) =>
    exportTo.includes('*') || exportTo.includes(namespace)
  const hostsFor = ({ hosts }: EgressListener, owner: string) =>
    hosts.filter(
      host => host.namespace === '*' || (host.namespace === '.' ? namespace : host.namespace) === owner,
    )
  const isExcluded = (listener: EgressListener, owner: string, host: string) =>
    hostsFor(listener, owner).some(each => each.isExcluded && isSubset(host, each.host))
  const imports = (listener: EgressListener, service: Service) =>
    isVisible(service) &&
    hostsFor(listener, service.namespace).some(
      each => !each.isExcluded && isSubset(service.host, each.host),
    ) &&
    !isExcluded(listener, service.namespace, service.host)
  const importsVirtualService = (listener: EgressListener, found: VirtualService) => {
    if (!found.gateways.includes('mesh') || !isVisible(found)) return false
    const hosts = hostsFor(listener, found.namespace).filter(each => !each.isExcluded)
    return found.hosts.some(
      own =>
        hosts.some(({ host }) => (isWildcard(own) || isWildcard(host) ? overlap(own, host) : own === host)) &&
        !isExcluded(listener, found.namespace, own),
    )
  }
  const importedServices = (listener: EgressListener, host: string) =>
    (side.servicesByHost.get(host) ?? []).filter(service => imports(listener, service))

  /** One namespace wins a host: the proxy's own, else the first. */
  function chosen(candidates: readonly Service[]): Service | undefined {
    return (
      candidates.find(service => service.namespace === namespace) ??
      candidates.find(({ registry }) => registry === 'Kubernetes') ??
      candidates[0]
    )
  }

  /** Those of the namespace alone, those that are exported to it by name, then those for all; of each the oldest first. */
  function inOrder(found: readonly VirtualService[]): readonly VirtualService[] {
    const rank = ({ exportTo, namespace: owner }: VirtualService) =>
      exportTo.includes('*') ? 2 : owner === namespace ? 0 : 1
    return found.toSorted((a, b) => rank(a) - rank(b) || side.age(a) - side.age(b))
  }

  /** What a listener imports of a host: all of the namespace that wins it. */
  function importedWithPorts(listener: EgressListener, host: string): readonly Service[] {
    const imported = importedServices(listener, host).filter(service => portsAt(listener, service).length > 0)
    const winner = chosen(imported)?.namespace
    return imported
      .filter(service => service.namespace === winner)
      .map(service => withPorts(service, portsAt(listener, service)))
  }

  /** The ports of a host that imported VirtualServices send to, imported or not. */
  function sentToWithPorts(listener: EgressListener, host: string): readonly Service[] {
    const candidates = side.servicesByHost.get(host) ?? []
    // Istio does not ask whether the one of the proxy's own namespace is exported.
    const own = candidates.filter(service => service.namespace === namespace)
    const service =
      own.find(({ registry }) => registry === 'Kubernetes') ?? own[0] ?? chosen(candidates.filter(isVisible))
    if (service === undefined) return []
    return (side.virtualServicesByDestination.get(host) ?? []).flatMap(found => {
      if (!importsVirtualService(listener, found)) return []
      const asked = destinationPorts(found, host, namespace)
      const ports = portsAt(listener, service).filter(
        ({ number }) => hasOwnPort(listener) || asked.has(undefined) || asked.has(number),
      )
      return asked.size === 0 || ports.length === 0 ? [] : [withPorts(service, ports)]
    })
  }

  return {
    key,
    namespace,
    outbound: sidecar?.outbound ?? settings.outbound,
    unmodelled: [...(sidecar?.unmodelled ?? []), ...settings.unmodelled],
    service: (host, port) => {
      const listener = listenerFor(port)
      return listener === undefined ? undefined : chosen(importedServices(listener, host))
    },
    sees: (service, port) => {
      const listener = listenerFor(port)
      return listener !== undefined && chosen(importedServices(listener, service.host)) === service
    },
    someService: (port, is) => {
      const listener = listenerFor(port)
      if (listener === undefined) return false
      const isNamed = listener.hosts.every(({ host }) => !isWildcard(host))
      const candidates = isNamed
        ? listener.hosts.flatMap(({ host }) => side.servicesByHost.get(host) ?? [])
        : (side.servicesByPort.get(port) ?? [])
      return candidates.some(
        service =>
          service.ports.some(({ number }) => number === port) &&
          is(service) &&
          chosen(importedServices(listener, service.host)) === service,
      )
    },
    imported: (candidates, port) => {
      const listener = listenerFor(port)
      if (listener === undefined) return []
      return inOrder([...candidates].filter(candidate => importsVirtualService(listener, candidate)))
    },
    boundTo: (gateway, candidates) =>
      inOrder(
        [...candidates].filter(candidate => candidate.gateways.includes(gateway) && isVisible(candidate)),
      ),
    clusterService: host =>
      side.once(`cluster service ${key} ${host}`, () => {
        let merged: Service | undefined
        for (const listener of listeners)
          for (const seen of [...importedWithPorts(listener, host), ...sentToWithPorts(listener, host)])
            merged = merged === undefined ? seen : mergedServices(merged, seen)
        return merged
      }),
  }
}

const hasOwnPort = ({ port }: EgressListener): boolean => port !== undefined && port.protocol !== 'HTTP_PROXY'

/** The ports of a service that a listener is for. */
const portsAt = (listener: EgressListener, { ports }: Service): readonly ServicePort[] =>
  hasOwnPort(listener) ? ports.filter(({ number }) => number === listener.port!.number) : ports

const withPorts = (service: Service, ports: readonly ServicePort[]): Service =>
  ports.length === service.ports.length ? service : { ...service, ports }

/**
 * The ports at which a VirtualService sends to a host, undefined for any, without the routes that are for callers of
 * other namespaces alone; see istio pilot/pkg/model/sidecar.go, virtualServiceDestinationsFilteredBySourceNamespace.
 */
function destinationPorts(
  { http, tls, tcp }: VirtualService,
  host: string,
  namespace: string,
): ReadonlySet<number | undefined> {
  const isForNamespace = ({ matches }: HttpRoute) => {
    const named = matches.flatMap(({ sourceNamespace }) => sourceNamespace ?? [])
    return named.length === 0 || named.includes(namespace)
  }
  const destinations = [
    ...http
      .filter(isForNamespace)
      .flatMap(route => [...route.destinations, ...route.mirrors.map(({ destination }) => destination)]),
    ...[...tls, ...tcp].flatMap(route => route.destinations),
  ]
  return new Set(destinations.filter(destination => destination.host === host).map(({ port }) => port))
}

/** One of Kubernetes counts before one of a ServiceEntry; two that say the same add their ports up. */
function mergedServices(one: Service, other: Service): Service {
  if (one === other || (one.registry === 'Kubernetes' && other.registry !== 'Kubernetes')) return one
  if (one.registry !== 'Kubernetes' && other.registry === 'Kubernetes') return other
  const says = ({ namespace, resolution, registry, labels, selector, exportTo }: Service) =>
    JSON.stringify([
      namespace,
      resolution,
      registry,
      ...[labels, selector].map(each => Object.entries(each).sort()),
      exportTo,
    ])
  if (says(one) !== says(other)) return one
  const added = other.ports.filter(({ number }) => one.ports.every(port => port.number !== number))
  return added.length === 0 ? one : { ...one, ports: [...one.ports, ...added] }
}
