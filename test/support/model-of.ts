import type { ManifestObject } from '../../compiler/behavior/manifest-object.ts'
import type { BehaviorModel } from '../../compiler/behavior/model.ts'
import { readModel } from '../../compiler/behavior/read/read-model.ts'
import { listAssumedObjects } from '../../compiler/manifests/assumed-objects.ts'
import { listCompiledObjects } from '../../compiler/manifests/compiled-objects.ts'
import { compileText } from './compile-text.ts'

/** Lists objects that are in no file. */
export const listObjects = (values: readonly unknown[]): readonly ManifestObject[] =>
  values.map((value, index) => ({ value, file: 'mesh.yaml', line: index + 1, lineOf: () => index + 1 }))

/** Returns the model of such objects and of the MeshConfig of istiod. */
export const getModel = (values: readonly unknown[], meshConfig?: unknown): BehaviorModel =>
  readModel(listObjects(values), { value: meshConfig })

/** Returns the model of the manifests of a spec, with the pods and namespaces that they assume. */
export function getSpecModel(spec: string): BehaviorModel {
  const result = compileText(spec)
  if (!result.ok) throw new Error(result.diagnostics.map(({ message }) => message).join('\n'))
  return readModel([
    ...listCompiledObjects(result.value, 'out/prod'),
    ...listAssumedObjects(result.value, result.sources),
  ])
}
