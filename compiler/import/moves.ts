import { isFollowedKind } from '../behavior/index.ts'
import type { ManifestObject } from '../behavior/manifest-object.ts'
import { nameOfObject } from '../manifests/name-of-object.ts'
import { isMap } from '../source/document.ts'
import type { ImportedMesh } from './import-mesh.ts'
import type { Tree } from './read-object-spec.ts'
import { isKindCompared, isKindWritten } from './written-kinds.ts'

/** The objects of Istio in the cluster when a spec takes over, by their names: `DestinationRule shop/cart`. */
interface Moves {
  /** The number of objects that keep their names: they are changed in place. */
  readonly kept: number
  /** The objects that only the spec has. They come first, so that no request is without an answer. */
  readonly added: readonly string[]
  /** The objects that only the manifests have. They go when the others are there. */
  readonly removed: readonly string[]
}

/** Compares the objects of the manifests with those that the spec writes. */
export function listMoves({ before, after, objects, settled }: ImportedMesh): Moves {
  const others = objects.flatMap(({ source }) => source?.value ?? []).filter(isOfCluster)
  const written = [...settled.compilation.manifests('for-cluster')].map(({ object }) => object)
  const old = new Set([...indexWrittenObjects(before), ...others.map(nameOfObject)])
  const made = new Set([...indexWrittenObjects(after), ...written.filter(isOfCluster).map(nameOfObject)])
  return {
    kept: [...made].filter(name => old.has(name)).length,
    added: [...made].filter(name => !old.has(name)),
    removed: [...old].filter(name => !made.has(name)),
  }
}

/** Tells whether an object is in a cluster, and of a kind that a spec expresses only if it emits the object exactly. */
const isOfCluster = (value: unknown): value is Tree =>
  isMap(value) &&
  value['kind'] !== 'IstioOperator' &&
  isKindCompared({ kind: String(value['kind']) }) &&
  // Of ConfigMaps, those with the limits of a rate limiter are read back.
  (value['kind'] !== 'ConfigMap' || isFollowedKind(value))

const indexWrittenObjects = (objects: readonly ManifestObject[]): ReadonlySet<string> =>
  new Set(
    objects.flatMap(({ value }) =>
      isMap(value) && isKindWritten({ kind: String(value['kind']) }) ? [nameOfObject(value)] : [],
    ),
  )
