import { type BodyByKind, manifestForms } from '../../schema/generated/targets.ts'
import type { PatchableKind } from '../../schema/spec/patches.ts'
import type { Decision } from '../mesh/decisions.ts'
import type { Labels, Mesh, SharedMesh } from '../mesh/mesh.ts'
import { because, decided, type Reason, type Sourced } from '../mesh/sourced.ts'
import type { Sourceable } from './sourceable.ts'
import { moveBelow, type OnScalar } from './yaml.ts'

/** A Kubernetes object. Every part has its origins. */
export interface Manifest {
  readonly kind: string
  readonly name: string
  /** The namespace; undefined for a kind without one. */
  readonly namespace: string | undefined
  /** The object: apiVersion, kind, metadata and the rest. */
  readonly tree: Sourced<unknown>
  /** The reasons in the spec for the object, in addition to its name. */
  readonly reasons?: readonly Reason[]
}

/** Files below `out/<env>/`, each with its manifests in order. */
export interface ManifestFile {
  readonly path: string
  readonly manifests: readonly Manifest[]
}

/** A file below `out/<env>/` that is no manifest: part of the Helm chart, or input of a tool. Its text ends in a line break. */
export interface TextFile {
  readonly path: string
  readonly text: string
  /** The values in the file, if it is YAML. */
  readonly values?: TracedValues
}

/** The values of a text, and their reasons. */
interface TracedValues {
  /** The name of its kind of object: `HelmChart/chart`. */
  readonly object: string
  /** Reports every scalar with its line in the text. */
  trace(onScalar: OnScalar): void
}

/** A text that is made when a caller reads it: a caller that lists manifests does not read it. */
export function makeTextFile(path: string, make: () => string): TextFile {
  let made: string | undefined
  return {
    path,
    get text() {
      made ??= make()
      return made
    },
  }
}

/**
 * The same for a YAML text under a comment line.
 *
 * @param object the object name for its values
 * @param print gives the text below the comment, and reports each scalar in it
 */
export function makeTracedFile(
  path: string,
  object: string,
  comment: string,
  print: (onScalar?: OnScalar) => string,
): TextFile {
  const file = makeTextFile(path, () => `${comment}\n${print()}`)
  const trace: TracedValues['trace'] = onScalar => {
    print(scalar => onScalar(moveBelow(scalar, 1)))
  }
  // The property is added to the file, whose text is made only when it is read.
  return Object.assign(file, { values: { object, trace } })
}

/** The kinds with a spec that meshc emits into `manifests/`. */
type SpecKind = PatchableKind

/** The identity of an object, and which policy of meshc shaped it. */
interface Identity {
  readonly name: Sourced<string>
  readonly namespace: Sourced<string>
  readonly policy: Decision
  readonly labels?: Readonly<Record<string, Sourced<string>>>
  /** True for a default that nearer objects override. It is applied after all nearer objects. */
  readonly isMeshWide?: boolean
  /** The reasons in the spec for the object, if its name does not have them; its spec has its own reasons. */
  readonly reasons?: readonly Reason[]
}

/** The parts that are the same in every object of a kind. */
interface Envelope {
  readonly apiVersion: Sourced<string>
  readonly kind: Sourced<string>
  readonly annotations: Sourced<Readonly<Record<string, string>>>
}

type ManifestForms = typeof manifestForms

/** The kinds of `manifests/`, which have a sync wave. */
type SyncedKind = {
  [Kind in keyof ManifestForms]: ManifestForms[Kind] extends { readonly wave: number } ? Kind : never
}[keyof ManifestForms]

const makeWaveAnnotation = (wave: number): Envelope['annotations'] =>
  decided('policy:sync-wave', { 'argocd.argoproj.io/sync-wave': String(wave) })

// Argo CD applies the lowest wave first and prunes the highest first. So a destination exists before its route and after it, and
// callers are allowed before all others are denied.
const envelopeEntries = Object.entries(manifestForms).flatMap(([kind, form]) =>
  'wave' in form ? [[kind, makeEnvelope(kind, form)] as const] : [],
)
// Object.fromEntries forgets which kinds there are.
const envelopes = Object.fromEntries(envelopeEntries) as Readonly<Record<SyncedKind, Envelope>>

function makeEnvelope(kind: string, { apiVersion, wave }: ManifestForms[SyncedKind]): Envelope {
  return {
    apiVersion: decided('policy:object', apiVersion),
    kind: decided('policy:object', kind),
    annotations: kind === 'EnvoyFilter' ? intended(wave) : makeWaveAnnotation(wave),
  }
}

/** Istio warns of every EnvoyFilter, since Envoy may change: this one is known. */
function intended(wave: number): Envelope['annotations'] {
  const waves = makeWaveAnnotation(wave)
  return because({ ...waves.value, 'galley.istio.io/analyze-suppress': 'IST0133' }, waves)
}

/** A deleted namespace takes all of its workloads along: Argo CD never deletes one, and reports no difference for it. */
const neverPruned = decided('policy:sync', {
  ...envelopes.Namespace.annotations.value,
  'argocd.argoproj.io/compare-options': 'IgnoreExtraneous',
  'argocd.argoproj.io/sync-options': 'Prune=false,Delete=false',
  // The same to Helm, when a release is uninstalled or no longer has it.
  'helm.sh/resource-policy': 'keep',
})

/** An object for the whole mesh comes after every exception to it. */
const meshWideWave = makeWaveAnnotation(4)
const managedBy = decided('policy:object', 'meshc')

/** An object of a kind, with the labels and the sync wave that every one has. */
export function makeManifest<Kind extends SpecKind>(
  mesh: SharedMesh,
  kind: Kind,
  { name, namespace, policy, labels, reasons = [], isMeshWide = false }: Identity,
  spec: Sourceable<BodyByKind[Kind]>,
): Manifest {
  const { apiVersion, kind: word, annotations } = envelopes[kind]
  const tree = {
    apiVersion: because(apiVersion, ...reasons),
    kind: because(word, ...reasons),
    metadata: because(
      {
        name,
        namespace,
        labels: addOwnerLabels(mesh, labels),
        annotations: isMeshWide ? meshWideWave : annotations,
      },
      ...reasons,
    ),
    spec: decided(policy, spec),
  }
  return { kind, name: name.value, namespace: namespace.value, tree: because(tree, name, namespace), reasons }
}

/** A Namespace, which has no spec. */
export function makeNamespaceManifest(
  mesh: Mesh,
  name: Sourced<string>,
  labels: Readonly<Record<string, Sourced<string>>>,
): Manifest {
  const { apiVersion, kind } = envelopes.Namespace
  const tree = {
    apiVersion,
    kind,
    metadata: { name, labels: addOwnerLabels(mesh, labels), annotations: neverPruned },
  }
  return { kind: 'Namespace', name: name.value, namespace: undefined, tree: because(tree, name) }
}

/**
 * A ConfigMap, which has `data` instead of `spec`.
 *
 * @param more annotations in addition to the sync wave
 */
export function makeConfigMapManifest(
  mesh: Mesh,
  { name, namespace, policy, labels, reasons = [] }: Omit<Identity, 'isMeshWide'>,
  data: Readonly<Record<string, Sourced<string>>>,
  more: Readonly<Record<string, Sourced<string>>> = {},
): Manifest {
  const { apiVersion, kind, annotations: usual } = envelopes.ConfigMap
  const waves = Object.entries(usual.value).map(([key, value]) => [key, because(value, usual)])
  const annotations = { ...Object.fromEntries(waves), ...more }
  const metadata = { name, namespace, labels: addOwnerLabels(mesh, labels), annotations }
  const tree = { apiVersion, kind, metadata, data: decided(policy, data) }
  return {
    kind: 'ConfigMap',
    name: name.value,
    namespace: namespace.value,
    tree: because(tree, name, namespace, ...reasons),
  }
}

/** A record of labels, as manifests have them. */
export function labelRecord(labels: Labels): Record<string, Sourced<string>> {
  const record: Record<string, Sourced<string>> = {}
  for (const label of labels) record[label[0]] = label[1]
  return record
}

/** Labels, with those that every object has. */
export const addOwnerLabels = (mesh: SharedMesh, labels?: Readonly<Record<string, Sourced<string>>>) => {
  const common = { 'app.kubernetes.io/managed-by': managedBy, 'app.kubernetes.io/part-of': mesh.name }
  return labels === undefined ? common : { ...labels, ...common }
}
