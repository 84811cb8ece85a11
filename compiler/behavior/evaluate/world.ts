import { isSubset } from '../is-subset.ts'
import { listIndex } from '../list-index.ts'
import type {
  AuthorizationPolicy,
  BehaviorModel,
  Labels,
  ModelObject,
  PeerAuthentication,
  RequestAuthentication,
  Service,
  UnmodelledObject,
  VirtualService,
  Workload,
} from '../model.ts'
import { type DestinationRuleIndex, indexDestinationRules } from './destination-rule-index.ts'

/** A model with its objects where they are looked for. */
export interface World {
  readonly model: BehaviorModel
  /** By host, then namespace: the one that counts. */
  readonly servicesByHost: ReadonlyMap<string, ReadonlyMap<string, Service>>
  /** Of Kubernetes, by `name.namespace`. */
  readonly kubernetesServices: ReadonlyMap<string, Service>
  /** All that have endpoints, by `namespace/host`: two ServiceEntries may share one. */
  readonly servicesByKey: ReadonlyMap<string, readonly Service[]>
  /** Those that a namespace sees, in order. */
  servicesSeenBy(namespace: string): readonly Service[]
  /** Those that a namespace sees, bound to a gateway or `mesh`, in order. */
  virtualServicesSeenBy(namespace: string, gateway: string): readonly VirtualService[]
  readonly destinationRules: DestinationRuleIndex
  /** The workloads of a namespace that have these labels. */
  workloadsWith(namespace: string, labels: Labels): readonly Workload[]
  /** The services that a workload is behind, in order. */
  servicesOf(workload: Workload): readonly Service[]
  readonly workloadByAddress: ReadonlyMap<string, Workload>
  /** Of Kubernetes. */
  readonly serviceByAddress: ReadonlyMap<string, Service>
  /** Those that select a workload, of its namespace and of the root. */
  peerAuthenticationsOf(workload: Workload): readonly PeerAuthentication[]
  requestAuthenticationsOf(workload: Workload): readonly RequestAuthentication[]
  authorizationPoliciesOf(workload: Workload): readonly AuthorizationPolicy[]
  /** Objects that touch a workload and are not followed. */
  unmodelledAt(workload: Workload): readonly UnmodelledObject[]
  /** What is worked out of it once and asked for again: the key names it. */
  remember<Value>(key: string, make: () => Value): Value
}

/** The world of a model; made once, as long as the model lives. */
export function worldOf(model: BehaviorModel): World {
  let world = worlds.get(model)
  if (world === undefined) {
    world = makeWorld(model)
    worlds.set(model, world)
  }
  return world
}

const worlds = new WeakMap<BehaviorModel, World>()

function makeWorld(model: BehaviorModel): World {
  const { rootNamespace } = model.settings
  const remembered = new Map<string, unknown>()
  const remember = <Value>(key: string, make: () => Value): Value => {
    // What is under a key was made by the one function that uses such keys.
    const known = remembered.get(key) as Value | undefined
    if (known !== undefined) return known
    const made = make()
    remembered.set(key, made)
    return made
  }
  const { services, workloads } = model
  const selecting = <Kind extends ModelObject & { readonly selector: Labels }>(
    of: ReadonlyMap<string, readonly Kind[]>,
    { namespace, labels }: Workload,
    order: 'own first' | 'root first',
  ): readonly Kind[] => {
    const all =
      namespace === rootNamespace
        ? (of.get(namespace) ?? [])
        : order === 'own first'
          ? [...(of.get(namespace) ?? []), ...(of.get(rootNamespace) ?? [])]
          : [...(of.get(rootNamespace) ?? []), ...(of.get(namespace) ?? [])]
    return all.filter(({ selector }) => isSubset(selector, labels))
  }
  return {
    model,
    get servicesByHost() {
      return servicesByHost(services)
    },
    get kubernetesServices() {
      return kubernetesServices(services)
    },
    get servicesByKey() {
      return servicesByKey(services)
    },
    servicesSeenBy: namespace => {
      const { given, shared } = servicesByExport(services)
      return [...(given.get(namespace) ?? []), ...shared]
    },
    virtualServicesSeenBy: (namespace, gateway) =>
      virtualServiceIndex(model.virtualServices).seenBy(namespace, gateway),
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
      Object.entries(labels)
        .flatMap(([key, value]) => servicesBySelector(services).get(`${namespace}/${key}=${value}`) ?? [])
        .filter(({ service }) => isSubset(service.selector, labels))
        .toSorted((a, b) => a.place - b.place)
        .map(({ service }) => service),
    get workloadByAddress() {
      return workloadByAddress(workloads)
    },
    get serviceByAddress() {
      return serviceByAddress(services)
    },
    peerAuthenticationsOf: workload =>
      selecting(peersByNamespace(model.peerAuthentications), workload, 'own first'),
    requestAuthenticationsOf: workload =>
      selecting(tokensByNamespace(model.requestAuthentications), workload, 'own first').filter(
        ({ targets }) => targets.length === 0,
      ),
    authorizationPoliciesOf: workload =>
      selecting(policiesByNamespace(model.authorizationPolicies), workload, 'root first').filter(
        ({ targets }) => targets.length === 0,
      ),
    unmodelledAt: ({ namespace, labels }) =>
      [...new Set([namespace, rootNamespace])]
        .flatMap(name => unmodelledByNamespace(model.unmodelledObjects).get(name) ?? [])
        .filter(({ workloads }) => workloads !== undefined && isSubset(workloads, labels)),
    remember,
  }
}

const servicesByHost = listIndex(hostsOf)
const kubernetesServices = listIndex(
  (all: readonly Service[]) =>
    new Map(
      all
        .filter(({ registry }) => registry === 'Kubernetes')
        .map(service => [`${service.name}.${service.namespace}`, service]),
    ),
)
const servicesByKey = listIndex((all: readonly Service[]) =>
  grouped(all, ({ namespace, host }) => [`${namespace}/${host}`]),
)
const servicesByExport = listIndex((all: readonly Service[]) => ({
  shared: all.filter(({ exportTo }) => exportTo.includes('*')),
  given: grouped(
    all.filter(({ exportTo }) => !exportTo.includes('*')),
    ({ exportTo }) => exportTo,
  ),
}))
/** With their places, by the first label that they ask for: who has all of them has that one. */
const servicesBySelector = listIndex((all: readonly Service[]) =>
  grouped(
    all.map((service, place) => ({ service, place })),
    ({ service: { namespace, selector } }) =>
      Object.entries(selector)
        .slice(0, 1)
        .map(([key, value]) => `${namespace}/${key}=${value}`),
  ),
)
const serviceByAddress = listIndex(
  (all: readonly Service[]) =>
    new Map(
      all.flatMap(service =>
        service.registry === 'Kubernetes'
          ? service.addresses.map(address => [address, service] as const)
          : [],
      ),
    ),
)
const virtualServiceIndex = listIndex((all: readonly VirtualService[]) => new VirtualServiceIndex(all))
const workloadsByLabel = listIndex((all: readonly Workload[]) =>
  grouped(all, ({ namespace, labels }) => [
    namespace,
    ...Object.entries(labels).map(([key, value]) => `${namespace}/${key}=${value}`),
  ]),
)
const workloadByAddress = listIndex(
  (all: readonly Workload[]) =>
    new Map(all.flatMap(workload => (workload.address ? [[workload.address, workload] as const] : []))),
)
const byNamespace = <Kind extends ModelObject>() =>
  listIndex((all: readonly Kind[]) => grouped(all, ({ namespace }) => [namespace]))
const peersByNamespace = byNamespace<PeerAuthentication>()
const tokensByNamespace = byNamespace<RequestAuthentication>()
const policiesByNamespace = byNamespace<AuthorizationPolicy>()
const unmodelledByNamespace = byNamespace<UnmodelledObject>()

function grouped<Value>(
  values: readonly Value[],
  keysOf: (value: Value) => readonly string[],
): ReadonlyMap<string, readonly Value[]> {
  const groups = new Map<string, Value[]>()
  for (const value of values)
    for (const key of keysOf(value)) {
      const group = groups.get(key)
      if (group === undefined) groups.set(key, [value])
      else group.push(value)
    }
  return groups
}

/** The first of a host and namespace counts, but one of Kubernetes before one of a ServiceEntry. */
function hostsOf(services: readonly Service[]): World['servicesByHost'] {
  const hosts = new Map<string, Map<string, Service>>()
  for (const service of services) {
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

/** See initVirtualServices and VirtualServicesForGateway in pilot/pkg/model/push_context.go of istio/istio. */
class VirtualServiceIndex {
  private readonly shared = new Map<string, VirtualService[]>()
  private readonly own = new Map<string, VirtualService[]>()
  private readonly given = new Map<string, VirtualService[]>()

  constructor(virtualServices: readonly VirtualService[]) {
    for (const service of virtualServices)
      for (const gateway of service.gateways) {
        if (service.exportTo.includes('*')) add(this.shared, gateway, service)
        else
          for (const namespace of new Set(service.exportTo))
            add(namespace === service.namespace ? this.own : this.given, `${namespace} ${gateway}`, service)
      }
  }

  seenBy(namespace: string, gateway: string): readonly VirtualService[] {
    const key = `${namespace} ${gateway}`
    return [...(this.own.get(key) ?? []), ...(this.given.get(key) ?? []), ...(this.shared.get(gateway) ?? [])]
  }
}

function add(index: Map<string, VirtualService[]>, key: string, service: VirtualService): void {
  const same = index.get(key)
  if (same === undefined) index.set(key, [service])
  else same.push(service)
}
