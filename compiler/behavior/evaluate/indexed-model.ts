import { groupBy } from '../../basics/group-by.ts'
import { weakMemo } from '../../basics/weak-memo.ts'
import { isWildcard } from '../hosts.ts'
import { isSubset } from '../is-subset.ts'
import type {
  AuthorizationPolicy,
  BehaviorModel,
  Labels,
  LocalLimit,
  ModelObject,
  PeerAuthentication,
  RateLimit,
  RequestAuthentication,
  Service,
  SharedLimit,
  Sidecar,
  UnmodelledObject,
  UnmodelledReach,
  VirtualService,
  Workload,
} from '../model.ts'
import type { Unmodelled } from '../result.ts'
import { type DestinationRuleIndex, indexDestinationRules } from './destination-rule-index.ts'
import { SelectorIndex } from './selector-index.ts'
import { VisibleIndex } from './visible-index.ts'

/** A model with indexes for its objects. */
export interface IndexedModel {
  readonly model: BehaviorModel
  /** The services that count, by host, then namespace. */
  readonly servicesByHost: ReadonlyMap<string, ReadonlyMap<string, Service>>
  /** The routes of the Gateway API that name a service, and the ServiceEntries that contradict each other, by host. */
  readonly unmodelledByHost: ReadonlyMap<string, readonly Unmodelled[]>
  /** The services of Kubernetes, by `name.namespace`. */
  readonly kubernetesServices: ReadonlyMap<string, Service>
  /** All services that have endpoints, by `namespace/host`: two ServiceEntries may share one. */
  readonly servicesByKey: ReadonlyMap<string, readonly Service[]>
  /** Lists the services that a namespace sees, in order. */
  servicesSeenBy(namespace: string): readonly Service[]
  /** Lists the services of some hosts that a namespace sees. */
  servicesOfHosts(namespace: string, hosts: Iterable<string>): readonly Service[]
  /** Lists the services with a port that a namespace sees. */
  servicesOnPort(namespace: string, port: number): readonly Service[]
  /** Lists the VirtualServices that a namespace sees, bound to a gateway or `mesh`, in order. */
  virtualServicesSeenBy(namespace: string, gateway: string): readonly VirtualService[]
  /** Lists the VirtualServices for `mesh` that are for one of some hosts, whatever its case, or for a wildcard. */
  virtualServicesAbout(namespace: string, hosts: Iterable<string>): readonly VirtualService[]
  /** Lists the VirtualServices for `mesh` that send to a host. */
  virtualServicesTo(namespace: string, host: string): readonly VirtualService[]
  readonly destinationRules: DestinationRuleIndex
  /** The workloads of a namespace that have these labels. */
  workloadsWith(namespace: string, labels: Labels): readonly Workload[]
  /** The services of a workload: the oldest first, services of one age by host. */
  servicesOf(workload: Workload): readonly Service[]
  readonly workloadByAddress: ReadonlyMap<string, Workload>
  /** The services of Kubernetes, by their address. */
  readonly serviceByAddress: ReadonlyMap<string, Service>
  sidecarsIn(namespace: string): readonly Sidecar[]
  /** The Sidecars of a namespace with a selector that is a part of some labels. */
  sidecarsSelecting(namespace: string, labels: Labels): readonly Sidecar[]
  /** Lists the PeerAuthentications that select a workload, of its namespace and of the root. */
  peerAuthenticationsOf(workload: Workload): readonly PeerAuthentication[]
  requestAuthenticationsOf(workload: Workload): readonly RequestAuthentication[]
  authorizationPoliciesOf(workload: Workload): readonly AuthorizationPolicy[]
  /** Unmodelled objects that affect traffic of a workload in some directions, at a port or, without a port, at every port. */
  unmodelledAt(
    workload: Workload,
    ways: readonly UnmodelledReach['way'][],
    port?: number,
  ): readonly UnmodelledObject[]
  /** Lists the limits of the proxies of a workload, each with its object. */
  rateLimitsAt(
    workload: Workload,
    way: LocalLimit['way'],
  ): readonly (LocalLimit & { readonly object: RateLimit })[]
  /** Lists the parts of limits of rate-limit services at the proxies of a workload, each with its object. */
  sharedLimitsAt(
    workload: Workload,
    way: LocalLimit['way'],
  ): readonly (SharedLimit & { readonly object: RateLimit })[]
  /** Computes a value of the model once and returns it again: the key names it. */
  remember<Value>(key: string, make: () => Value): Value
}

/** Indexes a model, once as long as the model lives. */
export const indexModel = weakMemo(makeIndexedModel)

/** An indexed model with other AuthorizationPolicies. It shares the caches of the first, which do not depend on these policies. */
export const withPoliciesAt = (
  indexed: IndexedModel,
  authorizationPoliciesOf: IndexedModel['authorizationPoliciesOf'],
): IndexedModel => Object.create(indexed, { authorizationPoliciesOf: { value: authorizationPoliciesOf } })

function makeIndexedModel(model: BehaviorModel): IndexedModel {
  const { rootNamespace } = model.settings
  const remembered = new Map<string, unknown>()
  const remember = <Value>(key: string, make: () => Value): Value => {
    // The value of a key was made by the one function that uses such keys.
    const existing = remembered.get(key) as Value | undefined
    if (existing !== undefined) return existing
    const made = make()
    remembered.set(key, made)
    return made
  }
  const { services, workloads, virtualServices } = model
  /** The objects that select a workload, of its namespace and of the root, looked for once for each workload. */
  const selecting = <Kind extends ModelObject & { readonly selector: Labels }>(
    index: SelectorIndex<Kind>,
    order: 'local first' | 'root first',
  ) =>
    weakMemo(({ namespace, labels }: Workload): readonly Kind[] => {
      const places = namespace === rootNamespace ? [namespace] : [namespace, rootNamespace]
      return (order === 'local first' ? places : places.toReversed()).flatMap(place =>
        index.selecting(place, labels),
      )
    })
  return {
    model,
    get servicesByHost() {
      return servicesByHost(services)
    },
    get unmodelledByHost() {
      return unmodelledByHost(model)
    },
    get kubernetesServices() {
      return kubernetesServices(services)
    },
    get servicesByKey() {
      return servicesByKey(services)
    },
    servicesSeenBy: namespace => visibleServices(services).seenBy(namespace, [anyKey]),
    servicesOfHosts: (namespace, hosts) => servicesByVisibleHost(services).seenBy(namespace, hosts),
    servicesOnPort: (namespace, port) => servicesByPort(services).seenBy(namespace, [port]),
    virtualServicesSeenBy: (namespace, gateway) =>
      virtualServicesByGateway(virtualServices).seenBy(namespace, [gateway]),
    virtualServicesAbout: (namespace, hosts) =>
      virtualServicesByHost(virtualServices).seenBy(namespace, [
        anyWildcard,
        ...[...hosts].map(host => host.toLowerCase()),
      ]),
    virtualServicesTo: (namespace, host) =>
      virtualServicesByDestination(virtualServices).seenBy(namespace, [host]),
    get destinationRules() {
      return remember('destination rules', () => indexDestinationRules(model))
    },
    workloadsWith(namespace, labels) {
      const [first] = Object.entries(labels)
      const candidates = workloadsByLabel(workloads).get(
        first === undefined ? namespace : `${namespace}/${first[0]}=${first[1]}`,
      )
      return (candidates ?? []).filter(workload => isSubset(labels, workload.labels))
    },
    servicesOf: ({ namespace, labels }) =>
      servicesBySelector(model.servicesByAgeAndHost).selecting(namespace, labels),
    get workloadByAddress() {
      return workloadByAddress(workloads)
    },
    get serviceByAddress() {
      return serviceByAddress(services)
    },
    sidecarsSelecting: (namespace, labels) => sidecarsBySelector(model.sidecars).selecting(namespace, labels),
    sidecarsIn: namespace => sidecarsByNamespace(model.sidecars).get(namespace) ?? [],
    peerAuthenticationsOf: selecting(peersBySelector(model.peerAuthentications), 'local first'),
    requestAuthenticationsOf: selecting(tokensBySelector(model.requestAuthentications), 'local first'),
    authorizationPoliciesOf: selecting(policiesBySelector(model.authorizationPolicies), 'root first'),
    unmodelledAt: ({ namespace, labels }, ways, port) =>
      [...new Set([namespace, rootNamespace])]
        .flatMap(name => unmodelledByNamespace(model.unmodelledObjects).get(name) ?? [])
        .filter(({ workloads }) => workloads !== undefined && isSubset(workloads, labels))
        .filter(({ reaches }) =>
          reaches.some(
            ({ way, ports }) =>
              ways.includes(way) && (ports === undefined || port === undefined || ports.includes(port)),
          ),
        ),
    rateLimitsAt: ({ namespace, labels }, way) =>
      model.rateLimits.flatMap(object =>
        (object.namespace === namespace || object.namespace === rootNamespace) &&
        isSubset(object.workloads, labels)
          ? object.limits.filter(limit => limit.way === way).map(limit => ({ ...limit, object }))
          : [],
      ),
    sharedLimitsAt: ({ namespace, labels }, way) =>
      model.rateLimits.flatMap(object =>
        (object.namespace === namespace || object.namespace === rootNamespace) &&
        isSubset(object.workloads, labels)
          ? object.sharedLimits.filter(limit => limit.way === way).map(limit => ({ ...limit, object }))
          : [],
      ),
    remember,
  }
}

const servicesByHost = weakMemo(indexHosts)
const unmodelledByHost = weakMemo(({ services, unmodelledObjects }: BehaviorModel) => {
  const byHost = new Map<string, Unmodelled[]>()
  const add = (host: string, unmodelled: readonly Unmodelled[]) => {
    if (unmodelled.length > 0) byHost.set(host, [...(byHost.get(host) ?? []), ...unmodelled])
  }
  for (const { hosts, unmodelled } of unmodelledObjects)
    for (const host of new Set(hosts)) add(host, unmodelled)
  for (const [host, byNamespace] of servicesByHost(services))
    for (const { unmodelled } of byNamespace.values())
      add(
        host,
        unmodelled.filter(({ reason }) => reason?.code === 'service-entries-of-one-age'),
      )
  return byHost
})
const kubernetesServices = weakMemo(
  (all: readonly Service[]) =>
    new Map(
      all
        .filter(({ registry }) => registry === 'Kubernetes')
        .map(service => [`${service.name}.${service.namespace}`, service]),
    ),
)
const servicesByKey = weakMemo((all: readonly Service[]) =>
  groupBy(all, ({ namespace, host }) => [`${namespace}/${host}`]),
)
/** A service that is exported to some namespaces comes first. */
const indexServicesBy = <Key>(keysOf: (service: Service) => Iterable<Key>) =>
  weakMemo(
    (all: readonly Service[]) =>
      new VisibleIndex(all, keysOf, ({ exportTo }) => (exportTo.includes('*') ? 1 : 0)),
  )
const anyKey = 'everything'
const visibleServices = indexServicesBy(() => [anyKey])
const servicesByVisibleHost = indexServicesBy(({ host }) => [host])
const servicesByPort = indexServicesBy(({ ports }) => ports.map(({ number }) => number))
/** A Service without a selector has no pods. */
const servicesBySelector = weakMemo(
  (all: readonly Service[]) =>
    new SelectorIndex(all, ({ selector }) => (Object.keys(selector).length === 0 ? undefined : selector)),
)
const serviceByAddress = weakMemo(
  (all: readonly Service[]) =>
    new Map(
      all.flatMap(service =>
        service.registry === 'Kubernetes'
          ? service.addresses.map(address => [address, service] as const)
          : [],
      ),
    ),
)
/** See initVirtualServices and VirtualServicesForGateway in pilot/pkg/model/push_context.go of istio/istio. */
const indexVirtualServicesBy = (keysOf: (virtualService: VirtualService) => Iterable<string>) =>
  weakMemo(
    (all: readonly VirtualService[]) =>
      new VisibleIndex(all, keysOf, (virtualService, namespace) =>
        virtualService.exportTo.includes('*') ? 2 : virtualService.namespace === namespace ? 0 : 1,
      ),
  )
const virtualServicesByGateway = indexVirtualServicesBy(({ gateways }) => gateways)
/** The key for all wildcard hosts; it is not a host itself. */
const anyWildcard = ''
const virtualServicesByHost = indexVirtualServicesBy(({ gateways, hosts }) =>
  gateways.includes('mesh') ? hosts.map(host => (isWildcard(host) ? anyWildcard : host.toLowerCase())) : [],
)
const virtualServicesByDestination = indexVirtualServicesBy(virtualService =>
  virtualService.gateways.includes('mesh') ? listDestinationHosts(virtualService) : [],
)

function* listDestinationHosts({ http, tcp, tls }: VirtualService): Generator<string> {
  for (const { destinations, mirrors } of http) {
    for (const { host } of destinations) yield host
    for (const { destination } of mirrors) yield destination.host
  }
  for (const { destinations } of [...tcp, ...tls]) for (const { host } of destinations) yield host
}

const workloadsByLabel = weakMemo((all: readonly Workload[]) =>
  groupBy(all, ({ namespace, labels }) => [
    namespace,
    ...Object.entries(labels).map(([key, value]) => `${namespace}/${key}=${value}`),
  ]),
)
const workloadByAddress = weakMemo(
  (all: readonly Workload[]) =>
    new Map(all.flatMap(workload => (workload.address ? [[workload.address, workload] as const] : []))),
)
const byNamespace = <Kind extends ModelObject>() =>
  weakMemo((all: readonly Kind[]) => groupBy(all, ({ namespace }) => [namespace]))
const sidecarsBySelector = weakMemo(
  (all: readonly Sidecar[]) => new SelectorIndex(all, ({ workloadSelector }) => workloadSelector),
)
const sidecarsByNamespace = byNamespace<Sidecar>()
const peersBySelector = weakMemo(
  (all: readonly PeerAuthentication[]) => new SelectorIndex(all, ({ selector }) => selector),
)
/** Selects the policies for workloads, and not for a waypoint or a gateway by its name. */
const selectForWorkloads = <
  Kind extends ModelObject & { readonly selector: Labels; readonly targets: readonly unknown[] },
>() =>
  weakMemo(
    (all: readonly Kind[]) =>
      new SelectorIndex(all, ({ selector, targets }) => (targets.length === 0 ? selector : undefined)),
  )
const tokensBySelector = selectForWorkloads<RequestAuthentication>()
const policiesBySelector = selectForWorkloads<AuthorizationPolicy>()
const unmodelledByNamespace = byNamespace<UnmodelledObject>()

/**
 * Indexes the services that istiod sees: the first of a host and namespace counts, but one of Kubernetes before one of a
 * ServiceEntry.
 */
function indexHosts(services: readonly Service[]): IndexedModel['servicesByHost'] {
  const hosts = new Map<string, Map<string, Service>>()
  for (const service of services) {
    if (service.isUndiscovered) continue
    let byNamespace = hosts.get(service.host)
    if (byNamespace === undefined) {
      byNamespace = new Map()
      hosts.set(service.host, byNamespace)
    }
    const existing = byNamespace.get(service.namespace)
    if (existing === undefined || (existing.registry === 'External' && service.registry === 'Kubernetes'))
      byNamespace.set(service.namespace, service)
  }
  return hosts
}
