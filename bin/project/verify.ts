import { nameOfObject } from '../../compiler/manifests/name-of-object.ts'
import {
  findManifestViolations,
  findViolations,
  isManifestKind,
  listManifestViolations,
  type ManifestKind,
  printViolation,
  targetKinds,
} from '../../schema/conform.ts'
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
    const violations = !isManifestKind(kind)
      ? valuesViolations(kind, object)
      : patched.has(nameOfObject(object))
        ? listPatchedViolations(kind, object)
        : findManifestViolations(object)
    faults.push(...violations.map(violation => `${environment.output}/${path}: ${violation}`))
  }
  return faults
}

function listPatchedViolations(kind: ManifestKind, manifest: unknown): readonly string[] {
  // A manifest that meshc makes is a map.
  const object = manifest as Readonly<Record<string, unknown>>
  return findPatchedViolations(listManifestViolations(kind, object), object).map(violation =>
    printViolation(kind, violation),
  )
}

/** Values of a Helm chart have a schema, but neither apiVersion nor metadata. */
function valuesViolations(kind: string, values: unknown): readonly string[] {
  const targetKind = targetKinds.find(target => target === kind)
  return targetKind === undefined
    ? [`no target schema is for the kind \`${kind}\``]
    : findViolations(targetKind, values)
}
