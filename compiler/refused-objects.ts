import { findRefusalIn } from './behavior/index.ts'
import type { Diagnostic, SpecPath } from './diagnostics/diagnostic.ts'
import { objectRefused } from './emit/diagnostics.ts'
import { makeObjectKey, type ObjectIdentity } from './emit/object-key.ts'
import { locatePatch } from './emit/patches.ts'
import type { CompiledManifests } from './manifests/compiled-objects.ts'
import { nameOfObject } from './manifests/name-of-object.ts'
import type { ValidMesh } from './mesh/mesh.ts'

/** The raw and the patched objects of a mesh that no cluster takes, as far as the rules of their kinds are known. */
export function findRefusedObjects(
  { raw, patches }: ValidMesh,
  compiled: CompiledManifests,
): readonly Diagnostic[] {
  const refused: Diagnostic[] = []
  for (const { object, origin, ...identity } of raw)
    refused.push(...listRefusals(object, identity, path => [...origin.path, ...path]))
  if (patches.length === 0) return refused
  const patchByName = new Map(patches.map(patch => [`${patch.kind}/${patch.namespace}/${patch.name}`, patch]))
  for (const { object } of compiled.manifests('for-cluster')) {
    const patch = patchByName.get(nameOfObject(object))
    if (patch !== undefined) refused.push(...listRefusals(object, patch, path => locatePatch(path, patch)))
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
