import type { ManifestObject } from '../behavior/manifest-object.ts'
import { isMap } from '../source/document.ts'

type Values = Readonly<Record<string, unknown>>

/**
 * An object without the parts that a cluster adds, which no author has written: its status, fields of the API server, and defaults.
 * The creation time stays, since it orders the objects.
 */
export function withoutLiveParts(object: ManifestObject): ManifestObject {
  const value = withoutParts(object.value)
  if (value === object.value) return object
  return {
    value,
    file: object.file,
    get line() {
      return object.line
    },
    lineOf: path => object.lineOf(path),
  }
}

/** Fields of `metadata` that an API server or a controller writes. */
const keptByCluster = ['managedFields', 'resourceVersion', 'uid', 'generation', 'selfLink', 'ownerReferences']

/** Annotations that kubectl and controllers write. */
const writtenAnnotation =
  /^(?:kubectl\.kubernetes\.io\/(?:last-applied-configuration|restartedAt)|deployment\.kubernetes\.io\/revision|argocd\.argoproj\.io\/tracking-id)$/

function withoutParts(value: unknown): unknown {
  if (!isMap(value)) return value
  const { status: _, ...rest } = value
  const kind = String(value['kind'])
  const metadata = isMap(rest['metadata']) ? withoutMetadata(kind, rest['metadata']) : rest['metadata']
  const spec = isMap(rest['spec']) ? withoutDefaults(kind, rest['spec']) : rest['spec']
  // A running Pod is known by the address in its status.
  const isStateless = !('status' in value) || kind === 'Pod'
  if (isStateless && metadata === value['metadata'] && spec === value['spec']) return value
  const { spec: _spec, ...others } = kind === 'Pod' ? value : rest
  return {
    ...others,
    ...(metadata !== undefined && { metadata }),
    // The spec of a Namespace is all the cluster's own.
    ...(spec !== undefined && !(kind === 'Namespace' && isEmptyMap(spec)) && { spec }),
  }
}

function withoutMetadata(kind: string, written: Values): Values {
  const metadata = kind === 'Namespace' ? withoutOwnName(written) : written
  const annotations = isMap(metadata['annotations']) ? metadata['annotations'] : undefined
  const isWritten =
    annotations !== undefined && Object.keys(annotations).some(key => writtenAnnotation.test(key))
  if (!isWritten && !keptByCluster.some(key => key in metadata)) return metadata
  const kept = Object.fromEntries(Object.entries(metadata).filter(([key]) => !keptByCluster.includes(key)))
  if (!isWritten) return kept
  const { annotations: _, ...rest } = kept
  const authored = Object.entries(annotations).filter(([key]) => !writtenAnnotation.test(key))
  return authored.length === 0 ? rest : { ...rest, annotations: Object.fromEntries(authored) }
}

/** Every Namespace has its name as a label. */
function withoutOwnName(metadata: Values): Values {
  const { labels } = metadata
  if (!isMap(labels)) return metadata
  const bare = removeDefaults(labels, { 'kubernetes.io/metadata.name': name => name === metadata['name'] })
  if (bare === labels) return metadata
  const { labels: _, ...rest } = metadata
  return isEmptyMap(bare) ? rest : { ...rest, labels: bare }
}

/** A value that a field has anyway; of a function, whatever it is true of. */
type Default = string | number | boolean | ((value: unknown) => boolean)

const isEmptyMap = (value: unknown) => isMap(value) && Object.keys(value).length === 0

/** See https://kubernetes.io/docs/reference/generated/kubernetes-api/ */
const serviceDefaults: Readonly<Record<string, Default>> = {
  // The cluster assigns an address; the author of the Service sets `None`.
  clusterIP: value => value !== 'None',
  clusterIPs: value => Array.isArray(value) && !value.includes('None'),
  ipFamilies: () => true,
  ipFamilyPolicy: 'SingleStack',
  internalTrafficPolicy: 'Cluster',
  externalTrafficPolicy: 'Cluster',
  allocateLoadBalancerNodePorts: true,
  healthCheckNodePort: () => true,
  sessionAffinity: 'None',
  type: 'ClusterIP',
}
const workloadDefaults: Readonly<Record<string, Default>> = {
  replicas: 1,
  progressDeadlineSeconds: 600,
  revisionHistoryLimit: 10,
  podManagementPolicy: 'OrderedReady',
  strategy: value => isMap(value) && value['type'] === 'RollingUpdate' && isUsualPace(value['rollingUpdate']),
  updateStrategy: value => isMap(value) && value['type'] === 'RollingUpdate',
}
const isUsualPace = (pace: unknown) =>
  isMap(pace) && pace['maxSurge'] === '25%' && pace['maxUnavailable'] === '25%'
const podDefaults: Readonly<Record<string, Default>> = {
  dnsPolicy: 'ClusterFirst',
  restartPolicy: 'Always',
  schedulerName: 'default-scheduler',
  securityContext: isEmptyMap,
  terminationGracePeriodSeconds: 30,
}
const containerDefaults: Readonly<Record<string, Default>> = {
  imagePullPolicy: () => true,
  resources: isEmptyMap,
  terminationMessagePath: '/dev/termination-log',
  terminationMessagePolicy: 'File',
}

function withoutDefaults(kind: string, spec: Values): Values {
  if (kind === 'Namespace') return removeDefaults(spec, { finalizers: () => true })
  if (kind === 'Service') {
    const ports = mapEach(spec['ports'], port => removeDefaults(port, portDefaults(port)))
    return removeDefaults(ports === spec['ports'] ? spec : { ...spec, ports }, serviceDefaults)
  }
  const template = isMap(spec['template']) ? spec['template'] : undefined
  const podSpec = template !== undefined && isMap(template['spec']) ? template['spec'] : undefined
  if (template === undefined || podSpec === undefined) return spec
  const bare = removeDefaults(spec, workloadDefaults)
  const containers = mapEach(podSpec['containers'], container => {
    const ports = mapEach(container['ports'], port => removeDefaults(port, { protocol: 'TCP' }))
    return removeDefaults(
      ports === container['ports'] ? container : { ...container, ports },
      containerDefaults,
    )
  })
  const account = podSpec['serviceAccountName']
  const barePod = removeDefaults(
    containers === podSpec['containers'] ? podSpec : { ...podSpec, containers },
    {
      ...podDefaults,
      serviceAccount: value => value === account,
    },
  )
  const metadata = isMap(template['metadata']) ? template['metadata'] : undefined
  const bareMetadata = metadata && removeDefaults(metadata, { creationTimestamp: value => value === null })
  const isBareTemplate = barePod === podSpec && bareMetadata === metadata
  if (isBareTemplate) return bare
  const bareTemplate = { ...template, ...(bareMetadata && { metadata: bareMetadata }), spec: barePod }
  return { ...bare, template: bareTemplate }
}

const portDefaults = (port: Values): Readonly<Record<string, Default>> => ({
  protocol: 'TCP',
  targetPort: value => value === port['port'],
  nodePort: () => true,
})

/** The same list if nothing changes. */
function mapEach(list: unknown, change: (entry: Values) => Values): unknown {
  if (!Array.isArray(list)) return list
  const changed = list.map(entry => (isMap(entry) ? change(entry) : entry))
  return changed.every((entry, index) => entry === list[index]) ? list : changed
}

/** The same map if it has no defaults. */
function removeDefaults(map: Values, defaults: Readonly<Record<string, Default>>): Values {
  const isDefault = (key: string, value: unknown) => {
    const usual = Object.hasOwn(defaults, key) ? defaults[key] : undefined
    return typeof usual === 'function' ? usual(value) : usual !== undefined && usual === value
  }
  const kept = Object.entries(map).filter(([key, value]) => !isDefault(key, value))
  return kept.length === Object.keys(map).length ? map : Object.fromEntries(kept)
}

/**
 * Gives objects on both sides one age: `kubectl apply` does not change the age of an object in the cluster.
 *
 * @param nameOf makes the name that identifies an object
 */
export function withSharedAges(
  objects: readonly ManifestObject[],
  others: readonly ManifestObject[],
  nameOf: (value: unknown) => string,
): readonly ManifestObject[] {
  const ages = new Map<string, unknown>()
  for (const { value } of others) {
    const age = getCreationTime(value)
    if (age !== undefined) ages.set(nameOf(value), age)
  }
  if (ages.size === 0) return objects
  return objects.map(object => {
    const { value } = object
    const age = getCreationTime(value) === undefined ? ages.get(nameOf(value)) : undefined
    if (age === undefined || !isMap(value)) return object
    const metadata = isMap(value['metadata']) ? value['metadata'] : {}
    return {
      value: { ...value, metadata: { ...metadata, creationTimestamp: age } },
      file: object.file,
      get line() {
        return object.line
      },
      lineOf: path => object.lineOf(path),
    }
  })
}

function getCreationTime(value: unknown): unknown {
  const metadata = isMap(value) && isMap(value['metadata']) ? value['metadata'] : {}
  return metadata['creationTimestamp'] ?? undefined
}
