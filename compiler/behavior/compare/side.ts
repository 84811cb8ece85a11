import type {
  AuthorizationPolicy,
  BehaviorModel,
  DestinationRule,
  Labels,
  ModelObject,
  PeerAuthentication,
  Service,
  ServicePort,
  UnmodelledObject,
  VirtualService,
  Workload,
} from '../model.ts'
import type { Unmodelled } from '../result.ts'
import { isWildcard } from './host-names.ts'

/** One set of manifests, and what is asked of it again and again, by name. */
export interface Side {
  readonly model: BehaviorModel
  readonly servicesByHost: ReadonlyMap<string, readonly Service[]>
  readonly wildcardServices: readonly Service[]
  readonly servicesByPort: ReadonlyMap<number, readonly Service[]>
  readonly virtualServicesByHost: ReadonlyMap<string, readonly VirtualService[]>
  readonly wildcardVirtualServices: readonly VirtualService[]
  readonly virtualServicesByDestination: ReadonlyMap<string, readonly VirtualService[]>
  readonly destinationRulesByHost: ReadonlyMap<string, readonly DestinationRule[]>
  readonly wildcardDestinationRules: readonly DestinationRule[]
  readonly workloadsByNamespace: ReadonlyMap<string, readonly Workload[]>
  readonly workloadsByName: ReadonlyMap<string, Workload>
  readonly peerAuthenticationsByNamespace: ReadonlyMap<string, readonly PeerAuthentication[]>
  /** The pods of a Service, or the workloads that a ServiceEntry selects. */
  readonly podsOf: (service: Service) => readonly Workload[]
  /** The Services that have a workload among their pods. */
  readonly servicesOf: (workload: Workload) => readonly Service[]
  /** Objects of kinds that are not modelled and may touch a workload. */
  readonly unmodelledFor: (namespace: string, labels: Labels) => readonly Unmodelled[]
  /** Those that may touch requests to a host. */
  readonly unmodelledForHost: (host: string) => readonly Unmodelled[]
  /** The place of a VirtualService among all, the oldest first. */
  readonly age: (found: VirtualService) => number
  /** The first call with a key computes; the others are given the same. */
  readonly once: <Value>(key: string, compute: () => Value) => Value
}

export function sideOf(model: BehaviorModel): Side {
  const workloadsByNamespace = grouped(model.workloads, ({ namespace }) => [namespace])
  const servicesByNamespace = grouped(model.services, ({ namespace }) => [namespace])
  const pods = new Map<Service, readonly Workload[]>()
  const services = new Map<Workload, readonly Service[]>()
  const ages = new Map(model.virtualServices.map((found, index) => [found, index]))
  return {
    model,
    servicesByHost: grouped(model.services, ({ host }) => [host]),
    wildcardServices: model.services.filter(({ host }) => isWildcard(host)),
    servicesByPort: grouped(model.services, ({ ports }) => ports.map(({ number }) => number)),
    virtualServicesByHost: grouped(model.virtualServices, ({ hosts }) => hosts),
    wildcardVirtualServices: model.virtualServices.filter(({ hosts }) => hosts.some(isWildcard)),
    virtualServicesByDestination: grouped(model.virtualServices, destinationHosts),
    destinationRulesByHost: grouped(model.destinationRules, ({ host }) => [host]),
    wildcardDestinationRules: model.destinationRules.filter(({ host }) => isWildcard(host)),
    workloadsByNamespace,
    workloadsByName: new Map(model.workloads.map(workload => [nameOf(workload), workload])),
    peerAuthenticationsByNamespace: grouped(model.peerAuthentications, ({ namespace }) => [namespace]),
    podsOf: service => {
      const found =
        pods.get(service) ??
        (isEmpty(service.selector)
          ? []
          : (workloadsByNamespace.get(service.namespace) ?? []).filter(({ labels }) =>
              hasLabels(labels, service.selector),
            ))
      pods.set(service, found)
      return found
    },
    servicesOf: workload => {
      const found =
        services.get(workload) ??
        (servicesByNamespace.get(workload.namespace) ?? []).filter(
          ({ selector }) => !isEmpty(selector) && hasLabels(workload.labels, selector),
        )
      services.set(workload, found)
      return found
    },
    unmodelledFor: (namespace, labels) =>
      model.unmodelledObjects
        .filter(object => touches(object, namespace, labels, model.settings.rootNamespace))
        .flatMap(({ unmodelled }) => unmodelled),
    unmodelledForHost: host =>
      model.unmodelledObjects
        .filter(({ hosts }) => hosts.includes(host))
        .flatMap(({ unmodelled }) => unmodelled),
    age: found => ages.get(found)!,
    once: memory(),
  }
}

/** A side with further policies. */
export function withPolicies(side: Side, policies: readonly AuthorizationPolicy[]): Side {
  const { model } = side
  return {
    ...side,
    model: { ...model, authorizationPolicies: [...model.authorizationPolicies, ...policies] },
    once: memory(),
  }
}

/** What was computed once, by its key. */
function memory(): Side['once'] {
  const known = new Map<string, unknown>()
  return <Value>(key: string, compute: () => Value): Value => {
    // Each key has one kind of value: its prefix says which.
    if (known.has(key)) return known.get(key) as Value
    const value = compute()
    known.set(key, value)
    return value
  }
}

export const nameOf = ({ namespace, name }: Pick<ModelObject, 'namespace' | 'name'>): string =>
  `${namespace}/${name}`

export const isEmpty = (labels: Labels): boolean => Object.keys(labels).length === 0

/** Whether a workload has all labels that a selector asks for. */
export const hasLabels = (labels: Labels, selector: Labels): boolean =>
  Object.entries(selector).every(([name, value]) => Object.hasOwn(labels, name) && labels[name] === value)

export const portOf = (service: Service, number: number): ServicePort | undefined =>
  service.ports.find(port => port.number === number)

/** The hosts that a VirtualService sends anything to. */
export const destinationHosts = ({ http, tls, tcp }: VirtualService): readonly string[] => [
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
  own: string,
  labels: Labels,
  rootNamespace: string,
): boolean {
  return (
    workloads !== undefined &&
    (namespace === own || namespace === rootNamespace) &&
    hasLabels(labels, workloads)
  )
}

function grouped<Key, Value>(
  values: readonly Value[],
  keysOf: (value: Value) => readonly Key[],
): ReadonlyMap<Key, readonly Value[]> {
  const groups = new Map<Key, Value[]>()
  for (const value of values)
    for (const key of new Set(keysOf(value))) {
      const group = groups.get(key)
      if (group === undefined) groups.set(key, [value])
      else group.push(value)
    }
  return groups
}
