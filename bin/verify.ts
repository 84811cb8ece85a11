import { nameOfObject } from '../compiler/manifests/name-of-object.ts'
import { manifestViolations, targetKinds, violations } from '../schema/conform.ts'
import { manifestForms } from '../schema/generated/targets.ts'
import { patchedViolations } from '../schema/patched.ts'
import type { Compiled } from './compile-environments.ts'

/**
 * What the target schemas have against the manifests of an environment, each with the path of its file.
 * What a patch adds is held against the CRD of the kind. Raw objects are the user's own, and may be of kinds that meshc does not know.
 */
export function faultsOf({ environment, compilation }: Compiled): readonly string[] {
  const faults: string[] = []
  const { patches } = compilation.mesh
  const patched = new Set(patches.map(({ kind, namespace, name }) => `${kind}/${namespace}/${name}`))
  for (const { path, kind, object } of compilation.manifests()) {
    if (path.endsWith('.raw.yaml')) continue
    const violations = Object.hasOwn(manifestForms, kind)
      ? manifestViolations(object)
      : valuesViolations(kind, object)
    const found = patched.has(nameOfObject(object))
      ? patchedViolations(kind, violations, object as Readonly<Record<string, unknown>>)
      : violations
    faults.push(...found.map(fault => `${environment.output}/${path}: ${fault}`))
  }
  return faults
}

/** Values of a Helm chart have a schema, but neither apiVersion nor metadata. */
function valuesViolations(kind: string, values: unknown): readonly string[] {
  const known = targetKinds.find(target => target === kind)
  return known === undefined ? [`no target schema is for the kind \`${kind}\``] : violations(known, values)
}
