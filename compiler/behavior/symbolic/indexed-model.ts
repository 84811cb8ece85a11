import { groupBy } from '../../basics/group-by.ts'
import { memo } from '../../basics/memo.ts'
import { weakMemo } from '../../basics/weak-memo.ts'
import type {
  AuthorizationPolicy,
  BehaviorModel,
  DestinationRule,
  Labels,
  PeerAuthentication,
  Service,
  ServicePort,
  UnmodelledObject,
  UnmodelledReach,
  VirtualService,
  Workload,
} from '../model.ts'
import { getQualifiedName } from '../qualified-name.ts'
import type { Unmodelled } from '../result.ts'
import type { Arrival } from './arrival-view.ts'
import { isWildcard } from './host-names.ts'

/** A model, with indexes by name for frequent questions. */
export interface IndexedModel {
  readonly model: BehaviorModel
  readonly servicesByHost: ReadonlyMap<string, readonly Service[]>
  readonly wildcardServices: readonly Service[]
  readonly servicesByPort: ReadonlyMap<number, readonly Service[]>
  readonly virtualServicesByHost: ReadonlyMap<string, readonly VirtualService[]>
  readonly wildcardVirtualServices: readonly VirtualService[]
  readonly virtualServicesByGateway: ReadonlyMap<string, readonly VirtualService[]>
  readonly virtualServicesByDestination: ReadonlyMap<string, readonly VirtualService[]>
  readonly destinationRulesByHost: ReadonlyMap<string, readonly DestinationRule[]>
  readonly wildcardDestinationRules: readonly DestinationRule[]
  readonly workloadsByNamespace: ReadonlyMap<string, readonly Workload[]>
  readonly workloadsByName: ReadonlyMap<string, Workload>
  readonly peerAuthenticationsByNamespace: ReadonlyMap<string, readonly PeerAuthentication[]>
  /** The pods of a Service, or the workloads that a ServiceEntry selects. */
  readonly podsOf: (service: Service) => readonly Workload[]
  /** The Services whose pods include a workload: the oldest first, Services of one age by host. */
  readonly servicesOf: (workload: Workload) => readonly Service[]
  /** Objects of unmodelled kinds that may affect traffic of a workload in some directions, at a port or at every port. */
  readonly unmodelledFor: (
    workload: Pick<Workload, 'namespace' | 'labels'>,
    ways: readonly UnmodelledReach['way'][],
    port?: number,
  ) => readonly Unmodelled[]
  /** Lists the parts that are not modelled and may touch requests to a host. */
  readonly unmodelledForHost: (host: string) => readonly Unmodelled[]
  /** The place of a VirtualService among all, the oldest first. */
  readonly age: (virtualService: VirtualService) => number
  /** The AuthorizationPolicies that are enforced at a workload. */
  readonly policiesOf: (workload: Workload) => readonly AuthorizationPolicy[]
  /** Takes note of each arrival at a server that a tree is made of. */
  readonly noteArrival?: (workload: Workload, arrival: Arrival) => void
  /** Computes a value at the first call with a key; later calls return it. The value must not depend on an AuthorizationPolicy. */
  readonly once: Once
  /** The same for values that depend on AuthorizationPolicies. */
  readonly onceOfPolicies: Once
  /** The same for values that depend on Gateways, workloads and Services only. */
  readonly onceOfGateways: Once
}

type Once = <Value>(key: string, compute: () => Value) => Value

export function indexModel(model: BehaviorModel): IndexedModel {
  const { services, workloads, virtualServices, destinationRules } = model
  const pods = new Map<Service, readonly Workload[]>()
  const servicesBehind = new Map<Workload, readonly Service[]>()
  return {
    model,
    get servicesByHost() {
      return servicesByHost(services)
    },
    get wildcardServices() {
      return wildcardServices(services)
    },
    get servicesByPort() {
      return servicesByPort(services)
    },
    get virtualServicesByHost() {
      return virtualServicesByHost(virtualServices)
    },
    get wildcardVirtualServices() {
      return wildcardVirtualServices(virtualServices)
    },
    get virtualServicesByGateway() {
      return virtualServicesByGateway(virtualServices)
    },
    get virtualServicesByDestination() {
      return virtualServicesByDestination(virtualServices)
    },
    get destinationRulesByHost() {
      return destinationRulesByHost(destinationRules)
    },
    get wildcardDestinationRules() {
      return wildcardDestinationRules(destinationRules)
    },
    get workloadsByNamespace() {
      return workloadsByNamespace(workloads)
    },
    get workloadsByName() {
      return workloadsByName(workloads)
    },
    get peerAuthenticationsByNamespace() {
      return peerAuthenticationsByNamespace(model.peerAuthentications)
    },
    podsOf: service => {
      const pod =
        pods.get(service) ??
        (isEmpty(service.selector)
          ? []
          : (
              workloadsByLabel(workloads).get(findFirstLabel(service.namespace, service.selector)) ?? []
            ).filter(({ labels }) => hasLabels(labels, service.selector)))
      pods.set(service, pod)
      return pod
    },
    servicesOf: workload => {
      const foundServices =
        servicesBehind.get(workload) ?? listServicesSelecting(model.servicesByAgeAndHost, workload)
      servicesBehind.set(workload, foundServices)
      return foundServices
    },
    unmodelledFor: (workload, ways, port) =>
      model.unmodelledObjects.length === 0
        ? noneUnmodelled
        : model.unmodelledObjects
            .filter(object => touches(object, workload, model.settings.rootNamespace))
            .filter(({ reaches }) => reaches.some(reach => isOnWay(reach, ways, port)))
            .flatMap(({ unmodelled }) => unmodelled),
    unmodelledForHost: host => [
      ...model.unmodelledObjects
        .filter(({ hosts }) => hosts.includes(host))
        .flatMap(({ unmodelled }) => unmodelled),
      ...(servicesByHost(services).get(host) ?? []).flatMap(({ unmodelled }) =>
        unmodelled.filter(({ reason }) => reason?.code === 'service-entries-of-one-age'),
      ),
    ],
    age: virtualService => ages(virtualServices).get(virtualService)!,
    policiesOf: memo(workload => listEnforced(model, workload)),
    once: makeMemory(),
    onceOfPolicies: makeMemory(),
    onceOfGateways: makeMemory(),
  }
}

/** An indexed model with other policies at its workloads. */
export const withPolicies = (
  indexed: IndexedModel,
  policiesOf: (workload: Workload) => readonly AuthorizationPolicy[],
): IndexedModel => ({ ...indexed, policiesOf: memo(policiesOf), onceOfPolicies: makeMemory() })

/** Lists the policies of the workload's namespace and of the root that select it. */
function listEnforced(
  { authorizationPolicies, settings: { rootNamespace } }: BehaviorModel,
  { namespace, labels }: Workload,
): readonly AuthorizationPolicy[] {
  const byLabel = enforcedByLabel(authorizationPolicies)
  const listIn = (place: string): readonly AuthorizationPolicy[] => {
    const selecting = [...(byLabel.get(findFirstLabel(place, {})) ?? [])]
    for (const [name, value] of Object.entries(labels))
      for (const each of byLabel.get(makeLabelKey(place, name, value)) ?? [])
        if (hasLabels(labels, each.policy.selector)) selecting.push(each)
    return selecting.sort((a, b) => a.place - b.place).map(({ policy }) => policy)
  }
  return namespace === rootNamespace ? listIn(namespace) : [...listIn(namespace), ...listIn(rootNamespace)]
}

/** An indexed model with other VirtualServices, in their order. */
export function withVirtualServices(
  indexed: IndexedModel,
  virtualServices: readonly VirtualService[],
): IndexedModel {
  const ages = new Map(virtualServices.map((virtualService, index) => [virtualService, index]))
  // There is one such model for each VirtualService of a mesh: to copy all of a model takes longer than to name its parts.
  return {
    servicesByHost: indexed.servicesByHost,
    wildcardServices: indexed.wildcardServices,
    servicesByPort: indexed.servicesByPort,
    destinationRulesByHost: indexed.destinationRulesByHost,
    wildcardDestinationRules: indexed.wildcardDestinationRules,
    workloadsByNamespace: indexed.workloadsByNamespace,
    workloadsByName: indexed.workloadsByName,
    peerAuthenticationsByNamespace: indexed.peerAuthenticationsByNamespace,
    podsOf: indexed.podsOf,
    servicesOf: indexed.servicesOf,
    unmodelledFor: indexed.unmodelledFor,
    unmodelledForHost: indexed.unmodelledForHost,
    policiesOf: indexed.policiesOf,
    ...(indexed.noteArrival !== undefined && { noteArrival: indexed.noteArrival }),
    model: { ...indexed.model, virtualServices },
    virtualServicesByHost: groupBy(virtualServices, ({ hosts }) => hosts),
    wildcardVirtualServices: virtualServices.filter(({ hosts }) => hosts.some(isWildcard)),
    virtualServicesByGateway: groupBy(virtualServices, ({ gateways }) => gateways),
    virtualServicesByDestination: groupBy(virtualServices, listDestinationHosts),
    age: virtualService => ages.get(virtualService)!,
    once: makeMemory(),
    onceOfPolicies: makeMemory(),
    onceOfGateways: indexed.onceOfGateways,
  }
}

/** Makes a cache of computed values by key. */
function makeMemory(): Once {
  const values = new Map<string, unknown>()
  return <Value>(key: string, compute: () => Value): Value => {
    // Each key has one type of value; its prefix determines the type.
    if (values.has(key)) return values.get(key) as Value
    const value = compute()
    values.set(key, value)
    return value
  }
}

const noneUnmodelled: readonly Unmodelled[] = []

export const servicesByHost = weakMemo((all: readonly Service[]) => groupBy(all, ({ host }) => [host]))
const servicesByPort = weakMemo((all: readonly Service[]) =>
  groupBy(all, ({ ports }) => ports.map(({ number }) => number)),
)
const wildcardServices = weakMemo((all: readonly Service[]) => all.filter(({ host }) => isWildcard(host)))
const virtualServicesByHost = weakMemo((all: readonly VirtualService[]) => groupBy(all, ({ hosts }) => hosts))
const virtualServicesByGateway = weakMemo((all: readonly VirtualService[]) =>
  groupBy(all, ({ gateways }) => gateways),
)
const virtualServicesByDestination = weakMemo((all: readonly VirtualService[]) =>
  groupBy(all, listDestinationHosts),
)
const wildcardVirtualServices = weakMemo((all: readonly VirtualService[]) =>
  all.filter(({ hosts }) => hosts.some(isWildcard)),
)
const ages = weakMemo(
  (all: readonly VirtualService[]) => new Map(all.map((virtualService, index) => [virtualService, index])),
)
const destinationRulesByHost = weakMemo((all: readonly DestinationRule[]) =>
  groupBy(all, ({ host }) => [host]),
)
const wildcardDestinationRules = weakMemo((all: readonly DestinationRule[]) =>
  all.filter(({ host }) => isWildcard(host)),
)
const workloadsByNamespace = weakMemo((all: readonly Workload[]) =>
  groupBy(all, ({ namespace }) => [namespace]),
)
/** Lists the services whose selectors match a workload, in their order. */
function listServicesSelecting(
  services: readonly Service[],
  { namespace, labels }: Workload,
): readonly Service[] {
  const byLabel = servicesByLabel(services)
  const candidates = Object.entries(labels).flatMap(
    ([name, value]) => byLabel.get(makeLabelKey(namespace, name, value)) ?? [],
  )
  return candidates
    .filter(({ service }) => hasLabels(labels, service.selector))
    .sort((a, b) => a.place - b.place)
    .map(({ service }) => service)
}

const servicesByLabel = weakMemo((all: readonly Service[]) =>
  groupBy(
    all.map((service, place) => ({ service, place })),
    ({ service: { namespace, selector } }) =>
      isEmpty(selector) ? [] : [findFirstLabel(namespace, selector)],
  ),
)

/** A workload that has all labels of a selector has its first. */
const workloadsByLabel = weakMemo((all: readonly Workload[]) =>
  groupBy(all, ({ namespace, labels }) =>
    Object.entries(labels).map(([name, value]) => makeLabelKey(namespace, name, value)),
  ),
)
/** The index key of the first label of a selector, or of an empty selector. */
function findFirstLabel(namespace: string, selector: Labels): string {
  for (const name in selector) return makeLabelKey(namespace, name, selector[name]!)
  return `${namespace} `
}

const makeLabelKey = (namespace: string, name: string, value: string): string =>
  `${namespace} ${name}=${value}`
export const workloadsByName = weakMemo(
  (all: readonly Workload[]) => new Map(all.map(workload => [getQualifiedName(workload), workload])),
)
const peerAuthenticationsByNamespace = weakMemo((all: readonly PeerAuthentication[]) =>
  groupBy(all, ({ namespace }) => [namespace]),
)
/** The policies that are enforced, by the first label that they select: of thousands in a namespace, a workload has a few. */
const enforcedByLabel = weakMemo((all: readonly AuthorizationPolicy[]) =>
  groupBy(
    all
      .map((policy, place) => ({ policy, place }))
      .filter(({ policy: { isDryRun, targets } }) => !isDryRun && targets.length === 0),
    ({ policy: { namespace, selector } }) => [findFirstLabel(namespace, selector)],
  ),
)

export function isEmpty(labels: Labels): boolean {
  for (const _ in labels) return false
  return true
}

/** Tells whether a workload has all labels that a selector asks for. */
export function hasLabels(labels: Labels, selector: Labels): boolean {
  for (const name in selector)
    if (!Object.hasOwn(labels, name) || labels[name] !== selector[name]) return false
  return true
}

/** Tells whether two sets of labels are equal. */
export const areSameLabels = (a: Labels, b: Labels): boolean => hasLabels(a, b) && hasLabels(b, a)

/** A UDP port is the result only if no other port has the number: proxies do not configure UDP. */
export const findPort = ({ ports }: Service, number: number): ServicePort | undefined =>
  ports.find(port => port.number === number && port.protocol !== 'UDP') ??
  ports.find(port => port.number === number)

/** The hosts that a VirtualService sends anything to. */
export const listDestinationHosts = ({ http, tls, tcp }: VirtualService): readonly string[] => [
  ...new Set(
    [
      ...http.flatMap(({ destinations, mirrors }) => [
        ...destinations,
        ...mirrors.map(({ destination }) => destination),
      ]),
      ...[...tls, ...tcp].flatMap(({ destinations }) => destinations),
    ].map(({ host }) => host),
  ),
]

function touches(
  { namespace, workloads }: UnmodelledObject,
  workload: Pick<Workload, 'namespace' | 'labels'>,
  rootNamespace: string,
): boolean {
  return (
    workloads !== undefined &&
    (namespace === workload.namespace || namespace === rootNamespace) &&
    hasLabels(workload.labels, workloads)
  )
}

function isOnWay(
  { way, ports }: UnmodelledReach,
  ways: readonly UnmodelledReach['way'][],
  port: number | undefined,
): boolean {
  return ways.includes(way) && (ports === undefined || port === undefined || ports.includes(port))
}
