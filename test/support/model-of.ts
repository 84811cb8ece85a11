import type { ManifestObject } from '../../compiler/behavior/manifest-object.ts'
import type { BehaviorModel } from '../../compiler/behavior/model.ts'
import { readModel } from '../../compiler/behavior/read/read-model.ts'

/** Lists objects that are in no file. */
export const listObjects = (values: readonly unknown[]): readonly ManifestObject[] =>
  values.map((value, index) => ({ value, file: 'mesh.yaml', line: index + 1, lineOf: () => index + 1 }))

/** Returns the model of such objects and of the MeshConfig of istiod. */
export const getModel = (values: readonly unknown[], meshConfig?: unknown): BehaviorModel =>
  readModel(listObjects(values), { value: meshConfig })
