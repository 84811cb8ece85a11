import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import { Sourced, SpecNode } from '../mesh/sourced.ts'
import type { Surroundings } from '../mesh/surroundings.ts'
import { objectOfOthers } from './diagnostics.ts'
import type { ManifestFile } from './manifest.ts'
import { makeObjectKey } from './object-key.ts'

/**
 * Reports each object that the surroundings have already: two owners would overwrite each other.
 *
 * @param objects the objects of the surroundings, by their keys
 * @param files the files that meshc writes
 */
export function checkSurroundings(
  objects: Surroundings['objects'],
  files: Iterable<ManifestFile>,
): readonly Diagnostic[] {
  if (objects.size === 0) return []
  return [...files].flatMap(({ manifests }) =>
    manifests.flatMap(manifest => {
      const key = makeObjectKey(manifest)
      const place = objects.get(key)
      if (place === undefined) return []
      const origin = findSpecNode(manifest.tree)
      return [objectOfOthers({ path: origin?.path ?? [] }, { object: key, ...place })]
    }),
  )
}

/** The place of the spec that an object is there for. */
function findSpecNode(tree: Sourced<unknown>): SpecNode | undefined {
  for (let value: unknown = tree; value instanceof Sourced; value = value.value)
    for (const origin of value.origins) if (origin instanceof SpecNode) return origin
  return undefined
}
