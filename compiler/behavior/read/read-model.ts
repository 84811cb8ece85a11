import { memo } from '../../basics/memo.ts'
import { weakMemo } from '../../basics/weak-memo.ts'
import { compare } from '../../diagnostics/compare.ts'
import { isSubset } from '../is-subset.ts'
import type { ManifestObject } from '../manifest-object.ts'
import type {
  BehaviorModel,
  LimiterConfig,
  MeshSettings,
  ModelObject,
  Namespace,
  RateLimit,
  Refusal,
  Service,
  UnmodelledObject,
  Workload,
} from '../model.ts'
import { podTemplates } from '../pod-templates.ts'
import { markAmbiguousEntries } from './ambiguous-entries.ts'
import { addDoubts, findReaders, findRevision } from './control-planes.ts'
import { mergeDelegates } from './delegates.ts'
import { readDestinationRule } from './destination-rules.ts'
import { isDiscovered } from './discovery.ts'
import { findRefusal } from './find-refusal.ts'
import { readGateway } from './gateways.ts'
import { readLimiterConfig } from './limiter-configs.ts'
import { hasAddress, listUnregistered, nameMachinesApart, readMachine } from './machines.ts'
import { type MeshConfig, readMeshSettings } from './mesh-settings.ts'
import { isChangingAnswers, readRateLimit } from './rate-limits.ts'
import { readObject } from './read-object.ts'
import type { Fault } from './refusals/faults.ts'
import { getRequestAuthentication, readAuthorizationPolicy, readPeerAuthentication } from './security.ts'
import { isSelecting, readService, readServiceEntry } from './services.ts'
import { readSidecar } from './sidecars.ts'
import { readUnmodelledObject } from './unmodelled-objects.ts'
import { listAt, mapAt, readLabels, readText } from './values.ts'
import { readVirtualService } from './virtual-services.ts'
import { assumePod, isGatewayPod, makeWorkload, type Pod, readPod } from './workloads.ts'

/**
 * Manifests to a model. `objects` may be of any kind, in any order; a `List` holds others. `meshConfig`: the settings
 * of istiod; without it, an IstioOperator among the objects has them, or Istio's defaults hold.
 */
type ReadModel = (objects: readonly ManifestObject[], meshConfig?: MeshConfig) => BehaviorModel

/** Reads one model. */
export const readModel: ReadModel = (objects, meshConfig) => makeModelReader()(objects, meshConfig)

/**
 * Reads models of manifests that are mostly equal. A value that several manifests share is read once, at its first position. Its
 * result is one value in all models, unless another value that it depends on differs.
 */
export function makeModelReader(): ReadModel {
  const reader = new ModelReader()
  return (objects, meshConfig) => reader.read(objects, meshConfig)
}

/** The objects of manifests, by the part of the model that they become. */
interface SortedManifests {
  readonly byKind: ReadonlyMap<string, readonly ManifestObject[]>
  readonly unmodelled: readonly UnmodelledObject[]
  readonly rateLimits: readonly { readonly limit: RateLimit; readonly source: ManifestObject }[]
  readonly limiterConfigs: readonly LimiterConfig[]
  readonly refused: readonly Refusal[]
  /** The objects of Istio that are for the control planes of one revision. */
  readonly labelled: readonly ManifestObject[]
}

class ModelReader {
  readonly #sorted = new Map<unknown, readonly SortedObject[]>()
  readonly #lists = new Map<
    string,
    { readonly sources: readonly unknown[]; readonly list: readonly unknown[] }
  >()
  readonly #settings = memo((operator: ManifestObject | undefined) =>
    readMeshSettings(readOperatorConfig(operator)),
  )
  readonly #exported = new Map<string, ExportedReaders>()
  readonly #readers = {
    namespace: memo(getNamespace),
    gateway: memo(readGateway),
    pod: memo(readPod),
    assumedPod: memo(assumePod),
    machine: memo(readMachine),
    workload: memo((isGateway: boolean) =>
      memo((namespace: Namespace | undefined) => memo((pod: Pod) => makeWorkload(pod, namespace, isGateway))),
    ),
    unseenGateway: memo((workload: Workload): Workload => {
      const reason = { code: 'gateway-in-undiscovered-namespace' } as const
      return { ...workload, unmodelled: [...workload.unmodelled, { object: workload, path: [], reason }] }
    }),
    destinationRule: memo(readDestinationRule),
    sidecar: memo(readSidecar),
    peerAuthentication: memo(readPeerAuthentication),
    requestAuthentication: memo(getRequestAuthentication),
    authorizationPolicy: memo(readAuthorizationPolicy),
  }

  read(objects: readonly ManifestObject[], meshConfig: MeshConfig | undefined): BehaviorModel {
    const manifests = this.#sortManifests(objects)
    const operators = manifests.byKind.get('IstioOperator') ?? []
    const unread = new Set(manifests.labelled.filter(source => findReaders(source, operators) === 'none'))
    const listAll: ListSources = kind => {
      const sources = manifests.byKind.get(kind) ?? []
      return unread.size === 0 ? sources : sources.filter(source => !unread.has(source))
    }
    const settings = addDoubts(
      meshConfig === undefined ? this.#settings(operators[0]) : readMeshSettings(meshConfig),
      meshConfig === undefined ? operators : [],
      manifests.labelled.filter(source => findReaders(source, operators) === 'unknown'),
    )
    const readers = this.#readers
    const exported = this.#getExportedReaders(settings)
    const namespaces = namespacesByName(
      this.#again('Namespace', [listAll('Namespace')], () => listAll('Namespace').map(readers.namespace)),
    )
    const isSeen = memo((name: string) =>
      isDiscovered(settings.discoverySelectors, name, namespaces.get(name)),
    )
    const isSeenObject = ({ value }: ManifestObject) => isSeen(findNamespaceAt(value))
    /** Lists the objects of Istio that istiod sees. */
    const listSeen: ListSources = kind =>
      settings.discoverySelectors.length === 0 ? listAll(kind) : listAll(kind).filter(isSeenObject)
    const readList = <Value extends ModelObject>(kind: string, make: (source: ManifestObject) => Value) =>
      this.#again(kind, [listSeen(kind)], () => sortByAge(listSeen(kind).map(make)))
    const kubernetes = listAll('Service').map(source =>
      isSeenObject(source) ? exported.service(source) : exported.undiscovered(source),
    )
    const services = this.#readServices(kubernetes, listSeen, settings)
    const virtualServices = this.#again('VirtualService', [exported, listSeen('VirtualService')], () =>
      mergeDelegates(sortByAge(listSeen('VirtualService').map(exported.virtualService))),
    )
    const changing = new Set(
      manifests.rateLimits.filter(({ limit }) => isChangingAnswers(limit, virtualServices)),
    )
    return {
      settings,
      namespaces,
      services,
      servicesByAgeAndHost: this.#again('services by host', [services], () =>
        sortByAge(services, ({ host }) => host),
      ),
      workloads: this.#readWorkloads(kubernetes, listAll, listSeen, namespaces, isSeen),
      gateways: readList('Gateway', readers.gateway),
      virtualServices,
      destinationRules: readList('DestinationRule', readers.destinationRule),
      sidecars: readList('Sidecar', readers.sidecar),
      peerAuthentications: readList('PeerAuthentication', readers.peerAuthentication),
      requestAuthentications: readList('RequestAuthentication', readers.requestAuthentication),
      authorizationPolicies: readList('AuthorizationPolicy', readers.authorizationPolicy),
      // istiod sees an object, or it is of Kubernetes.
      unmodelledObjects: [
        ...manifests.unmodelled,
        ...[...changing].flatMap(({ source }) => readUnmodelledObject(source) ?? []),
      ].filter(
        ({ kind, namespace, source }) =>
          (isSeen(namespace) || kind === 'NetworkPolicy') && !(source && unread.has(source)),
      ),
      rateLimits: manifests.rateLimits.flatMap(each =>
        !changing.has(each) && isSeen(each.limit.namespace) && !unread.has(each.source) ? [each.limit] : [],
      ),
      limiterConfigs: manifests.limiterConfigs,
      refused: manifests.refused,
    }
  }

  #sortManifests(objects: readonly ManifestObject[]): SortedManifests {
    const byKind = new Map<string, ManifestObject[]>()
    const unmodelledObjects: UnmodelledObject[] = []
    const rateLimits: SortedManifests['rateLimits'][number][] = []
    const limiterConfigs: LimiterConfig[] = []
    const refused: Refusal[] = []
    const labelled: ManifestObject[] = []
    for (const object of objects)
      for (const each of this.#sortOnce(object)) {
        const { source, kind, unmodelled, rateLimit, limiterConfig, refusal, isLabelled } = each
        if (rateLimit !== undefined) rateLimits.push({ limit: rateLimit, source })
        if (limiterConfig !== undefined) limiterConfigs.push(limiterConfig)
        if (unmodelled !== undefined) unmodelledObjects.push(unmodelled)
        if (refusal !== undefined) refused.push(refusal)
        else if (isLabelled) labelled.push(source)
        if (kind === undefined || refusal !== undefined) continue
        const same = byKind.get(kind)
        if (same === undefined) byKind.set(kind, [source])
        else same.push(source)
      }
    return { byKind, unmodelled: unmodelledObjects, rateLimits, limiterConfigs, refused, labelled }
  }

  /** Reads the services: of Kubernetes, and those that ServiceEntries declare. */
  #readServices(
    kubernetes: readonly Service[],
    listSeen: ListSources,
    settings: MeshSettings,
  ): readonly Service[] {
    const exported = this.#getExportedReaders(settings)
    const entries = listSeen('ServiceEntry')
    const workloadEntries = listSeen('WorkloadEntry')
    const readEntry = (source: ManifestObject) =>
      isSelecting(source) ? readServiceEntry(source, settings, workloadEntries) : exported.entry(source)
    return this.#again('services', [exported, kubernetes, entries, workloadEntries], () =>
      markAmbiguousEntries(
        sortByAge([...kubernetes, ...entries.flatMap(readEntry)], nameOfService),
        readCreationTime,
      ),
    )
  }

  /**
   * Reads the workloads, and assumes one for each Service without a workload. A gateway is a workload, whether istiod sees the labels
   * of its pod or not.
   */
  #readWorkloads(
    kubernetes: readonly Service[],
    listAll: ListSources,
    listSeen: ListSources,
    namespaces: ReadonlyMap<string, Namespace>,
    isSeen: (namespace: string) => boolean,
  ): readonly Workload[] {
    const readers = this.#readers
    const templates = [...podTemplates.keys()].flatMap(listAll)
    const gateways = listAll('Gateway')
    const machineKinds = ['WorkloadEntry', 'WorkloadGroup'].map(listSeen)
    const sources = [[...namespaces.values()], gateways, templates, ...machineKinds, kubernetes]
    return this.#again('workloads', sources, () => {
      const selectors = gateways.map(source => readers.gateway(source).selector)
      const [entries, groups] = machineKinds.map(list => list.map(readers.machine))
      const machines = [...entries!.filter(hasAddress), ...listUnregistered(groups!, entries!)]
      const pods = nameApart(templates.map(readers.pod))
      const assumed = listAssumedPods(kubernetes, [...pods, ...machines], readers.assumedPod)
      const running = [...pods, ...assumed].map(pod => {
        const isGateway = isGatewayPod(pod, selectors)
        const workload = readers.workload(isGateway)(namespaces.get(pod.namespace))(pod)
        return isGateway && !isSeen(pod.namespace) ? readers.unseenGateway(workload) : workload
      })
      return [...running, ...nameMachinesApart(machines, running)]
    })
  }

  /** Gives the last list with a name if its sources are the same again. */
  #again<Value>(name: string, sources: readonly unknown[], make: () => readonly Value[]): readonly Value[] {
    const flat = sources.flat()
    const last = this.#lists.get(name)
    // A name belongs to lists of one type.
    if (last !== undefined && hasSame(last.sources, flat)) return last.list as readonly Value[]
    const list = make()
    this.#lists.set(name, { sources: flat, list })
    return list
  }

  /** Sorts an object once. Objects with one value are one object, at every position. */
  #sortOnce(object: ManifestObject): readonly SortedObject[] {
    const sorted = this.#sorted.get(object.value) ?? sort(object)
    this.#sorted.set(object.value, sorted)
    return sorted
  }

  #getExportedReaders(settings: MeshSettings): ExportedReaders {
    const { defaultServiceExportTo, defaultVirtualServiceExportTo } = settings
    const key = JSON.stringify([defaultServiceExportTo, defaultVirtualServiceExportTo])
    const readers = this.#exported.get(key) ?? makeExportedReaders(settings)
    this.#exported.set(key, readers)
    return readers
  }
}

/** Lists the objects of a kind. */
type ListSources = (kind: string) => readonly ManifestObject[]

/** Reads the namespace as `objectOf` does. */
const findNamespaceAt = (value: unknown) => readText(mapAt(value, 'metadata'), 'namespace') ?? 'default'

const hasSame = (a: readonly unknown[], b: readonly unknown[]): boolean =>
  a.length === b.length && a.every((value, index) => value === b[index])

type ExportedReaders = ReturnType<typeof makeExportedReaders>

/** Makes the readers of objects whose default of `exportTo` comes from the settings. */
const makeExportedReaders = (settings: MeshSettings) => ({
  service: memo((source: ManifestObject) => readService(source, settings)),
  undiscovered: memo(
    (source: ManifestObject): Service => ({
      ...readService(source, settings),
      exportTo: [],
      isUndiscovered: true,
    }),
  ),
  entry: memo((source: ManifestObject) => readServiceEntry(source, settings, [])),
  virtualService: memo((source: ManifestObject) => readVirtualService(source, settings)),
})

/** An object of a kind that is read, of an unmodelled kind, or one that the API server refuses. */
interface SortedObject {
  readonly source: ManifestObject
  readonly kind: string | undefined
  readonly unmodelled: UnmodelledObject | undefined
  readonly rateLimit: RateLimit | undefined
  readonly limiterConfig: LimiterConfig | undefined
  readonly refusal: Refusal | undefined
  /** True for an object of Istio that is for the control planes of one revision. */
  readonly isLabelled: boolean
}

const sort = (object: ManifestObject): readonly SortedObject[] =>
  unpack(object).map(source => {
    const kind = findKnownKind(source)
    const finding = source.isAdmitted ? undefined : findRefusalIn(source.value)
    const rateLimit = kind === undefined ? readRateLimit(source) : undefined
    return {
      source,
      kind,
      unmodelled: kind === undefined && rateLimit === undefined ? readUnmodelledObject(source) : undefined,
      rateLimit,
      limiterConfig: kind === undefined ? readLimiterConfig(source) : undefined,
      refusal: finding && { object: readObject(source), ...finding },
      isLabelled: isOfIstio(source) && findRevision(source) !== undefined,
    }
  })

const isOfIstio = ({ value }: ManifestObject): boolean =>
  /^(networking|security|extensions)\.istio\.io\//.test(readText(value, 'apiVersion') ?? '')

/** Finds why no cluster takes an object; undefined: it takes it, or the kind is not read here. */
export function findRefusalIn(value: unknown): Fault {
  const kind = findKnownKind({ value })
  return kind === undefined ? findMissingVersion({ value }) : findRefusal(kind, value)
}

/** Tells whether an object is of a kind that affects requests, modelled or not. */
export const isFollowedKind = (value: unknown): boolean =>
  (findKnownKind({ value }) ??
    findMissingVersion({ value }) ??
    readUnmodelledObject({ value, file: '', line: 1, lineOf: () => 1 }) ??
    readLimiterConfig({ value, file: '', line: 1, lineOf: () => 1 })) !== undefined

/** The items of a List, which are in the document of the List. */
function unpack(source: ManifestObject): readonly ManifestObject[] {
  if (!readText(source.value, 'kind')?.endsWith('List')) return [source]
  return listAt(source.value, 'items').map((value, index) => ({
    value,
    file: source.file,
    line: source.lineOf(['items', index]),
    lineOf: path => source.lineOf(['items', index, ...path]),
  }))
}

/** Finds an object of a supported kind without `apiVersion`, which every API server refuses. */
const findMissingVersion = ({ value }: Pick<ManifestObject, 'value'>): Fault =>
  groups.has(readText(value, 'kind') ?? '') && !readText(value, 'apiVersion')
    ? { path: [], reason: '`apiVersion` is missing' }
    : undefined

/** The kind of an object that is read here; two groups may have kinds of one name. */
function findKnownKind({ value }: Pick<ManifestObject, 'value'>): string | undefined {
  const kind = readText(value, 'kind') ?? ''
  const version = readText(value, 'apiVersion') ?? ''
  const group = version.slice(0, Math.max(version.indexOf('/'), 0))
  return groups.get(kind)?.includes(group) ? kind : undefined
}

const groups: ReadonlyMap<string, readonly string[]> = new Map(
  Object.entries({
    ...Object.fromEntries(
      [...podTemplates.keys()].map(kind => [kind, ['apps', 'batch', 'argoproj.io', '']] as const),
    ),
    Service: [''],
    Namespace: [''],
    IstioOperator: ['install.istio.io'],
    VirtualService: ['networking.istio.io'],
    DestinationRule: ['networking.istio.io'],
    Gateway: ['networking.istio.io'],
    ServiceEntry: ['networking.istio.io'],
    WorkloadEntry: ['networking.istio.io'],
    WorkloadGroup: ['networking.istio.io'],
    Sidecar: ['networking.istio.io'],
    PeerAuthentication: ['security.istio.io'],
    RequestAuthentication: ['security.istio.io'],
    AuthorizationPolicy: ['security.istio.io'],
  }),
)

const namespacesByName = weakMemo(
  (all: readonly Namespace[]): ReadonlyMap<string, Namespace> =>
    new Map(all.map(namespace => [namespace.name, namespace])),
)

const readOperatorConfig = (source: ManifestObject | undefined): MeshConfig | undefined =>
  source && { value: mapAt(mapAt(source.value, 'spec'), 'meshConfig'), source }

function getNamespace(source: ManifestObject): Namespace {
  const labels = readLabels(mapAt(source.value, 'metadata'), 'labels')
  const isAmbient = labels['istio.io/dataplane-mode'] === 'ambient'
  const path = ['metadata', 'labels', 'istio.io/dataplane-mode']
  return {
    ...readObject(source, undefined, isAmbient ? [{ path, reason: { code: 'ambient-mode' } }] : []),
    labels,
  }
}

/** Names apart two workloads of one name that are of two kinds: those that are not of the first kind say their own. */
function nameApart(pods: readonly Pod[]): readonly Pod[] {
  const kinds = [...podTemplates.keys()]
  const first = new Map<string, number>()
  const getKey = ({ namespace, name }: Pod) => `${namespace}/${name}`
  for (const pod of pods)
    first.set(getKey(pod), Math.min(first.get(getKey(pod)) ?? kinds.length, kinds.indexOf(pod.kind)))
  return pods.map(pod =>
    kinds.indexOf(pod.kind) === first.get(getKey(pod)) ? pod : { ...pod, name: `${pod.name} (${pod.kind})` },
  )
}

/**
 * Assumes one pod for each Service that selects no pod, not even one that is assumed for a Service before it. Pods are looked up by
 * one label, so that the work grows with their number.
 */
function listAssumedPods(
  services: readonly Service[],
  pods: readonly Pick<Workload, 'namespace' | 'labels'>[],
  assumed: (service: Service) => Pod,
): readonly Pod[] {
  const byLabel = new Map<string, Pick<Workload, 'labels'>[]>()
  const addPod = (pod: Pick<Workload, 'namespace' | 'labels'>) => {
    for (const [key, value] of Object.entries(pod.labels)) {
      const label = `${pod.namespace}/${key}=${value}`
      const same = byLabel.get(label)
      if (same === undefined) byLabel.set(label, [pod])
      else same.push(pod)
    }
  }
  pods.forEach(addPod)
  return services.flatMap(service => {
    const { namespace, selector, resolution } = service
    const [first] = Object.entries(selector)
    if (first === undefined || resolution === 'alias') return []
    const candidates = byLabel.get(`${namespace}/${first[0]}=${first[1]}`) ?? []
    if (candidates.some(({ labels }) => isSubset(selector, labels))) return []
    const pod = assumed(service)
    addPod(pod)
    return [pod]
  })
}

/**
 * Sorts the oldest objects first, objects of one age by name and then by namespace. An object without a creation time is not in the
 * cluster yet, and is younger than all others. See sortConfigByCreationTime in pilot/pkg/model/config.go of istio/istio.
 */
function sortByAge<Value extends ModelObject>(
  values: readonly Value[],
  nameOf: (value: Value) => string = ({ name }) => name,
): readonly Value[] {
  return values
    .map(value => ({ value, time: readCreationTime(value) }))
    .toSorted(
      (a, b) =>
        // The difference of two infinite times is no number.
        a.time - b.time ||
        compare(nameOf(a.value), nameOf(b.value)) ||
        compare(a.value.namespace, b.value.namespace) ||
        compare(a.value.name, b.value.name),
    )
    .map(({ value }) => value)
}

/** The creation time in milliseconds; infinite if the object has none. */
function readCreationTime({ source }: ModelObject): number {
  const time = readText(mapAt(source?.value, 'metadata'), 'creationTimestamp')
  return time === undefined ? Number.POSITIVE_INFINITY : Date.parse(time)
}

/** Istio calls a service of a ServiceEntry by its host. See SortServicesByCreationTime in pilot/pkg/model/push_context.go. */
const nameOfService = ({ registry, name, host }: Service) => (registry === 'Kubernetes' ? name : host)
