import type { SpecPath } from '../../diagnostics/diagnostic.ts'
import type { BehaviorModel, ModelObject } from '../model.ts'
import type { At } from '../result.ts'
import { getPatternText, type TextPattern } from './diagrams/pattern.ts'

/**
 * Finds the position of a pattern in some meshes: the first position of its text. For a pattern that meshc makes itself, the result
 * is the mesh settings.
 */
export function findBlamedPlace(models: readonly BehaviorModel[], pattern: TextPattern): At {
  const text = getPatternText(pattern)
  for (const { virtualServices, authorizationPolicies } of models)
    for (const object of [...virtualServices, ...authorizationPolicies]) {
      const path = indexValuePaths(object).get(text)
      if (path !== undefined) return { object, path }
    }
  return { object: models[0]!.settings.object, path: [] }
}

/** The first place of each text of an object. */
function indexValuePaths({ source }: ModelObject): ReadonlyMap<string, SpecPath> {
  const places = new Map<string, SpecPath>()
  const open: (readonly [unknown, SpecPath])[] = [[source?.value, []]]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const [value, path] = next
    if (typeof value === 'string' && !places.has(value)) places.set(value, path)
    if (typeof value === 'object' && value !== null)
      for (const [key, below] of Object.entries(value).toReversed())
        open.push([below, [...path, Array.isArray(value) ? Number(key) : key]])
  }
  return places
}
