import { nameOfObject } from '../../compiler/manifests/name-of-object.ts'
import { findManifestViolations, findViolations, targetKinds } from '../../schema/conform.ts'
import { manifestForms } from '../../schema/generated/targets.ts'
import { findPatchedViolations } from '../../schema/patched.ts'
import type { Compiled } from './compile-environments.ts'

/**
 * Finds the faults of the manifests of an environment under the target schemas, each with the path of its
 * file. The fields that a patch adds are held against the CRD of the kind. Raw objects are the user's own,
 * and may be of kinds that meshc does not know.
 */
export function findFaults({ environment, compilation }: Compiled): readonly string[] {
  const faults: string[] = []
  const { patches } = compilation.mesh
  const patched = new Set(patches.map(({ kind, namespace, name }) => `${kind}/${namespace}/${name}`))
  for (const { path, kind, object } of compilation.manifests()) {
    if (path.endsWith('.raw.yaml')) continue
    const findViolations = Object.hasOwn(manifestForms, kind)
      ? findManifestViolations(object)
      : valuesViolations(kind, object)
    const manifestViolations = patched.has(nameOfObject(object))
      ? findPatchedViolations(kind, findViolations, object as Readonly<Record<string, unknown>>)
      : findViolations
    faults.push(...manifestViolations.map(fault => `${environment.output}/${path}: ${fault}`))
  }
  return faults
}

/** Values of a Helm chart have a schema, but neither apiVersion nor metadata. */
function valuesViolations(kind: string, values: unknown): readonly string[] {
  const targetKind = targetKinds.find(target => target === kind)
  return targetKind === undefined
    ? [`no target schema is for the kind \`${kind}\``]
    : findViolations(targetKind, values)
}
