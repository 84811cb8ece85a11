import crds from './crds.json' with { type: 'json' }
import { isRecord } from './json-schema.ts'
import { listFaults, makeUnknownFault, type Shape, type ShapeFault, type Shapes } from './shapes.ts'

// crds.json is made in this form: see test/oracle/crd-shapes.test.ts.
const shapes = () => crds.shapes as Shapes
const getKinds = () => crds.kinds as Readonly<Record<string, ShapesOfGroup>>
const getKubernetesKinds = () => crds.kubernetes as Readonly<Record<string, ShapesOfGroup>>

/** The versions of each kind, and the shape of each. */
type ShapesOfGroup = Readonly<Record<string, Readonly<Record<string, string>>>>

/** The versions of each kind. */
export type KindsOfGroup = Readonly<Record<string, readonly string[]>>

/** The API groups of Kubernetes itself, which takes no other kinds in them. The name of its core group is empty. */
export const kubernetesGroups = (): Readonly<Record<string, KindsOfGroup>> => crds.builtIn

/** The API groups whose kinds are known: of Kubernetes, Istio, Argo CD, cert-manager, the Prometheus operator and Kiali. */
export const readKnownGroups = (): ReadonlyMap<string, KindsOfGroup> =>
  new Map([...Object.entries(kubernetesGroups()), ...Object.entries(getKinds()).map(withVersions)])

const withVersions = ([group, shapes]: readonly [string, ShapesOfGroup]): readonly [string, KindsOfGroup] => [
  group,
  Object.fromEntries(Object.entries(shapes).map(([kind, byVersion]) => [kind, Object.keys(byVersion)])),
]

/**
 * Lists the faults of an object against the CRD of its kind and version, or against the schema that Kubernetes has for its own kind;
 * none for an unknown kind. The CRDs' rules in CEL are
 * held where they are of a common form only.
 */
export function* findShapeFaults(object: Readonly<Record<string, unknown>>): Iterable<ShapeFault> {
  const { apiVersion, kind, metadata, ...rest } = object
  yield* metadataFaults(metadata)
  const [version = '', group = ''] = String(apiVersion).split('/').reverse()
  const name = (getKinds()[group] ?? getKubernetesKinds()[group])?.[String(kind)]?.[version]
  if (name === undefined) return
  const shape = shapes()[name]!
  const required = (shape.required ?? []).filter(field => field !== 'metadata')
  yield* listFaults(shapes(), { ...shape, required }, rest, [])
}

/** The fields of ObjectMeta that a person writes, and what they are. */
const metadataShapes: Readonly<Record<string, Shape>> = {
  labels: { type: 'object' },
  annotations: { type: 'object' },
  name: { type: 'string' },
  namespace: { type: 'string' },
  generateName: { type: 'string' },
  finalizers: { type: 'array' },
  ownerReferences: { type: 'array' },
}

/** Fields that the API server writes itself, and takes all the same. */
const fieldsOfServer = [
  'creationTimestamp',
  'deletionGracePeriodSeconds',
  'deletionTimestamp',
  'generation',
  'managedFields',
  'resourceVersion',
  'selfLink',
  'uid',
]

function* metadataFaults(metadata: unknown): Iterable<ShapeFault> {
  if (!isRecord(metadata)) return
  for (const [key, value] of Object.entries(metadata)) {
    const path = ['metadata', key]
    const shape = Object.hasOwn(metadataShapes, key) ? metadataShapes[key] : undefined
    if (shape === undefined && !fieldsOfServer.includes(key))
      yield makeUnknownFault(path, key, Object.keys(metadataShapes))
    if (shape === undefined) continue
    yield* listFaults(shapes(), { ...shape, isOpen: true }, value, path)
    if (shape.type !== 'object' || !isRecord(value)) continue
    for (const [name, text] of Object.entries(value))
      yield* listFaults(shapes(), { type: 'string' }, text, [...path, name])
  }
}
