import type { CompiledManifests } from '../manifests/compiled-objects.ts'
import type { Mesh } from '../mesh/mesh.ts'
import type { Layers } from '../source/layers.ts'

/** A compiled environment. */
export interface Compiled extends CompiledManifests {
  readonly mesh: Mesh
  readonly layers: Layers
}
