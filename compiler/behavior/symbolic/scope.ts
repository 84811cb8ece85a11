import { groupBy } from '../../basics/group-by.ts'
import { memo } from '../../basics/memo.ts'
import { weakMemo } from '../../basics/weak-memo.ts'
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
import { isHostWithin, isWildcard, overlapsHost } from './host-names.ts'
import { findPort, hasLabels, type IndexedModel } from './indexed-model.ts'

/**
 * The part of the mesh that a sidecar sees. Nothing is listed: a mesh has thousands of services, and a request asks for one.
 *
 * See istio pilot/pkg/model/sidecar.go.
 */
export interface Scope {
  readonly key: string
  readonly sidecar: Sidecar | undefined
  readonly namespace: string
  readonly outbound: OutboundMode
  readonly unmodelled: readonly Unmodelled[]
  /** The service of a host, if the listener of a port imports it. */
  readonly service: (host: string, port: number) => Service | undefined
  /** Tells whether the listener of a port imports this service. */
  readonly sees: (service: Service, port: number) => boolean
  /** Tells whether the listener of a port imports a service for which this holds. */
  readonly someService: (port: number, is: (service: Service) => boolean) => boolean
  /** The VirtualServices for sidecars that the listener of a port imports, of those given, in the order in which they count. */
  readonly imported: (candidates: Iterable<VirtualService>, port: number) => readonly VirtualService[]
  /** The VirtualServices for a gateway that are exported to this namespace, of those given, in the order in which they count. */
  readonly boundTo: (gateway: string, candidates: Iterable<VirtualService>) => readonly VirtualService[]
  /** The service of a host, with the ports that have clusters: by any listener, or as an imported VirtualService sends there. */
  readonly clusterService: (host: string) => Service | undefined
}

export function findScope(indexed: IndexedModel, namespace: string, labels: Labels): Scope {
  const scopes = indexed.once('scopes', () =>
    memo((owner: string) =>
      memo((sidecar: Sidecar | undefined) => buildSidecarScope(indexed, owner, sidecar)),
    ),
  )
  return scopes(namespace)(findSidecar(indexed, namespace, labels))
}

const buildSidecarScope = (indexed: IndexedModel, namespace: string, sidecar: Sidecar | undefined): Scope =>
  new IndexedScope(
    indexed,
    namespace,
    sidecar,
    `${namespace}|${sidecar === undefined ? '' : `${sidecar.namespace}/${sidecar.name}`}`,
  )

/** A gateway sees everything that is exported to its namespace. */
export const findGatewayScope = (indexed: IndexedModel, namespace: string): Scope =>
  indexed.once(
    `gateway scope ${namespace}`,
    () => new IndexedScope(indexed, namespace, undefined, `gateway ${namespace}`),
  )

/** The oldest Sidecar that selects the workload, else the Sidecar of the namespace, else the Sidecar of the mesh. */
export function findSidecar({ model }: IndexedModel, namespace: string, labels: Labels): Sidecar | undefined {
  const getSidecars = sidecarsByNamespace(model.sidecars)
  const sidecars = getSidecars(namespace)
  return sidecars.selecting(labels) ?? sidecars.forAll ?? getSidecars(model.settings.rootNamespace).forAll
}

/** The Sidecars of a namespace: those with a selector, and the one for all workloads. */
const sidecarsByNamespace = weakMemo((all: readonly Sidecar[]) => {
  const byNamespace = groupBy(all, ({ namespace }) => [namespace])
  return memo((namespace: string) => {
    const sidecars = byNamespace.get(namespace) ?? []
    const aged = sidecars.map((sidecar, age) => ({ sidecar, age }))
    // The Sidecars by the first label that they ask for: a workload that has all of them has that one.
    const bySelector = groupBy(aged, ({ sidecar: { workloadSelector } }) => {
      if (workloadSelector === undefined) return []
      const [first] = Object.entries(workloadSelector)
      return [first === undefined ? '' : `${first[0]}=${first[1]}`]
    })
    const selecting = memo((labels: Labels) => {
      let oldest: (typeof aged)[number] | undefined
      for (const label of ['', ...Object.entries(labels).map(([key, value]) => `${key}=${value}`)])
        for (const candidate of bySelector.get(label) ?? [])
          if (
            (oldest === undefined || candidate.age < oldest.age) &&
            hasLabels(labels, candidate.sidecar.workloadSelector ?? {})
          )
            oldest = candidate
      return oldest?.sidecar
    })
    return { selecting, forAll: sidecars.find(({ workloadSelector }) => workloadSelector === undefined) }
  })
})

type ListenerHost = EgressListener['hosts'][number]

/** A listener with an index of its hosts: a Sidecar may list thousands of names. */
interface IndexedListener extends EgressListener {
  readonly included: ListenerHosts
  /** Undefined: none. */
  readonly excluded: ListenerHosts | undefined
}

interface ListenerHosts {
  readonly all: readonly ListenerHost[]
  readonly patterns: readonly ListenerHost[]
  readonly byName: ReadonlyMap<string, readonly ListenerHost[]>
}

const indexListener = weakMemo((listener: EgressListener): IndexedListener => {
  const excluded = listener.hosts.filter(({ isExcluded }) => isExcluded)
  return {
    ...listener,
    included: indexListenerHosts(listener.hosts.filter(({ isExcluded }) => !isExcluded)),
    excluded: excluded.length === 0 ? undefined : indexListenerHosts(excluded),
  }
})

const indexListenerHosts = (all: readonly ListenerHost[]): ListenerHosts => ({
  all,
  patterns: all.filter(({ host }) => isWildcard(host)),
  byName: groupBy(all, ({ host }) => (isWildcard(host) ? [] : [host])),
})

/** Tells whether a test holds for one of the hosts that may have a name in common with a host. */
function someAbout(
  { all, patterns, byName }: ListenerHosts,
  host: string,
  holds: (each: ListenerHost) => boolean,
): boolean {
  if (isWildcard(host)) return all.some(holds)
  return patterns.some(holds) || byName.get(host)?.some(holds) === true
}

const defaultListener: EgressListener = {
  port: undefined,
  bind: '',
  hosts: [{ namespace: '*', host: '*', isExcluded: false }],
}

/** A class, since each workload has a scope: all scopes share one set of functions. */
class IndexedScope implements Scope {
  readonly key: string
  readonly sidecar: Sidecar | undefined
  readonly namespace: string
  readonly outbound: OutboundMode
  readonly unmodelled: readonly Unmodelled[]
  private readonly indexed: IndexedModel
  private readonly listeners: readonly IndexedListener[]
  /** Finds the service of a host once; made when it is first asked for. */
  private clusterServices: Scope['clusterService'] | undefined

  constructor(indexed: IndexedModel, namespace: string, sidecar: Sidecar | undefined, key: string) {
    const { settings } = indexed.model
    this.key = key
    this.sidecar = sidecar
    this.namespace = namespace
    this.outbound = sidecar?.outbound ?? settings.outbound
    this.unmodelled =
      sidecar === undefined || sidecar.unmodelled.length === 0
        ? settings.unmodelled
        : [...sidecar.unmodelled, ...settings.unmodelled]
    this.indexed = indexed
    const listeners =
      sidecar === undefined || sidecar.egress.length === 0 ? [defaultListener] : sidecar.egress
    this.listeners = listeners.map(indexListener)
  }

  service(host: string, port: number): Service | undefined {
    const listener = this.listenerFor(port)
    if (listener === undefined) return undefined
    const imported = this.importedServices(listener, host)
    const chosen = this.chosen(imported)
    // Services with one host and namespace are merged: a port has the protocol of the first of them that declares the port.
    return (
      imported.find(
        service => service.namespace === chosen?.namespace && findPort(service, port) !== undefined,
      ) ?? chosen
    )
  }

  sees(service: Service, port: number): boolean {
    const listener = this.listenerFor(port)
    if (listener === undefined) return false
    const imported = this.importedServices(listener, service.host)
    return imported.includes(service) && this.chosen(imported)?.namespace === service.namespace
  }

  someService(port: number, is: (service: Service) => boolean): boolean {
    const listener = this.listenerFor(port)
    if (listener === undefined) return false
    const isOne = (service: Service) =>
      findPort(service, port) !== undefined && is(service) && this.sees(service, port)
    const { servicesByHost, servicesByPort } = this.indexed
    return listener.hosts.every(({ host }) => !isWildcard(host))
      ? listener.hosts.some(({ host }) => servicesByHost.get(host)?.some(isOne))
      : (servicesByPort.get(port) ?? []).some(isOne)
  }

  imported(candidates: Iterable<VirtualService>, port: number): readonly VirtualService[] {
    const listener = this.listenerFor(port)
    if (listener === undefined) return []
    return this.inOrder([...candidates].filter(candidate => this.importsVirtualService(listener, candidate)))
  }

  boundTo(gateway: string, candidates: Iterable<VirtualService>): readonly VirtualService[] {
    return this.inOrder(
      [...candidates].filter(candidate => candidate.gateways.includes(gateway) && this.isVisible(candidate)),
    )
  }

  clusterService(host: string): Service | undefined {
    this.clusterServices ??= memo(each => this.mergeSeen(each))
    return this.clusterServices(host)
  }

  private mergeSeen(host: string): Service | undefined {
    let merged: Service | undefined
    for (const listener of this.listeners)
      for (const seen of [...this.importedWithPorts(listener, host), ...this.sentToWithPorts(listener, host)])
        merged = merged === undefined ? seen : mergeServices(merged, seen)
    return merged
  }

  private listenerFor(port: number): IndexedListener | undefined {
    return this.listeners.find(listener => listener.port === undefined || listener.port.number === port)
  }

  private isVisible({ exportTo }: { readonly exportTo: readonly string[] }): boolean {
    return exportTo.includes('*') || exportTo.includes(this.namespace)
  }

  /** Tells whether a host of a listener selects objects of a namespace. */
  private isFor(host: ListenerHost, owner: string): boolean {
    return host.namespace === '*' || (host.namespace === '.' ? this.namespace : host.namespace) === owner
  }

  private isExcluded({ excluded }: IndexedListener, owner: string, host: string): boolean {
    return (
      excluded !== undefined &&
      someAbout(excluded, host, each => this.isFor(each, owner) && isHostWithin(host, each.host))
    )
  }

  private imports(listener: IndexedListener, { host, namespace, exportTo }: Service): boolean {
    return (
      this.isVisible({ exportTo }) &&
      someAbout(
        listener.included,
        host,
        each => this.isFor(each, namespace) && isHostWithin(host, each.host),
      ) &&
      !this.isExcluded(listener, namespace, host)
    )
  }

  private importsVirtualService(listener: IndexedListener, virtualService: VirtualService): boolean {
    if (!virtualService.gateways.includes('mesh') || !this.isVisible(virtualService)) return false
    return virtualService.hosts.some(
      host =>
        someAbout(
          listener.included,
          host,
          each =>
            this.isFor(each, virtualService.namespace) &&
            (isWildcard(host) || isWildcard(each.host) ? overlapsHost(host, each.host) : host === each.host),
        ) && !this.isExcluded(listener, virtualService.namespace, host),
    )
  }

  private importedServices(listener: IndexedListener, host: string): readonly Service[] {
    return (this.indexed.servicesByHost.get(host) ?? []).filter(service => this.imports(listener, service))
  }

  /** One namespace wins a host: the proxy's own, else the first. */
  private chosen(candidates: readonly Service[]): Service | undefined {
    return (
      candidates.find(({ namespace }) => namespace === this.namespace) ??
      candidates.find(({ registry }) => registry === 'Kubernetes') ??
      candidates[0]
    )
  }

  /**
   * Sorts VirtualServices: those visible only in the namespace come first, then those exported to it by name, then those exported to
   * all. Each group has the oldest first.
   */
  private inOrder(virtualServices: readonly VirtualService[]): readonly VirtualService[] {
    if (virtualServices.length < 2) return virtualServices
    const rank = ({ exportTo, namespace }: VirtualService) =>
      exportTo.includes('*') ? 2 : namespace === this.namespace ? 0 : 1
    return virtualServices.toSorted((a, b) => rank(a) - rank(b) || this.indexed.age(a) - this.indexed.age(b))
  }

  /** Lists the services of a host that a listener imports: all of the namespace that wins it. */
  private importedWithPorts(listener: IndexedListener, host: string): readonly Service[] {
    const imported = this.importedServices(listener, host).filter(
      service => listPortsAt(listener, service).length > 0,
    )
    const winner = this.chosen(imported)?.namespace
    return imported
      .filter(({ namespace }) => namespace === winner)
      .map(service => choosePorts(service, listPortsAt(listener, service)))
  }

  /** The ports of a host that imported VirtualServices send to, imported or not. */
  private sentToWithPorts(listener: IndexedListener, host: string): readonly Service[] {
    const candidates = this.indexed.servicesByHost.get(host) ?? []
    // Istio does not ask whether the one of the proxy's own namespace is exported.
    const services = candidates.filter(
      ({ namespace, isUndiscovered }) => namespace === this.namespace && !isUndiscovered,
    )
    const service =
      services.find(({ registry }) => registry === 'Kubernetes') ??
      services[0] ??
      this.chosen(candidates.filter(candidate => this.isVisible(candidate)))
    if (service === undefined) return []
    return (this.indexed.virtualServicesByDestination.get(host) ?? []).flatMap(virtualService => {
      if (!this.importsVirtualService(listener, virtualService)) return []
      const destinationPorts = listPortsOfDestinations(virtualService, host, this.namespace)
      const ports = listPortsAt(listener, service).filter(
        ({ number }) =>
          hasOwnPort(listener) || destinationPorts.has(undefined) || destinationPorts.has(number),
      )
      return destinationPorts.size === 0 || ports.length === 0 ? [] : [choosePorts(service, ports)]
    })
  }
}

const hasOwnPort = ({ port }: EgressListener): boolean => port !== undefined && port.protocol !== 'HTTP_PROXY'

/** The ports of a service that a listener is for. */
const listPortsAt = (listener: EgressListener, { ports }: Service): readonly ServicePort[] =>
  hasOwnPort(listener) ? ports.filter(({ number }) => number === listener.port!.number) : ports

const choosePorts = (service: Service, ports: readonly ServicePort[]): Service =>
  ports.length === service.ports.length ? service : { ...service, ports }

/**
 * The ports at which a VirtualService sends to a host (undefined: every port), without routes that are only for callers of other
 * namespaces. See istio pilot/pkg/model/sidecar.go, virtualServiceDestinationsFilteredBySourceNamespace.
 */
function listPortsOfDestinations(
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

/** Merges two services: one of Kubernetes counts before one of a ServiceEntry; two that say the same add their ports up. */
function mergeServices(a: Service, b: Service): Service {
  if (a === b || (a.registry === 'Kubernetes' && b.registry !== 'Kubernetes')) return a
  if (a.registry !== 'Kubernetes' && b.registry === 'Kubernetes') return b
  const says = ({ namespace, resolution, registry, labels, selector, exportTo }: Service) =>
    JSON.stringify([
      namespace,
      resolution,
      registry,
      ...[labels, selector].map(each => Object.entries(each).sort()),
      exportTo,
    ])
  if (says(a) !== says(b)) return a
  const added = b.ports.filter(({ number }) => a.ports.every(port => port.number !== number))
  return added.length === 0 ? a : { ...a, ports: [...a.ports, ...added] }
}
