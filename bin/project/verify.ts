import { isOfPassed } from '../../compiler/emit/istio/passed-settings.ts'
import { nameOfObject } from '../../compiler/manifests/name-of-object.ts'
import {
  isManifestKind,
  listManifestViolations,
  listViolations,
  type ManifestKind,
  printViolation,
  targetKinds,
  type Violation,
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
  const { mesh } = compilation
  const { patches } = mesh
  const patched = new Set(patches.map(({ kind, namespace, name }) => `${kind}/${namespace}/${name}`))
  for (const { path, kind, object } of compilation.manifests()) {
    if (path.endsWith('.raw.yaml')) continue
    const violations = !isManifestKind(kind)
      ? valuesViolations(kind, object)
      : patched.has(nameOfObject(object))
        ? listPatchedViolations(kind, object)
        : listViolationsOf(kind, object)
    faults.push(
      ...violations
        .filter(violation => !isOfPassed(mesh, kind, violation))
        .map(violation => `${environment.output}/${path}: ${printViolation(kind, violation)}`),
    )
  }
  return faults
}

const listViolationsOf = (kind: ManifestKind, manifest: unknown): readonly Violation[] =>
  // A manifest that meshc makes is a map.
  listManifestViolations(kind, manifest as Readonly<Record<string, unknown>>)

const listPatchedViolations = (kind: ManifestKind, manifest: unknown): readonly Violation[] =>
  findPatchedViolations(
    listViolationsOf(kind, manifest),
    manifest as Readonly<Record<string, unknown>>, // as above
  )

/** Values of a Helm chart have a schema, but neither apiVersion nor metadata. */
function valuesViolations(kind: string, values: unknown): readonly Violation[] {
  const targetKind = targetKinds.find(target => target === kind)
  return targetKind === undefined
    ? [{ path: [], fault: 'no target schema is for the kind' }]
    : listViolations(targetKind, values)
}
