import { compare } from '../../diagnostics/compare.ts'
import { isSubset } from '../is-subset.ts'
import type { ManifestObject } from '../manifest-object.ts'
import type { BehaviorModel, Labels, ModelObject, Namespace, Service, UnmodelledObject } from '../model.ts'
import { mergeDelegates } from './delegates.ts'
import { destinationRuleOf } from './destination-rules.ts'
import { gatewayOf } from './gateways.ts'
import { type MeshConfig, meshSettingsOf } from './mesh-settings.ts'
import { objectOf } from './object-of.ts'
import { refusalOf } from './refusal-of.ts'
import { authorizationPolicyOf, peerAuthenticationOf, requestAuthenticationOf } from './security.ts'
import { serviceOf, servicesOfEntry } from './services.ts'
import { sidecarOf } from './sidecars.ts'
import { unmodelledObjectOf } from './unmodelled-objects.ts'
import { labelsAt, listAt, mapAt, textAt } from './values.ts'
import { virtualServiceOf } from './virtual-services.ts'
import { assumedPod, type Pod, podOf, podTemplates, workloadOf } from './workloads.ts'

/**
 * Manifests to a model. `objects` may be of any kind, in any order; a `List` holds others. `meshConfig`: what istiod is
 * told of the mesh; without it, an IstioOperator among the objects says it, or Istio's defaults.
 */
export function readModel(objects: readonly ManifestObject[], meshConfig?: MeshConfig): BehaviorModel {
  const byKind = new Map<string, ManifestObject[]>()
  const unmodelledObjects: UnmodelledObject[] = []
  const refused: { object: ModelObject; reason: string }[] = []
  for (const source of objects.flatMap(unpack)) {
    const kind = knownKindOf(source)
    if (kind === undefined) {
      const unmodelled = unmodelledObjectOf(source)
      if (unmodelled !== undefined) unmodelledObjects.push(unmodelled)
      continue
    }
    const reason = refusalOf(kind, source)
    if (reason !== undefined) refused.push({ object: objectOf(source), reason })
    else {
      const same = byKind.get(kind)
      if (same === undefined) byKind.set(kind, [source])
      else same.push(source)
    }
  }
  const of = <Value>(kind: string, make: (source: ManifestObject) => Value): readonly Value[] =>
    (byKind.get(kind) ?? []).map(make)

  const settings = meshSettingsOf(meshConfig ?? operatorConfig(byKind.get('IstioOperator')?.[0]))
  const namespaces = new Map(of('Namespace', namespaceOf).map(namespace => [namespace.name, namespace]))
  const workloadEntries = byKind.get('WorkloadEntry') ?? []
  const kubernetes = of('Service', source => serviceOf(source, settings))
  const services: readonly Service[] = [
    ...kubernetes,
    ...of('ServiceEntry', source => servicesOfEntry(source, settings, workloadEntries)).flat(),
  ].toSorted(bySortName)
  const gateways = inOrder(of('Gateway', gatewayOf))
  const pods = namedApart(
    Object.keys(podTemplates)
      .flatMap(kind => byKind.get(kind) ?? [])
      .map(podOf),
  )
  const selectors: readonly Labels[] = gateways.map(({ selector }) => selector)
  return {
    settings,
    namespaces,
    services,
    workloads: [...pods, ...assumedPods(kubernetes, pods)].map(pod => workloadOf(pod, namespaces, selectors)),
    gateways,
    virtualServices: mergeDelegates(
      inOrder(of('VirtualService', source => virtualServiceOf(source, settings))),
    ),
    destinationRules: inOrder(of('DestinationRule', destinationRuleOf)),
    sidecars: inOrder(of('Sidecar', sidecarOf)),
    peerAuthentications: inOrder(of('PeerAuthentication', peerAuthenticationOf)),
    requestAuthentications: inOrder(of('RequestAuthentication', requestAuthenticationOf)),
    authorizationPolicies: inOrder(of('AuthorizationPolicy', authorizationPolicyOf)),
    unmodelledObjects,
    refused,
  }
}

/** The items of a List, which stand in the document of the List. */
function unpack(source: ManifestObject): readonly ManifestObject[] {
  if (!textAt(source.value, 'kind')?.endsWith('List')) return [source]
  return listAt(source.value, 'items').map((value, index) => ({
    value,
    file: source.file,
    line: source.lineOf(['items', index]),
    lineOf: path => source.lineOf(['items', index, ...path]),
  }))
}

/** The kind of an object that is read here; two groups may have kinds of one name. */
function knownKindOf({ value }: ManifestObject): string | undefined {
  const kind = textAt(value, 'kind') ?? ''
  const group = textAt(value, 'apiVersion')?.split('/').slice(0, -1)[0] ?? ''
  return groups[kind]?.includes(group) ? kind : undefined
}

const groups: Readonly<Record<string, readonly string[]>> = {
  ...Object.fromEntries(
    Object.keys(podTemplates).map(kind => [kind, ['apps', 'batch', 'argoproj.io', '']] as const),
  ),
  Service: [''],
  Namespace: [''],
  IstioOperator: ['install.istio.io'],
  VirtualService: ['networking.istio.io'],
  DestinationRule: ['networking.istio.io'],
  Gateway: ['networking.istio.io'],
  ServiceEntry: ['networking.istio.io'],
  WorkloadEntry: ['networking.istio.io'],
  Sidecar: ['networking.istio.io'],
  PeerAuthentication: ['security.istio.io'],
  RequestAuthentication: ['security.istio.io'],
  AuthorizationPolicy: ['security.istio.io'],
}

const operatorConfig = (source: ManifestObject | undefined): MeshConfig | undefined =>
  source && { value: mapAt(mapAt(source.value, 'spec'), 'meshConfig'), source }

function namespaceOf(source: ManifestObject): Namespace {
  const labels = labelsAt(mapAt(source.value, 'metadata'), 'labels')
  const isAmbient = labels['istio.io/dataplane-mode'] === 'ambient'
  const path = ['metadata', 'labels', 'istio.io/dataplane-mode']
  return { ...objectOf(source, undefined, isAmbient ? [{ path, reason: 'ambient mode' }] : []), labels }
}

/** Two workloads of one name are of two kinds: those that are not of the first kind say their own. */
function namedApart(pods: readonly Pod[]): readonly Pod[] {
  const kinds = Object.keys(podTemplates)
  const first = new Map<string, number>()
  const keyOf = ({ namespace, name }: Pod) => `${namespace}/${name}`
  for (const pod of pods)
    first.set(keyOf(pod), Math.min(first.get(keyOf(pod)) ?? kinds.length, kinds.indexOf(pod.kind)))
  return pods.map(pod =>
    kinds.indexOf(pod.kind) === first.get(keyOf(pod)) ? pod : { ...pod, name: `${pod.name} (${pod.kind})` },
  )
}

/** One for each Service that selects no pod. Pods are looked up by one label, so that the work grows with their number. */
function assumedPods(services: readonly Service[], pods: readonly Pod[]): readonly Pod[] {
  const byLabel = new Map<string, Pod[]>()
  for (const pod of pods)
    for (const [key, value] of Object.entries(pod.labels)) {
      const label = `${pod.namespace}/${key}=${value}`
      const same = byLabel.get(label)
      if (same === undefined) byLabel.set(label, [pod])
      else same.push(pod)
    }
  return services
    .filter(({ namespace, selector, resolution }) => {
      const [first] = Object.entries(selector)
      if (first === undefined || resolution === 'alias') return false
      const candidates = byLabel.get(`${namespace}/${first[0]}=${first[1]}`) ?? []
      return !candidates.some(({ labels }) => isSubset(selector, labels))
    })
    .map(assumedPod)
}

/** No manifest says how old it is; of one age, Istio takes objects by name, then namespace. */
const inOrder = <Value extends ModelObject>(values: readonly Value[]): readonly Value[] =>
  values.toSorted((a, b) => compare(a.name, b.name) || compare(a.namespace, b.namespace))

/** Services are in order by the name that Istio gives them: that of a ServiceEntry's is its host. */
const bySortName = (a: Service, b: Service) =>
  compare(sortName(a), sortName(b)) || compare(a.namespace, b.namespace)

const sortName = ({ registry, name, host }: Service) => (registry === 'Kubernetes' ? name : host)
