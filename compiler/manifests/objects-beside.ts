import { readModel } from '../behavior/index.ts'
import type { ManifestObject } from '../behavior/manifest-object.ts'
import type { Source } from '../diagnostics/source.ts'
import type { Mesh } from '../mesh/mesh.ts'
import { isMap } from '../source/document.ts'
import type { Layers } from '../source/layers.ts'
import { listAssumedObjects } from './assumed-objects.ts'
import { listAssumedGateways } from './left-out.ts'

interface Compiled {
  readonly mesh: Mesh
  readonly layers: Layers
  readonly surroundings: readonly ManifestObject[]
}

/** The objects that a cluster has in addition to the manifests of a spec. */
interface ObjectsBeside {
  /** The surroundings, the objects that the spec implies, and the gateways. */
  readonly objects: readonly ManifestObject[]
  /** The workloads of Gateways of the surroundings, which no manifest runs. */
  readonly gateways: readonly ManifestObject[]
}

/** Finds the objects that a cluster has in addition to the manifests of a spec, and the gateways that its surroundings omit. */
export function findObjectsBeside(compiled: Compiled, sources: readonly Source[]): ObjectsBeside {
  const objects = [...compiled.surroundings, ...listAssumedObjects(compiled, sources)]
  const hasGateway = compiled.surroundings.some(({ value }) => isMap(value) && value['kind'] === 'Gateway')
  const gateways = hasGateway ? listAssumedGateways(readModel(objects)) : []
  return { objects: [...objects, ...gateways], gateways }
}

export const listObjectsBeside = (
  compiled: Compiled,
  sources: readonly Source[],
): readonly ManifestObject[] => findObjectsBeside(compiled, sources).objects
