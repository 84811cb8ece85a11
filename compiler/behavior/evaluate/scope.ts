import { isWildcard, isWithin, mostSpecific, overlaps } from '../hosts.ts'
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
import type { World } from './world.ts'

/** What a proxy knows of the mesh. See pilot/pkg/model/sidecar.go of istio/istio. */
export interface Scope {
  readonly key: string
  readonly sidecar: Sidecar | undefined
  /** In their order; of a gateway none. */
  readonly egress: readonly EgressScope[]
  /** All that it has clusters for, by host. */
  readonly services: ReadonlyMap<string, Service>
  readonly outbound: OutboundMode
}

/** What is seen by one egress listener of a Sidecar. */
export interface EgressScope {
  readonly key: string
  readonly port: EgressListener['port']
  readonly bind: string
  readonly services: readonly Service[]
  readonly virtualServices: readonly VirtualService[]
  /** The VirtualService whose host is the most specific for a service. */
  virtualServiceFor(service: Service): VirtualService | undefined
}

export function scopeOf(world: World, workload: Workload): Scope {
  const { namespace } = workload
  if (workload.proxy === 'gateway')
    return world.remember(`gateway scope ${namespace}`, () => gatewayScope(world, namespace))
  const sidecar = sidecarOf(world, workload)
  const name = sidecar === undefined ? '' : `${sidecar.namespace}/${sidecar.name}`
  const key = `scope ${namespace} ${name}`
  return world.remember(key, () => sidecarScope(world, namespace, sidecar, key))
}

/** Those with a selector come first; that of the root namespace is for all that have none. */
function sidecarOf({ model }: World, { namespace, labels }: Workload): Sidecar | undefined {
  const { sidecars, settings } = model
  const own = sidecars.filter(sidecar => sidecar.namespace === namespace)
  return (
    own.find(
      ({ workloadSelector }) => workloadSelector !== undefined && isSubset(workloadSelector, labels),
    ) ??
    own.find(({ workloadSelector }) => workloadSelector === undefined) ??
    sidecars.find(
      sidecar => sidecar.namespace === settings.rootNamespace && sidecar.workloadSelector === undefined,
    )
  )
}

function gatewayScope(world: World, namespace: string): Scope {
  const services = new MergedServices()
  for (const service of world.servicesSeenBy(namespace)) services.add(service)
  return {
    key: `gateway scope ${namespace}`,
    sidecar: undefined,
    egress: [],
    services: services.byHost,
    outbound: world.model.settings.outbound,
  }
}

function sidecarScope(world: World, namespace: string, sidecar: Sidecar | undefined, key: string): Scope {
  const listeners = sidecar === undefined || sidecar.egress.length === 0 ? [everything] : sidecar.egress
  const egress = listeners.map((listener, index) =>
    egressScope(world, namespace, listener, `${key} ${index}`),
  )
  const services = new MergedServices()
  for (const listener of egress) {
    for (const service of listener.services) services.add(service)
    for (const service of destinationsOf(world, namespace, listener)) services.add(service)
  }
  return {
    key,
    sidecar,
    egress,
    services: services.byHost,
    outbound: sidecar?.outbound ?? world.model.settings.outbound,
  }
}

const everything: EgressListener = {
  port: undefined,
  bind: '',
  hosts: [{ namespace: '*', host: '*', isExcluded: false }],
}

function egressScope(world: World, namespace: string, listener: EgressListener, key: string): EgressScope {
  const imports = new Imports(listener, namespace)
  const virtualServices = world
    .virtualServicesSeenBy(namespace, 'mesh')
    .filter(service => imports.hasVirtualService(service))
  const matchesPort = listener.port !== undefined && listener.port.protocol !== 'HTTP_PROXY'
  const imported = world.servicesSeenBy(namespace).flatMap(service => {
    if (!imports.hasService(service)) return []
    if (!matchesPort) return [service]
    const ports = service.ports.filter(({ number }) => number === listener.port!.number)
    return ports.length === 0 ? [] : [withPorts(service, ports)]
  })
  const chosen = new Map<string, Service>()
  for (const service of imported) {
    const existing = chosen.get(service.host)
    if (
      existing === undefined ||
      service.namespace === namespace ||
      (existing.registry === 'External' &&
        service.registry === 'Kubernetes' &&
        existing.namespace !== namespace)
    )
      chosen.set(service.host, service)
  }
  const hosts = new Map<string, VirtualService>()
  for (const service of virtualServices)
    for (const host of service.hosts) if (!hosts.has(host)) hosts.set(host, service)
  return {
    key,
    port: listener.port,
    bind: listener.bind,
    services: imported.filter(({ host, namespace: of }) => chosen.get(host)!.namespace === of),
    virtualServices,
    virtualServiceFor: service => mostSpecific(service.host, hosts),
  }
}

const withPorts = (service: Service, ports: readonly ServicePort[]): Service =>
  ports.length === service.ports.length ? service : { ...service, ports }

/** The hosts of an egress listener, by namespace. */
class Imports {
  private readonly byNamespace = new Map<string, { hosts: string[]; excluded: string[] }>()
  private readonly isEverything: boolean

  constructor(listener: EgressListener, namespace: string) {
    const [first, ...others] = listener.hosts
    this.isEverything =
      others.length === 0 && first?.namespace === '*' && first.host === '*' && !first.isExcluded
    for (const { namespace: written, host, isExcluded } of listener.hosts) {
      const name = written === '.' ? namespace : written
      let entry = this.byNamespace.get(name)
      if (entry === undefined) {
        entry = { hosts: [], excluded: [] }
        this.byNamespace.set(name, entry)
      }
      ;(isExcluded ? entry.excluded : entry.hosts).push(host)
    }
  }

  hasService({ host, namespace }: Service): boolean {
    if (this.isEverything) return true
    return !this.excludes(host, namespace) && this.some(namespace, imported => isWithin(host, imported))
  }

  /** Any host that is imported brings all of a VirtualService along. */
  hasVirtualService({ hosts, namespace }: VirtualService): boolean {
    if (this.isEverything) return hosts.length > 0
    return hosts.some(
      host =>
        !this.excludes(host, namespace) &&
        this.some(namespace, imported =>
          isWildcard(host) || isWildcard(imported) ? overlaps(host, imported) : host === imported,
        ),
    )
  }

  private excludes(host: string, namespace: string): boolean {
    return [namespace, '*'].some(name =>
      this.byNamespace.get(name)?.excluded.some(excluded => isWithin(host, excluded)),
    )
  }

  private some(namespace: string, holds: (host: string) => boolean): boolean {
    return [namespace, '*'].some(name => this.byNamespace.get(name)?.hosts.some(holds))
  }
}

/** Services that VirtualServices send to, which need not be imported. See collectImportedServices. */
function* destinationsOf(world: World, namespace: string, listener: EgressScope): Generator<Service> {
  for (const virtualService of listener.virtualServices)
    for (const [host, ports] of destinationPorts(virtualService, namespace)) {
      const byNamespace = world.servicesByHost.get(host)
      if (byNamespace === undefined) continue
      const service = byNamespace.get(namespace) ?? bestVisible(byNamespace, namespace)
      if (service === undefined) continue
      const { port } = listener
      const seen =
        port !== undefined && port.protocol !== 'HTTP_PROXY'
          ? service.ports.filter(({ number }) => number === port.number)
          : ports.has(0)
            ? service.ports
            : service.ports.filter(({ number }) => ports.has(number))
      if (seen.length > 0) yield withPorts(service, seen)
    }
}

function bestVisible(byNamespace: ReadonlyMap<string, Service>, namespace: string): Service | undefined {
  const visible = [...byNamespace.values()].filter(
    ({ exportTo }) => exportTo.includes('*') || exportTo.includes(namespace),
  )
  return visible.find(({ registry }) => registry === 'Kubernetes') ?? visible[0]
}

/** By host; 0 stands for every port. See virtualServiceDestinationsFilteredBySourceNamespace. */
function destinationPorts(service: VirtualService, namespace: string): Map<string, Set<number>> {
  const destinations = new Map<string, Set<number>>()
  const add = ({ host, port }: { readonly host: string; readonly port: number | undefined }) => {
    const ports = destinations.get(host)
    if (ports === undefined) destinations.set(host, new Set([port ?? 0]))
    else ports.add(port ?? 0)
  }
  for (const { matches, destinations: to, mirrors } of service.http) {
    const named = matches.filter(({ sourceNamespace }) => sourceNamespace !== undefined)
    if (named.length > 0 && !named.some(({ sourceNamespace }) => sourceNamespace === namespace)) continue
    for (const destination of to) add(destination)
    for (const { destination } of mirrors) add(destination)
  }
  for (const { destinations: to } of [...service.tcp, ...service.tls])
    for (const destination of to) add(destination)
  return destinations
}

/** Services of one host, put together. See appendSidecarServices. */
class MergedServices {
  readonly byHost = new Map<string, Service>()

  add(service: Service): void {
    const existing = this.byHost.get(service.host)
    if (existing === undefined) {
      this.byHost.set(service.host, service)
      return
    }
    if (existing === service || (existing.registry === 'Kubernetes' && service.registry !== 'Kubernetes'))
      return
    if (existing.registry !== 'Kubernetes' && service.registry === 'Kubernetes') {
      this.byHost.set(service.host, service)
      return
    }
    if (!canMerge(existing, service)) return
    const numbers = new Set(existing.ports.map(({ number }) => number))
    const more = service.ports.filter(({ number }) => !numbers.has(number))
    if (more.length > 0) this.byHost.set(service.host, { ...existing, ports: [...existing.ports, ...more] })
  }
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
