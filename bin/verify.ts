import { findManifestViolations, findViolations, targetKinds } from '../schema/conform.ts'
import { manifestForms } from '../schema/generated/targets.ts'
import type { Compiled } from './compile-environments.ts'

/**
 * What the target schemas have against the manifests of an environment, each with the path of its file.
 * Raw objects are the user's own, and may be of kinds that meshc does not know.
 */
export function findFaults({ environment, compilation }: Compiled): readonly string[] {
  const faults: string[] = []
  for (const { path, kind, object } of compilation.manifests()) {
    if (path.endsWith('.raw.yaml')) continue
    const manifestViolations = Object.hasOwn(manifestForms, kind)
      ? findManifestViolations(object)
      : valuesViolations(kind, object)
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
