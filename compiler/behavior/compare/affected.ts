import { groupBy } from '../../basics/group-by.ts'
import { once } from '../../basics/once.ts'
import type {
  AuthorizationPolicy,
  BehaviorModel,
  Gateway,
  Labels,
  ModelObject,
  PeerAuthentication,
  RequestAuthentication,
  Service,
  Sidecar,
  UnmodelledObject,
  VirtualService,
  Workload,
} from '../model.ts'
import { getQualifiedName } from '../qualified-name.ts'
import { isHostWithin, isWildcard, overlapsHost } from '../symbolic/host-names.ts'
import { hasLabels, type IndexedModel, isEmpty } from '../symbolic/indexed-model.ts'

/** Everything that a change can touch. A caller outside it meets the same objects on both sides. */
export interface Affected {
  readonly isEverything: boolean
  /** Objects that are not the same on both sides, by kind, namespace and name. */
  readonly objects: ReadonlySet<string>
  readonly host: (host: string) => boolean
  /** Ports of services that differ between the sides. The listeners of a proxy may depend on them. */
  readonly ports: ReadonlySet<number>
  /** A workload that calls, or a gateway's. */
  readonly caller: (name: string) => boolean
  /** Namespaces in which a workload without labels changes, or sees different objects. */
  readonly namespaces: ReadonlySet<string>
}

export const makeObjectKey = ({ kind, namespace, name }: ModelObject): string =>
  `${kind} ${namespace}/${name}`

/** Finds everything that the change from one side to the other can touch. */
export function findAffected(before: IndexedModel, after: IndexedModel): Affected {
  const touched = new Touched([before, after])
  touched.eachByAge(model => model.services, touchService)
  touched.eachByAge(model => model.servicesByAgeAndHost, touchService)
  touched.each(model => model.workloads, touchWorkload)
  touched.eachByAge(model => model.virtualServices, touchVirtualService)
  touched.eachByAge(
    model => model.destinationRules,
    (_, { host }) => touched.touchDestination(host),
  )
  touched.eachByAge(model => model.sidecars, touchSidecar)
  touched.eachByAge(model => model.gateways, touchGateway)
  touched.eachByAge(model => model.peerAuthentications, touchPeerAuthentication)
  touched.eachByAge<RequestAuthentication>(model => model.requestAuthentications, touchServersOf)
  touched.eachByAge<AuthorizationPolicy>(model => model.authorizationPolicies, touchServersOf)
  touched.each(model => model.unmodelledObjects, touchUnmodelledObject)
  touched.each(
    model => [...model.namespaces.values()],
    (_, { name }) => touched.namespaces.add(name),
  )
  return touched
}

/** The parts of a mesh that a change touches, as its objects are looked at one by one. */
class Touched implements Affected {
  isEverything: boolean
  readonly objects = new Set<string>()
  readonly ports = new Set<number>()
  readonly namespaces = new Set<string>()
  readonly callers = new Set<string>()
  readonly #hosts = new Set<string>()
  readonly #wildcards = new Set<string>()
  readonly #entrances = new Set<Gateway>()

  readonly sides: readonly [before: IndexedModel, after: IndexedModel]
  /** Tells whether a Sidecar has ingress listeners: then it affects the callers of its workloads. */
  readonly hasIngress: () => boolean

  /** @param sides the mesh before and after the change */
  constructor(sides: readonly [before: IndexedModel, after: IndexedModel]) {
    const [before, after] = sides
    this.sides = sides
    this.hasIngress = once(() =>
      sides.some(({ model }) => model.sidecars.some(({ ingress }) => ingress.length > 0)),
    )
    this.isEverything = !isSame(before.model.settings, after.model.settings)
  }

  host(host: string): boolean {
    return (
      this.isEverything ||
      this.#hosts.has(host) ||
      [...this.#wildcards].some(pattern => isHostWithin(host, pattern))
    )
  }

  caller(name: string): boolean {
    return this.isEverything || this.callers.has(name)
  }

  touchHost(host: string): void {
    if (isWildcard(host)) this.#wildcards.add(host)
    else this.#hosts.add(host)
  }

  /** Touches a host, and every host that is sent on to it. */
  touchDestination(host: string): void {
    this.touchHost(host)
    for (const indexed of this.sides)
      for (const virtualService of [
        ...(indexed.virtualServicesByDestination.get(host) ?? []),
        ...(isWildcard(host)
          ? [...indexed.virtualServicesByDestination].flatMap(([to, all]) =>
              overlapsHost(to, host) ? all : [],
            )
          : []),
      ]) {
        for (const sent of virtualService.hosts) this.touchHost(sent)
        this.touchEntrances(virtualService)
      }
  }

  /** Touches the Services of the gateways that have a VirtualService: the mesh may send to them, and they send on by it. */
  touchEntrances({ gateways }: VirtualService): void {
    for (const indexed of this.sides)
      for (const gateway of indexed.model.gateways)
        if (gateways.includes(`${gateway.namespace}/${gateway.name}`) && !this.#entrances.has(gateway)) {
          this.#entrances.add(gateway)
          touchGateway(this, gateway)
        }
  }

  touchCaller(_: IndexedModel, workload: Workload): void {
    this.callers.add(getQualifiedName(workload))
  }

  touchServer(indexed: IndexedModel, workload: Workload): void {
    for (const { host } of indexed.servicesOf(workload)) this.touchDestination(host)
    if (workload.proxy === 'gateway') this.touchCaller(indexed, workload)
  }

  /** Touches the workloads that an object of a namespace selects. One of the root namespace without a selector is for all. */
  touchSelected(
    namespace: string,
    selector: Labels,
    touch: (indexed: IndexedModel, workload: Workload) => void,
  ): void {
    for (const indexed of this.sides) {
      const isRoot = namespace === indexed.model.settings.rootNamespace
      if (isRoot && isEmpty(selector)) this.isEverything = true
      const candidates = isRoot
        ? indexed.model.workloads
        : (indexed.workloadsByNamespace.get(namespace) ?? [])
      for (const workload of candidates) if (hasLabels(workload.labels, selector)) touch(indexed, workload)
    }
  }

  /** Touches hosts that share a VirtualService with some: it has its hosts on the ports that the services of any of them have. */
  touchSharedHosts(indexed: IndexedModel, hosts: readonly string[]): void {
    const wide = (
      hosts.some(isWildcard) ? indexed.model.virtualServices : indexed.wildcardVirtualServices
    ).filter(virtualService =>
      virtualService.hosts.some(host => hosts.some(each => overlapsHost(host, each))),
    )
    const exact = hosts.flatMap(host => indexed.virtualServicesByHost.get(host) ?? [])
    for (const virtualService of [...wide, ...exact])
      for (const host of virtualService.hosts) this.touchHost(host)
  }

  /** Touches with each object that one side has otherwise, or not at all. */
  each<Kind extends ModelObject>(
    list: (model: BehaviorModel) => readonly Kind[],
    touch: (touched: Touched, object: Kind) => void,
  ): void {
    const [before, after] = this.#list(list)
    if (before === after) return
    const old = indexByKey(excludeShared(before, after))
    const now = indexByKey(excludeShared(after, before))
    for (const key of new Set([...old.keys(), ...now.keys()])) {
      const [were, are] = [old.get(key) ?? [], now.get(key) ?? []]
      if (isSame(were, are)) continue
      for (const object of [...were, ...are]) this.#touchWith(object, touch)
    }
  }

  /** The same for a list that is sorted by age: an object that has moved past another counts as changed. */
  eachByAge<Kind extends ModelObject>(
    list: (model: BehaviorModel) => readonly Kind[],
    touch: (touched: Touched, object: Kind) => void,
  ): void {
    this.each(list, touch)
    for (const object of listMovedObjects(...this.#list(list))) this.#touchWith(object, touch)
  }

  #list<Kind>(
    list: (model: BehaviorModel) => readonly Kind[],
  ): readonly [before: readonly Kind[], after: readonly Kind[]] {
    const [before, after] = this.sides
    return [list(before.model), list(after.model)]
  }

  #touchWith<Kind extends ModelObject>(object: Kind, touch: (touched: Touched, object: Kind) => void): void {
    this.objects.add(makeObjectKey(object))
    touch(this, object)
  }
}

function touchService(touched: Touched, service: Service): void {
  touched.touchDestination(service.host)
  for (const { number } of service.ports) touched.ports.add(number)
  // Without an address, it shares listeners of its port with others that are on it.
  const sharesListeners =
    service.isHeadless || (service.registry === 'External' && service.addresses.length === 0)
  for (const indexed of touched.sides) {
    touched.touchSharedHosts(indexed, [service.host])
    // A Service declares the protocols of the ports of its pods for all Services, and the ports of a gateway.
    for (const pod of indexed.podsOf(service)) touched.touchServer(indexed, pod)
    if (sharesListeners)
      for (const { number } of service.ports)
        for (const { host } of indexed.servicesByPort.get(number) ?? []) touched.touchHost(host)
  }
}

function touchWorkload(touched: Touched, workload: Workload): void {
  for (const indexed of touched.sides) {
    touched.touchCaller(indexed, workload)
    touched.touchServer(indexed, workload)
  }
}

function touchVirtualService(touched: Touched, virtualService: VirtualService): void {
  const { hosts } = virtualService
  for (const host of hosts) touched.touchHost(host)
  for (const indexed of touched.sides) touched.touchSharedHosts(indexed, hosts)
  touched.touchEntrances(virtualService)
}

function touchSidecar(touched: Touched, { namespace, workloadSelector = {} }: Sidecar): void {
  touched.touchSelected(namespace, workloadSelector, (indexed, workload) =>
    touched.touchCaller(indexed, workload),
  )
  if (touched.hasIngress())
    touched.touchSelected(namespace, workloadSelector, (indexed, workload) =>
      touched.touchServer(indexed, workload),
    )
  if (isEmpty(workloadSelector)) touched.namespaces.add(namespace)
}

function touchGateway(touched: Touched, { selector }: Gateway): void {
  for (const indexed of touched.sides)
    for (const workload of indexed.model.workloads)
      if (hasLabels(workload.labels, selector)) touched.touchServer(indexed, workload)
}

/** Touches the servers that an object selects. */
function touchServersOf(
  touched: Touched,
  { namespace, selector }: { readonly namespace: string; readonly selector: Labels },
): void {
  touched.touchSelected(namespace, selector, (indexed, workload) => touched.touchServer(indexed, workload))
}

/** Touches the servers of a PeerAuthentication. Clients go by the settings of a namespace for its services. */
function touchPeerAuthentication(touched: Touched, authentication: PeerAuthentication): void {
  touchServersOf(touched, authentication)
  if (!isEmpty(authentication.selector)) return
  for (const indexed of touched.sides)
    for (const { namespace, host } of indexed.model.services)
      if (namespace === authentication.namespace) touched.touchDestination(host)
}

function touchUnmodelledObject(touched: Touched, { namespace, workloads, hosts }: UnmodelledObject): void {
  for (const host of hosts) touched.touchHost(host)
  if (workloads === undefined) return
  if (isEmpty(workloads)) touched.namespaces.add(namespace)
  touched.touchSelected(namespace, workloads, (indexed, workload) => {
    touched.touchCaller(indexed, workload)
    touched.touchServer(indexed, workload)
  })
}

/** A value that both sides share is equal. If one reader has read both sides, they share most of the mesh. */
function excludeShared<Kind>(list: readonly Kind[], kinds: readonly Kind[]): readonly Kind[] {
  const shared = new Set(kinds)
  return list.filter(object => !shared.has(object))
}

/** Indexes objects by kind, namespace and name. A ServiceEntry is a service for each of its hosts and addresses. */
const indexByKey = <Kind extends ModelObject>(list: readonly Kind[]): ReadonlyMap<string, readonly Kind[]> =>
  groupBy(list, object => [keyInList(object)])

const keyInList = (object: ModelObject): string =>
  `${makeObjectKey(object)} ${'host' in object ? object.host : ''}`

/** Finds objects whose order changed between the lists: of two such objects at least the one that is later now. */
function listMovedObjects<Kind extends ModelObject>(
  before: readonly Kind[],
  after: readonly Kind[],
): readonly Kind[] {
  if (before === after) return []
  const places = new Map(before.map((object, place) => [keyInList(object), place]))
  let last = 0
  return after.filter(object => {
    const place = places.get(keyInList(object)) ?? last
    if (place < last) return true
    last = place
    return false
  })
}

/** Tells whether two values are equal, apart from the places of objects. */
export function isSame(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (a instanceof Map)
    return (
      b instanceof Map &&
      a.size === b.size &&
      [...a].every(([key, value]) => b.has(key) && isSame(value, b.get(key)))
    )
  if (Array.isArray(a))
    return Array.isArray(b) && a.length === b.length && a.every((value, index) => isSame(value, b[index]))
  const entries = Object.entries(a)
  const otherEntries = new Map(Object.entries(b))
  return (
    entries.length === otherEntries.size &&
    entries.every(([key, value]) => isPlace(key, value) || isSame(value, otherEntries.get(key)))
  )
}

/** Tells whether an entry is the position of a part of the model. A label or a header may have the same name with a value of its own. */
const isPlace = (key: string, value: unknown): boolean =>
  (key === 'source' || key === 'object') &&
  typeof value === 'object' &&
  value !== null &&
  ('lineOf' in value || 'unmodelled' in value)
