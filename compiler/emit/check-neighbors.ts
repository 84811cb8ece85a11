import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import { neighborInTheWay } from './diagnostics.ts'
import type { Neighbor } from './neighbor.ts'
import { makeObjectKey } from './object-key.ts'
import type { Survey } from './survey.ts'

/** Reports each neighbor whose file meshc writes itself, and each neighbor's object that meshc or another neighbor also has. */
export function checkNeighbors(neighbors: readonly Neighbor[], survey: Survey): readonly Diagnostic[] {
  const paths = new Set(survey.paths)
  const objects = new Set(survey.objects.keys())
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
