import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import { Sourced, SpecNode } from '../mesh/sourced.ts'
import type { Surroundings } from '../mesh/surroundings.ts'
import { objectOfOthers } from './diagnostics.ts'
import type { Survey } from './survey.ts'

/**
 * Reports each object that the surroundings have already: two owners would overwrite each other.
 *
 * @param objects the objects of the surroundings, by their keys: the survey has the manifests of these
 */
export const checkSurroundings = (objects: Surroundings['objects'], survey: Survey): readonly Diagnostic[] =>
  [...objects].flatMap(([key, place]) => {
    const manifest = survey.objects.get(key)
    if (manifest === undefined) return []
    const origin = findSpecNode(manifest.tree)
    return [objectOfOthers({ path: origin?.path ?? [] }, { object: key, ...place })]
  })

/** The place of the spec that an object is there for. */
function findSpecNode(tree: Sourced<unknown>): SpecNode | undefined {
  for (let value: unknown = tree; value instanceof Sourced; value = value.value)
    for (const origin of value.origins) if (origin instanceof SpecNode) return origin
  return undefined
}
