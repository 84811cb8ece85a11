import type { RawObject } from '../mesh/mesh.ts'
import { because } from '../mesh/sourced.ts'
import type { Manifest } from './manifest.ts'
import { sourcedTree } from './sourced-tree.ts'

/** An object of the spec that passes through as it is. */
export const rawManifest = ({ origin, object, kind, name, namespace }: RawObject): Manifest => ({
  kind,
  name,
  namespace,
  tree: because(sourcedTree(object, origin), origin),
})
