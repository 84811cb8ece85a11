import { memo } from '../../basics/memo.ts'
import { findMostSpecific, isHostWithin, isWildcard, overlapsHost } from '../hosts.ts'
import { isSubset } from '../is-subset.ts'
import type {
  EgressListener,
  OutboundMode,
  Service,
  ServicePort,
  Sidecar,
  VirtualService,
  Workload,
} from '../model.ts'
import type { IndexedModel } from './indexed-model.ts'

/**
 * The part of the mesh that a proxy knows. Most of it is found on demand: a mesh has thousands of
 * services, and a request is for one. See pilot/pkg/model/sidecar.go of istio/istio.
 */
export interface Scope {
  readonly key: string
  readonly sidecar: Sidecar | undefined
  /** The listeners in their order; empty for a gateway. */
  readonly egress: readonly EgressScope[]
  /** The service of a host, if it has clusters for it, with the ports that have them. */
  service(host: string): Service | undefined
  readonly outbound: OutboundMode
}

export function findScope(indexed: IndexedModel, workload: Workload): Scope {
  const { namespace } = workload
  if (workload.proxy === 'gateway')
    return indexed.remember(`gateway scope ${namespace}`, () => makeGatewayScope(indexed, namespace))
  const sidecar = findSidecar(indexed, workload)
  const name = sidecar === undefined ? '' : `${sidecar.namespace}/${sidecar.name}`
  const key = `scope ${namespace} ${name}`
  return indexed.remember(key, () => makeSidecarScope(indexed, namespace, sidecar, key))
}

/**
 * Finds the Sidecar of a workload. A Sidecar with a selector has precedence. The Sidecar of the root namespace applies if the
 * workload has no other.
 */
export function findSidecar(indexed: IndexedModel, { namespace, labels }: Workload): Sidecar | undefined {
  const isForAll = ({ workloadSelector }: Sidecar) => workloadSelector === undefined
  return (
    indexed.sidecarsSelecting(namespace, labels)[0] ??
    indexed.sidecarsIn(namespace).find(isForAll) ??
    indexed.sidecarsIn(indexed.model.settings.rootNamespace).find(isForAll)
  )
}

function makeGatewayScope(indexed: IndexedModel, namespace: string): Scope {
  return {
    key: `gateway scope ${namespace}`,
    sidecar: undefined,
    egress: [],
    service: memo(host => mergeServices(indexed.servicesOfHosts(namespace, [host]))),
    outbound: indexed.model.settings.outbound,
  }
}

function makeSidecarScope(
  indexed: IndexedModel,
  namespace: string,
  sidecar: Sidecar | undefined,
  key: string,
): Scope {
  const listeners = sidecar === undefined || sidecar.egress.length === 0 ? [defaultListener] : sidecar.egress
  const egress = listeners.map(
    (listener, index) => new EgressScope(indexed, namespace, listener, `${key} ${index}`),
  )
  return {
    key,
    sidecar,
    egress,
    service: memo(host =>
      mergeServices(
        egress.flatMap(listener => [...listener.servicesOf(host), ...listener.destinationsOn(host)]),
      ),
    ),
    outbound: sidecar?.outbound ?? indexed.model.settings.outbound,
  }
}

const defaultListener: EgressListener = {
  port: undefined,
  bind: '',
  hosts: [{ namespace: '*', host: '*', isExcluded: false }],
}

/** The scope of one egress listener of a Sidecar. */
export class EgressScope {
  readonly key: string
  readonly port: EgressListener['port']
  readonly bind: string
  private readonly indexed: IndexedModel
  private readonly namespace: string
  private readonly imports: Imports
  /** The services, where all are imported by their names: they are few. */
  private named: readonly Service[] | undefined
  /** True if nothing that the namespace sees is left out. */
  readonly seesAll: boolean

  constructor(indexed: IndexedModel, namespace: string, listener: EgressListener, key: string) {
    this.key = key
    this.port = listener.port
    this.bind = listener.bind
    this.indexed = indexed
    this.namespace = namespace
    this.imports = new Imports(listener, namespace)
    this.seesAll = this.imports.isEverything && listener.port === undefined && listener.bind === ''
  }

  /** Lists all services, in order. */
  get services(): readonly Service[] {
    const { names } = this.imports
    if (names === undefined) return this.chosen(this.indexed.servicesSeenBy(this.namespace))
    this.named ??= this.chosen(this.indexed.servicesOfHosts(this.namespace, names))
    return this.named
  }

  /** Lists the services that have a port, in order. */
  servicesOn(port: number): readonly Service[] {
    return this.imports.names === undefined
      ? this.chosen(this.indexed.servicesOnPort(this.namespace, port))
      : this.services.filter(({ ports }) => ports.some(({ number }) => number === port))
  }

  /** Lists the services of a host: all are of one namespace. */
  readonly servicesOf = memo((host: string): readonly Service[] => {
    const imported = this.indexed
      .servicesOfHosts(this.namespace, [host])
      .flatMap(service => this.imported(service) ?? [])
    let chosen: Service | undefined
    for (const service of imported)
      if (
        chosen === undefined ||
        service.namespace === this.namespace ||
        (chosen.registry === 'External' &&
          service.registry === 'Kubernetes' &&
          chosen.namespace !== this.namespace)
      )
        chosen = service
    return imported.filter(({ namespace }) => namespace === chosen?.namespace)
  })

  /** Lists all VirtualServices, in order. */
  get virtualServices(): readonly VirtualService[] {
    return this.indexed
      .virtualServicesSeenBy(this.namespace, 'mesh')
      .filter(service => this.imports.hasVirtualService(service))
  }

  /** Lists the VirtualServices for some hosts that are not wildcards, and those for every wildcard. */
  virtualServicesAbout(hosts: Iterable<string>): readonly VirtualService[] {
    return this.indexed
      .virtualServicesAbout(this.namespace, hosts)
      .filter(service => this.imports.hasVirtualService(service))
  }

  /** The VirtualService with the most specific host that matches a service. */
  virtualServiceFor({ host }: Service): VirtualService | undefined {
    const hosts = new Map<string, VirtualService>()
    const candidates = isWildcard(host) ? this.virtualServices : this.virtualServicesAbout([host])
    for (const service of candidates)
      for (const each of service.hosts) if (!hosts.has(each)) hosts.set(each, service)
    return findMostSpecific(host, hosts)
  }

  /** The service of a host that VirtualServices send to, which need not be imported. See collectImportedServices. */
  destinationsOn(host: string): readonly Service[] {
    const { indexed, namespace, port } = this
    const byNamespace = indexed.servicesByHost.get(host)
    const service = byNamespace?.get(namespace) ?? (byNamespace && findBestVisible(byNamespace, namespace))
    if (service === undefined) return []
    return indexed.virtualServicesTo(namespace, host).flatMap(virtualService => {
      if (!this.imports.hasVirtualService(virtualService)) return []
      const destinationPorts = listDestinationPorts(virtualService, host, namespace)
      if (destinationPorts.size === 0) return []
      const seen =
        port !== undefined && port.protocol !== 'HTTP_PROXY'
          ? service.ports.filter(({ number }) => number === port.number)
          : destinationPorts.has(undefined)
            ? service.ports
            : service.ports.filter(({ number }) => destinationPorts.has(number))
      return seen.length > 0 ? [selectPorts(service, seen)] : []
    })
  }

  /**
   * Selects the services that are imported from those that the namespace sees, of each host from the namespace that
   * wins it.
   */
  private chosen(seen: readonly Service[]): readonly Service[] {
    const chosen: Service[] = []
    for (const service of seen) {
      const imported = this.imported(service)
      if (imported !== undefined && this.servicesOf(service.host).includes(imported)) chosen.push(imported)
    }
    return chosen
  }

  /** A service with the ports that the listener is for. */
  private readonly imported = memo((service: Service): Service | undefined => {
    if (!this.imports.hasService(service)) return undefined
    if (this.port === undefined || this.port.protocol === 'HTTP_PROXY') return service
    const ports = service.ports.filter(({ number }) => number === this.port!.number)
    return ports.length === 0 ? undefined : selectPorts(service, ports)
  })
}

const selectPorts = (service: Service, ports: readonly ServicePort[]): Service =>
  ports.length === service.ports.length ? service : { ...service, ports }

/** The hosts of an egress listener, by namespace. */
class Imports {
  private readonly byNamespace = new Map<string, { hosts: HostSet; excluded: HostSet }>()
  readonly isEverything: boolean
  /** The hosts, where each is a name and not a wildcard. */
  readonly names: readonly string[] | undefined

  constructor(listener: EgressListener, namespace: string) {
    const [first, ...others] = listener.hosts
    this.isEverything =
      others.length === 0 && first?.namespace === '*' && first.host === '*' && !first.isExcluded
    this.names = listener.hosts.some(({ host, isExcluded }) => !isExcluded && isWildcard(host))
      ? undefined
      : listener.hosts.map(({ host }) => host)
    for (const { namespace: written, host, isExcluded } of listener.hosts) {
      const name = written === '.' ? namespace : written
      let entry = this.byNamespace.get(name)
      if (entry === undefined) {
        entry = { hosts: new HostSet(), excluded: new HostSet() }
        this.byNamespace.set(name, entry)
      }
      ;(isExcluded ? entry.excluded : entry.hosts).add(host)
    }
  }

  hasService({ host, namespace }: Service): boolean {
    if (this.isEverything) return true
    return !this.excludes(host, namespace) && this.some(namespace, ({ hosts }) => hosts.contains(host))
  }

  /** Tells whether a VirtualService is imported: if one of its hosts is imported, all of its hosts are. */
  hasVirtualService({ hosts, namespace }: VirtualService): boolean {
    if (this.isEverything) return hosts.length > 0
    return hosts.some(
      host =>
        !this.excludes(host, namespace) && this.some(namespace, imported => imported.hosts.overlaps(host)),
    )
  }

  private excludes(host: string, namespace: string): boolean {
    return this.some(namespace, ({ excluded }) => excluded.contains(host))
  }

  private some(
    namespace: string,
    holds: (entry: { readonly hosts: HostSet; readonly excluded: HostSet }) => boolean,
  ): boolean {
    for (const name of [namespace, '*']) {
      const entry = this.byNamespace.get(name)
      if (entry !== undefined && holds(entry)) return true
    }
    return false
  }
}

/** Hosts of a listener. A Sidecar may list thousands of names, and wildcards are few. */
class HostSet {
  private readonly names = new Set<string>()
  private readonly wildcards: string[] = []

  add(host: string): void {
    if (isWildcard(host)) this.wildcards.push(host)
    else this.names.add(host)
  }

  /** Tells whether a host is one of these, or matches a wildcard of them. */
  contains(host: string): boolean {
    return this.names.has(host) || this.wildcards.some(wildcard => isHostWithin(host, wildcard))
  }

  /** Tells whether some name matches a host and one of these. */
  overlaps(host: string): boolean {
    if (this.names.has(host) || this.wildcards.some(wildcard => overlapsHost(host, wildcard))) return true
    return isWildcard(host) && [...this.names].some(name => isHostWithin(name, host))
  }
}

function findBestVisible(byNamespace: ReadonlyMap<string, Service>, namespace: string): Service | undefined {
  const visible = [...byNamespace.values()].filter(
    ({ exportTo }) => exportTo.includes('*') || exportTo.includes(namespace),
  )
  return visible.find(({ registry }) => registry === 'Kubernetes') ?? visible[0]
}

/**
 * Lists the ports of a host that a VirtualService sends to, undefined for every port. See
 * virtualServiceDestinationsFilteredBySourceNamespace.
 */
function listDestinationPorts(
  { http, tcp, tls }: VirtualService,
  host: string,
  namespace: string,
): ReadonlySet<number | undefined> {
  const ports = new Set<number | undefined>()
  const add = (destination: { readonly host: string; readonly port: number | undefined }) => {
    if (destination.host === host) ports.add(destination.port)
  }
  for (const { matches, destinations, mirrors } of http) {
    const named = matches.filter(({ sourceNamespace }) => sourceNamespace !== undefined)
    if (named.length > 0 && !named.some(({ sourceNamespace }) => sourceNamespace === namespace)) continue
    destinations.forEach(add)
    for (const { destination } of mirrors) add(destination)
  }
  for (const { destinations } of [...tcp, ...tls]) destinations.forEach(add)
  return ports
}

/** Services of one host, put together. See appendSidecarServices. */
function mergeServices(services: readonly Service[]): Service | undefined {
  let all: Service | undefined
  for (const service of services) all = all === undefined ? service : addService(all, service)
  return all
}

function addService(existing: Service, service: Service): Service {
  if (existing === service || (existing.registry === 'Kubernetes' && service.registry !== 'Kubernetes'))
    return existing
  if (existing.registry !== 'Kubernetes' && service.registry === 'Kubernetes') return service
  if (!canMerge(existing, service)) return existing
  const numbers = new Set(existing.ports.map(({ number }) => number))
  const more = service.ports.filter(({ number }) => !numbers.has(number))
  return more.length > 0 ? { ...existing, ports: [...existing.ports, ...more] } : existing
}

const canMerge = (a: Service, b: Service) =>
  a.namespace === b.namespace &&
  a.resolution === b.resolution &&
  a.registry === b.registry &&
  isSubset(a.labels, b.labels) &&
  isSubset(b.labels, a.labels) &&
  isSubset(a.selector, b.selector) &&
  isSubset(b.selector, a.selector) &&
  a.exportTo.join() === b.exportTo.join()
