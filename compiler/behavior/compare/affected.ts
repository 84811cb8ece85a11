import type { BehaviorModel, Labels, ModelObject, VirtualService, Workload } from '../model.ts'
import { isSubset, isWildcard, overlaps } from '../symbolic/host-names.ts'
import { getName, groupBy, hasLabels, isEmpty, type Side } from '../symbolic/side.ts'

/** Everything that a change can touch. A caller outside it meets the same objects on both sides. */
export interface Affected {
  readonly isEverything: boolean
  /** Objects that are not the same on both sides, by kind, namespace and name. */
  readonly objects: ReadonlySet<string>
  readonly host: (host: string) => boolean
  /** Ports of services that are not the same: where a proxy listens may depend on them. */
  readonly ports: ReadonlySet<number>
  /** A workload that calls, or a gateway's. */
  readonly caller: (name: string) => boolean
  /** Namespaces in which a workload without labels changes, or sees different objects. */
  readonly namespaces: ReadonlySet<string>
}

export const makeObjectKey = ({ kind, namespace, name }: ModelObject): string =>
  `${kind} ${namespace}/${name}`

export function findAffected(before: Side, after: Side): Affected {
  const objects = new Set<string>()
  const hosts = new Set<string>()
  const wildcards = new Set<string>()
  const callers = new Set<string>()
  const namespaces = new Set<string>()
  const ports = new Set<number>()
  let isEverything = !isSame(before.model.settings, after.model.settings)
  const touchHost = (host: string) => (isWildcard(host) ? wildcards : hosts).add(host)

  /** A host, and every host that is sent on to it. */
  const touchDestination = (host: string): void => {
    touchHost(host)
    for (const side of [before, after])
      for (const virtualService of [
        ...(side.virtualServicesByDestination.get(host) ?? []),
        ...(isWildcard(host)
          ? [...side.virtualServicesByDestination].flatMap(([to, all]) => (overlaps(to, host) ? all : []))
          : []),
      ])
        virtualService.hosts.forEach(touchHost)
  }
  const touchServer = (side: Side, workload: Workload): void => {
    for (const { host } of side.servicesOf(workload)) touchDestination(host)
    if (workload.proxy === 'gateway') callers.add(getName(workload))
  }
  const touchSelected = (
    namespace: string,
    selector: Labels,
    touch: (side: Side, workload: Workload) => void,
  ): void => {
    for (const side of [before, after]) {
      const isRoot = namespace === side.model.settings.rootNamespace
      if (isRoot && isEmpty(selector)) isEverything = true
      const candidates = isRoot ? side.model.workloads : (side.workloadsByNamespace.get(namespace) ?? [])
      for (const candidate of candidates) if (hasLabels(candidate.labels, selector)) touch(side, candidate)
    }
  }
  const touchCaller = (_: Side, foundWorkload: Workload) => {
    callers.add(getName(foundWorkload))
  }

  for (const list of [
    (model: BehaviorModel) => model.services,
    (model: BehaviorModel) => model.servicesByAgeAndHost,
  ])
    eachByAge(list, service => {
      touchDestination(service.host)
      for (const side of [before, after]) touchSharedHosts(side, [service.host])
      for (const { number } of service.ports) ports.add(number)
      // It says what the ports of its pods speak, whichever service leads there, and which ports a gateway has.
      for (const side of [before, after]) for (const pod of side.podsOf(service)) touchServer(side, pod)
      // Without an address, it shares listeners of its port with others that are on it.
      if (service.isHeadless || (service.registry === 'External' && service.addresses.length === 0))
        for (const side of [before, after])
          for (const { number } of service.ports)
            for (const { host } of side.servicesByPort.get(number) ?? []) touchHost(host)
    })
  each(
    model => model.workloads,
    workload => {
      callers.add(getName(workload))
      for (const side of [before, after]) touchServer(side, workload)
    },
  )
  eachByAge(
    model => model.virtualServices,
    virtualService => {
      virtualService.hosts.forEach(touchHost)
      for (const side of [before, after]) touchSharedHosts(side, virtualService.hosts)
    },
  )
  eachByAge(
    model => model.destinationRules,
    ({ host }) => touchDestination(host),
  )
  const hasListeners = [before, after].some(({ model }) =>
    model.sidecars.some(({ ingress }) => ingress.length > 0),
  )
  eachByAge(
    model => model.sidecars,
    ({ namespace, workloadSelector }) => {
      touchSelected(namespace, workloadSelector ?? {}, touchCaller)
      if (hasListeners) touchSelected(namespace, workloadSelector ?? {}, touchServer)
      if (isEmpty(workloadSelector ?? {})) namespaces.add(namespace)
    },
  )
  eachByAge(
    model => model.gateways,
    ({ selector }) => {
      for (const side of [before, after])
        for (const foundWorkload of side.model.workloads)
          if (hasLabels(foundWorkload.labels, selector)) callers.add(getName(foundWorkload))
    },
  )
  for (const list of [
    (model: BehaviorModel) => model.peerAuthentications,
    (model: BehaviorModel) => model.requestAuthentications,
    (model: BehaviorModel) => model.authorizationPolicies,
  ])
    eachByAge<ModelObject & { readonly selector: Labels }>(list, ({ namespace, selector }) =>
      touchSelected(namespace, selector, touchServer),
    )
  // Clients go by the encryption settings of a namespace for its services.
  eachByAge(
    model => model.peerAuthentications,
    ({ namespace, selector }) => {
      if (!isEmpty(selector)) return
      for (const side of [before, after])
        for (const service of side.model.services)
          if (service.namespace === namespace) touchDestination(service.host)
    },
  )
  each(
    model => model.unmodelledObjects,
    ({ namespace, workloads, hosts: named }) => {
      named.forEach(touchHost)
      if (workloads === undefined) return
      if (isEmpty(workloads)) namespaces.add(namespace)
      touchSelected(namespace, workloads, touchCaller)
      touchSelected(namespace, workloads, touchServer)
    },
  )
  each(
    model => [...model.namespaces.values()],
    ({ name }) => {
      namespaces.add(name)
    },
  )

  return {
    isEverything,
    objects,
    ports,
    namespaces,
    host: host => isEverything || hosts.has(host) || [...wildcards].some(pattern => isSubset(host, pattern)),
    caller: name => isEverything || callers.has(name),
  }

  /** Calls with each object that one side has otherwise, or not at all. */
  function each<Kind extends ModelObject>(
    list: (model: BehaviorModel) => readonly Kind[],
    touch: (object: Kind) => void,
  ): void {
    const [left, right] = [list(before.model), list(after.model)]
    if (left === right) return
    const old = indexByKey(without(left, right))
    const now = indexByKey(without(right, left))
    for (const key of new Set([...old.keys(), ...now.keys()])) {
      const [were, are] = [old.get(key) ?? [], now.get(key) ?? []]
      if (isSame(were, are)) continue
      for (const object of [...were, ...are]) {
        objects.add(makeObjectKey(object))
        touch(object)
      }
    }
  }

  /** The same of a list in which the oldest is first: an object that has moved past another counts as well. */
  function eachByAge<Kind extends ModelObject>(
    list: (model: BehaviorModel) => readonly Kind[],
    touch: (object: Kind) => void,
  ): void {
    each(list, touch)
    for (const object of listMovedObjects(list(before.model), list(after.model))) {
      objects.add(makeObjectKey(object))
      touch(object)
    }
  }

  /** A VirtualService has its hosts on the ports that its services have, so that one host's services matter to the others. */
  function touchSharedHosts(side: Side, ownHosts: readonly string[]): void {
    const isShared = (virtualService: VirtualService) =>
      virtualService.hosts.some(host => ownHosts.some(each => overlaps(host, each)))
    for (const virtualService of ownHosts.some(isWildcard)
      ? side.model.virtualServices
      : side.wildcardVirtualServices)
      if (isShared(virtualService)) virtualService.hosts.forEach(touchHost)
    for (const host of ownHosts)
      for (const virtualService of side.virtualServicesByHost.get(host) ?? [])
        virtualService.hosts.forEach(touchHost)
  }
}

/** A value that both sides share is the same: most of a mesh, where one reader has read both. */
function without<Kind>(list: readonly Kind[], kinds: readonly Kind[]): readonly Kind[] {
  const shared = new Set(kinds)
  return list.filter(object => !shared.has(object))
}

/** Indexes objects by kind, namespace and name. A ServiceEntry is a service for each of its hosts and addresses. */
const indexByKey = <Kind extends ModelObject>(list: readonly Kind[]): ReadonlyMap<string, readonly Kind[]> =>
  groupBy(list, object => [keyInList(object)])

const keyInList = (object: ModelObject): string =>
  `${makeObjectKey(object)} ${'host' in object ? object.host : ''}`

/** Finds, of two objects that both lists have in another order, at least the one that comes later now. */
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

/** Tells whether two values are equal in all that is said; where an object stands is not asked. */
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

/**
 * Tells whether an entry says where a part of the model stands. A label or a header may have the same name, and a value of its
 * own.
 */
const isPlace = (key: string, value: unknown): boolean =>
  (key === 'source' || key === 'object') &&
  typeof value === 'object' &&
  value !== null &&
  ('lineOf' in value || 'unmodelled' in value)
