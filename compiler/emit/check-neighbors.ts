import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import { neighborInTheWay } from './diagnostics.ts'
import type { ManifestFile } from './manifest.ts'
import type { Neighbor } from './neighbor.ts'
import { makeObjectKey } from './object-key.ts'

/**
 * Reports each neighbor whose file meshc writes itself, and each of its objects that is emitted or that another neighbor has.
 *
 * @param files the files that meshc writes
 */
export function checkNeighbors(
  neighbors: readonly Neighbor[],
  files: Iterable<ManifestFile>,
): readonly Diagnostic[] {
  if (neighbors.length === 0) return []
  const paths = new Set<string>()
  const objects = new Set<string>()
  for (const { path, manifests } of files) {
    paths.add(path)
    for (const manifest of manifests) objects.add(makeObjectKey(manifest))
  }
  return neighbors.flatMap(({ place, manifests }) => {
    const at = { path: place.place!.path }
    if (paths.has(place.value)) return [neighborInTheWay(at, { taken: `the file \`${place.value}\`` })]
    paths.add(place.value)
    return manifests.flatMap(manifest => {
      const key = makeObjectKey(manifest)
      if (objects.has(key)) return [neighborInTheWay(at, { taken: `the object \`${key}\`` })]
      objects.add(key)
      return []
    })
  })
}
