import { findRefusalIn } from './behavior/index.ts'
import type { Diagnostic, SpecPath } from './diagnostics/diagnostic.ts'
import { objectRefused } from './emit/diagnostics.ts'
import type { Manifest } from './emit/manifest.ts'
import { makeObjectKey, type ObjectIdentity } from './emit/object-key.ts'
import { locatePatch } from './emit/patches.ts'
import { unwrapTree } from './emit/plain-tree.ts'
import type { ValidMesh } from './mesh/mesh.ts'

/** Finds the raw and the patched objects of a mesh that no cluster takes, as far as the rules of their kinds are known. */
export function findRefusedObjects(
  { raw, patches }: ValidMesh,
  patched: readonly Manifest[],
): readonly Diagnostic[] {
  const refused: Diagnostic[] = []
  for (const { object, origin, ...identity } of raw)
    refused.push(...listRefusals(object, identity, path => [...origin.path, ...path]))
  const patchesByKey = new Map(patches.map(patch => [makeObjectKey(patch), patch]))
  for (const manifest of patched) {
    const patch = patchesByKey.get(makeObjectKey(manifest))!
    refused.push(...listRefusals(unwrapTree(manifest.tree), patch, path => locatePatch(path, patch)))
  }
  return refused
}

function* listRefusals(
  object: unknown,
  identity: ObjectIdentity,
  placeOf: (path: SpecPath) => SpecPath,
): Iterable<Diagnostic> {
  const finding = findRefusalIn(object)
  if (finding === undefined) return
  const { path, reason } = finding
  const field = path.length === 0 ? '' : `\`${path.join('.')}\`: `
  yield objectRefused({ path: placeOf(path) }, { object: makeObjectKey(identity), field, reason })
}
