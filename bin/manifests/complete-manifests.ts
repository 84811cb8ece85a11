import type { makeModelReader } from '../../compiler/behavior/index.ts'
import type { ManifestObject } from '../../compiler/behavior/manifest-object.ts'
import type { BehaviorModel } from '../../compiler/behavior/model.ts'
import { describeAssumed, listAssumedGateways } from '../../compiler/manifests/left-out.ts'

/** Manifests with the gateways that they leave out, and the assumptions about their cluster. */
interface CompleteManifests {
  readonly model: BehaviorModel
  readonly objects: readonly ManifestObject[]
  /** The objects among them that are added for Gateways without a workload. */
  readonly gateways: readonly ManifestObject[]
  readonly assumed: readonly string[]
}

/** Reads manifests, and adds the parts that they omit. */
export function completeManifests(
  readModel: ReturnType<typeof makeModelReader>,
  objects: readonly ManifestObject[],
): CompleteManifests {
  const gateways = listAssumedGateways(readModel(objects))
  const all = [...objects, ...gateways]
  const model = readModel(all)
  return { model, objects: all, gateways, assumed: describeAssumed(model, gateways) }
}
