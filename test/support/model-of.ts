import type { ManifestObject } from '../../compiler/behavior/manifest-object.ts'
import type { BehaviorModel } from '../../compiler/behavior/model.ts'
import { readModel } from '../../compiler/behavior/read/read-model.ts'

/** The model of objects that stand in no file, and of what istiod is told of the mesh. */
export function modelOf(objects: readonly unknown[], meshConfig?: unknown): BehaviorModel {
  return readModel(
    objects.map(
      (value, index): ManifestObject => ({
        value,
        file: 'mesh.yaml',
        line: index + 1,
        lineOf: () => index + 1,
      }),
    ),
    { value: meshConfig },
  )
}
