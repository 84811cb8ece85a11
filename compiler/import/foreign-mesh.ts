import { groupBy } from '../basics/group-by.ts'
import { isMachine } from '../behavior/is-machine.ts'
import { isSubset } from '../behavior/is-subset.ts'
import type { ManifestObject } from '../behavior/manifest-object.ts'
import type {
  BehaviorModel,
  DestinationRule,
  Labels,
  ModelObject,
  Service,
  ServicePort,
  Sidecar,
  Workload,
} from '../behavior/model.ts'
import { mapAt, readText, readTexts } from '../behavior/read/values.ts'
import { compare } from '../diagnostics/compare.ts'
import { isMap } from '../source/document.ts'
import { isEqual } from '../source/is-equal.ts'
import { isKindCompared } from './written-kinds.ts'

/** A mesh that is imported: its model, and the services that the spec will declare. */
export interface ForeignMesh {
  readonly model: BehaviorModel
  /** The objects that the model omits, since they do not affect requests. */
  readonly others: readonly ModelObject[]
  /** The services in the order of their keys. */
  readonly services: readonly ForeignService[]
  readonly serviceByHost: ReadonlyMap<string, ForeignService>
  /** The key of the services of a service account, by `namespace/account`. */
  readonly keysByAccount: ReadonlyMap<string, readonly string[]>
  /** The workloads that a policy names as a caller, or a rule selects, and no Service leads to, by their keys in the spec. */
  readonly callers: ReadonlyMap<string, Workload>
  /** The revision of the control plane that the namespaces of the services join; undefined: the default one. */
  readonly revision: string | undefined
  /** Tells whether the spec can say which control plane a namespace joins. */
  readonly isJoined: (namespace: string) => boolean
  /** The namespaces that are imported; undefined: all. */
  readonly part: ReadonlySet<string> | undefined
}

/** A Service whose pods have sidecars. */
export interface ForeignService {
  /** Its key in the spec. */
  readonly key: string
  readonly service: Service
  readonly pods: readonly Workload[]
  readonly serviceAccount: string
}

/**
 * Sorts a model into the parts that a spec has names for.
 *
 * @param part the namespaces that are imported; undefined: all
 */
export function makeForeignMesh(
  model: BehaviorModel,
  objects: readonly ManifestObject[],
  part?: ReadonlySet<string>,
): ForeignMesh {
  const { revision, isJoined } = readRevisions(model, objects)
  const workloads = groupBy(model.workloads, ({ namespace }) => [namespace])
  const declared = model.services.flatMap(service => {
    const isOfPart = isJoined(service.namespace) && part?.has(service.namespace) !== false
    const pods =
      isDeclarable(service) && isOfPart
        ? (workloads.get(service.namespace) ?? []).filter(({ labels }) => isSubset(service.selector, labels))
        : []
    return isOfOneKind(pods) ? [{ service, pods }] : []
  })
  const distinct = withoutOverlaps(declared, model)
  const names = new Map<string, number>()
  for (const { service } of distinct) names.set(service.name, (names.get(service.name) ?? 0) + 1)
  const services = distinct
    .map(({ service, pods }) => ({
      key: names.get(service.name) === 1 ? service.name : `${service.name}-${service.namespace}`,
      service,
      pods,
      serviceAccount: pods[0]!.serviceAccount,
    }))
    .toSorted((a, b) => compare(a.key, b.key))
  const keysByAccount = new Map<string, string[]>()
  for (const { key, service, serviceAccount } of services) {
    const account = `${service.namespace}/${serviceAccount}`
    const keys = keysByAccount.get(account)
    if (keys === undefined) keysByAccount.set(account, [key])
    else keys.push(key)
  }
  const callers = listCallingWorkloads(model, keysByAccount, services, part, isJoined)
  for (const [key, { namespace, serviceAccount }] of callers)
    keysByAccount.set(`${namespace}/${serviceAccount}`, [key])
  return {
    model,
    others: objects.flatMap(readOther),
    callers,
    services,
    serviceByHost: new Map(services.map(service => [service.service.host, service])),
    keysByAccount,
    revision,
    isJoined,
    part,
  }
}

/** Reads an object that does not affect requests; undefined without a name, or if the model has its kind. */
function readOther(source: ManifestObject): readonly ModelObject[] {
  const { kind, metadata } = source.value as { readonly kind?: unknown; readonly metadata?: unknown }
  if (!isMap(metadata) || typeof kind !== 'string' || !isKindCompared({ kind })) return []
  const { name, namespace = 'default' } = metadata
  return [{ kind, name: String(name), namespace: String(namespace), source, unmodelled: [] }]
}

/**
 * Lists the workloads that only call: workloads whose accounts policies name but no service has, and workloads with a Sidecar or a
 * DestinationRule of their own.
 */
function listCallingWorkloads(
  model: BehaviorModel,
  keysByAccount: ReadonlyMap<string, readonly string[]>,
  services: readonly ForeignService[],
  part: ReadonlySet<string> | undefined,
  isJoined: ForeignMesh['isJoined'],
): ReadonlyMap<string, Workload> {
  const callers = new Map<string, Workload>()
  const taken = new Set(services.map(({ key }) => key))
  const called = new Set(services.flatMap(({ pods }) => pods))
  const accounts = new Set(listNamedAccounts(model).filter(account => !keysByAccount.has(account)))
  const selecting = [...model.sidecars, ...model.destinationRules]
  const calling = model.workloads.filter(workload => !called.has(workload)).map(nameByAccount)
  for (const workload of calling) {
    const { namespace, serviceAccount, name, proxy, assumed } = workload
    const isOfPart = isJoined(namespace) && part?.has(namespace) !== false
    if (!isOfPart || proxy !== 'sidecar' || assumed !== undefined) continue
    const isNamed = accounts.delete(`${namespace}/${serviceAccount}`)
    if (!isNamed && !selecting.some(object => isOnlyOf(object, workload))) continue
    if (isMachine(workload) && [...callers.values()].some(caller => isSameMachine(caller, workload))) continue
    const key = taken.has(name) || callers.has(name) ? `${name}-${namespace}` : name
    if (!taken.has(key)) callers.set(key, workload)
  }
  return callers
}

const isSameMachine = (a: Workload, b: Workload): boolean =>
  a.namespace === b.namespace && a.serviceAccount === b.serviceAccount && isEqual(a.labels, b.labels)

/**
 * Names a virtual machine by its service account: its object's name contains its address. The labels by which another object owns it
 * are not labels of the machine.
 */
function nameByAccount(workload: Workload): Workload {
  if (!isMachine(workload)) return workload
  const labels = Object.fromEntries(
    Object.entries(workload.labels).filter(
      ([key]) => !['app.kubernetes.io/managed-by', 'app.kubernetes.io/part-of'].includes(key),
    ),
  )
  return { ...workload, name: workload.serviceAccount, labels }
}

/** Tells whether an object selects the labels that the spec would give a workload of this name. */
const isOnlyOf = ({ namespace, workloadSelector }: Sidecar | DestinationRule, workload: Workload): boolean =>
  namespace === workload.namespace &&
  workloadSelector !== undefined &&
  isEqual(workloadSelector, workload.labels)

/** The accounts of this mesh that policies name as callers: `namespace/account`. */
const listNamedAccounts = ({ authorizationPolicies }: BehaviorModel): readonly string[] =>
  authorizationPolicies.flatMap(({ rules, namespace }) =>
    rules.flatMap(({ from }) =>
      from.flatMap(({ principals, serviceAccounts }) => [
        ...principals.values.map(word => word.replace(/^[^/]+\/ns\/([^/]+)\/sa\/([^/]+)$/, '$1/$2')),
        ...serviceAccounts.values.map(word => (word.includes('/') ? word : `${namespace}/${word}`)),
      ]),
    ),
  )

interface Declared {
  readonly service: Service
  readonly pods: readonly Workload[]
}

/**
 * Drops Services that select only some pods of another one: the language has one workload for each service, or several services with
 * exactly the same pods. It keeps the Service that routes and rules name, otherwise the one with more pods.
 */
function withoutOverlaps(
  declared: readonly Declared[],
  { virtualServices, destinationRules }: BehaviorModel,
): readonly Declared[] {
  const routed = new Set([
    ...virtualServices.flatMap(({ hosts, http }) => [
      ...hosts,
      ...http.flatMap(({ destinations }) => destinations.map(({ host }) => host)),
    ]),
    ...destinationRules.map(({ host }) => host),
  ])
  const rank = ({ service, pods }: Declared) => (routed.has(service.host) ? 1_000_000 : 0) + pods.length
  const takenBy = new Map<Workload, Declared>()
  for (const each of declared.toSorted((a, b) => rank(b) - rank(a)))
    for (const pod of each.pods) if (!takenBy.has(pod)) takenBy.set(pod, each)
  return declared.filter(each =>
    each.pods.every(pod => isSelectedAlike(takenBy.get(pod)!.service, each.service)),
  )
}

const isSelectedAlike = (a: Service, b: Service): boolean =>
  a.namespace === b.namespace && isSubset(a.selector, b.selector) && isSubset(b.selector, a.selector)

/** Tells whether there are services, and all of them have the same pods. */
export const areOfSamePods = (services: readonly ForeignService[]): boolean =>
  services.length > 0 && services.every(({ service }) => isSelectedAlike(service, services[0]!.service))

/** Lists the services with the same pods as a service, with itself. */
export const listSamePods = (
  { services }: ForeignMesh,
  { service }: ForeignService,
): readonly ForeignService[] => services.filter(each => isSelectedAlike(each.service, service))

/** The revision that a namespace joins; undefined: the default one, and null: no sidecars of any. */
function findRevisionOf({ namespaces }: BehaviorModel, name: string): string | undefined | null {
  const namespace = namespaces.get(name)
  // A namespace without a manifest is taken for one with sidecars.
  if (namespace === undefined || namespace.labels['istio-injection'] === 'enabled') return undefined
  return namespace.labels['istio.io/rev'] ?? null
}

/** Finds the revision of namespaces without a revision label, and the namespaces that join it or another one. */
function readRevisions(
  model: BehaviorModel,
  objects: readonly ManifestObject[],
): Pick<ForeignMesh, 'revision' | 'isJoined'> {
  const revision = findRevision(model, listDefaultWords(objects))
  return {
    revision,
    isJoined: namespace => {
      const word = findRevisionOf(model, namespace)
      // A namespace of a spec with a revision has no word for the default one.
      return word === revision || typeof word === 'string'
    },
  }
}

/** The revision that validates configuration, and its tags, if IstioOperators have one; otherwise empty. */
function listDefaultWords(objects: readonly ManifestObject[]): readonly string[] {
  const operators = objects
    .filter(({ value }) => isMap(value) && value['kind'] === 'IstioOperator')
    .map(({ value }) => mapAt(value, 'spec'))
  const word = readText(mapAt(operators[0], 'values'), 'defaultRevision')
  if (word === undefined) return []
  const plane = operators.find(spec => readText(spec, 'revision') === word)
  return [word, ...readTexts(mapAt(plane, 'values'), 'revisionTags')]
}

/** The revision that most namespaces with services or workloads join, among the declared ones and, if there are any, some words. */
function findRevision(model: BehaviorModel, words: readonly string[]): string | undefined {
  const counts = new Map<string | undefined, number>()
  for (const name of new Set([...model.services, ...model.workloads].map(({ namespace }) => namespace))) {
    const revision = findRevisionOf(model, name)
    if (words.length > 0 && !words.includes(revision ?? '')) continue
    if (revision !== null && model.namespaces.has(name)) counts.set(revision, (counts.get(revision) ?? 0) + 1)
  }
  return ([...counts].toSorted(([, a], [, b]) => b - a)[0] ?? words)[0]
}

/** Tells whether all pods have sidecars, or none has one. */
const isOfOneKind = (pods: readonly Workload[]): boolean =>
  pods.length > 0 &&
  (pods.every(({ proxy }) => proxy === 'sidecar') || pods.every(({ proxy }) => proxy === 'none'))

/** Tells whether a port is equal to the container's port number: a headless Service translates no ports. */
const leadsToItself = ({ number, targetPort }: ServicePort): boolean => targetPort === number

const isDeclarable = ({ registry, selector, isHeadless, resolution, ports, unmodelled }: Service): boolean =>
  registry === 'Kubernetes' &&
  Object.keys(selector).length > 0 &&
  (isHeadless ? ports.every(leadsToItself) : resolution === 'client') &&
  unmodelled.length === 0 &&
  ports.some(({ protocol }) => protocol !== 'UDP')

/** Tells whether the pods of a namespace get the sidecars of the control plane that the spec joins. */
export const hasSidecars = ({ isJoined }: ForeignMesh, namespace: string): boolean => isJoined(namespace)

/** The revision label of a namespace that joins another revision than the others; undefined: it joins theirs, or none. */
export function findOtherRevision({ model, revision }: ForeignMesh, namespace: string): string | undefined {
  const word = findRevisionOf(model, namespace)
  return word === revision || word === null ? undefined : word
}

/** Tells whether the pods of a namespace never get a sidecar, even if a pod requests one. */
export const isWithoutSidecars = ({ model }: ForeignMesh, namespace: string): boolean =>
  findRevisionOf(model, namespace) === null &&
  model.workloads.every(workload => workload.namespace !== namespace || workload.proxy !== 'sidecar')

/** Tells whether an object with a selector is about all pods of a service, and not only about some. */
export const selectsAll = (
  { namespace, selector }: ModelObject & { readonly selector: Labels },
  { service, pods }: ForeignService,
  rootNamespace: string,
): boolean =>
  (namespace === service.namespace || namespace === rootNamespace) &&
  pods.every(({ labels }) => isSubset(selector, labels))
