import { syntaxErrorOf } from '../../mesh/regular-expression.ts'
import type { ManifestObject } from '../manifest-object.ts'
import { isMap, mapAt } from './values.ts'

/**
 * Why the admission of a cluster refuses an object, so that it is not there; undefined: it takes it. Only what changes
 * where requests go is looked at. See pkg/config/validation/validation.go of istio/istio.
 */
export function refusalOf(kind: string, source: ManifestObject): string | undefined {
  if (kind !== 'VirtualService') return undefined
  for (const regex of regexesIn(mapAt(source.value, 'spec'))) {
    const problem = syntaxErrorOf(regex)
    if (problem !== undefined) return problem
  }
  return undefined
}

function* regexesIn(value: unknown): Generator<string> {
  if (Array.isArray(value)) for (const item of value) yield* regexesIn(item)
  else if (isMap(value))
    for (const [key, below] of Object.entries(value)) {
      if (key === 'regex' && typeof below === 'string') yield below
      else yield* regexesIn(below)
    }
}
