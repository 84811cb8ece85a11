import type { Sourced } from '../mesh/sourced.ts'
import { code, Markdown, type Prose } from './markdown.ts'

/** Describes the reason of a value: a place of the spec, or meshc. */
export function describeReason(value: Sourced<unknown>): Prose {
  const origins = value.origins
  const place = origins.find(origin => typeof origin !== 'string')
  if (place !== undefined) return code(place.path.join('.'))
  const [decision = ''] = origins
  return new Markdown(String(decision).startsWith('policy:') ? 'policy of meshc' : 'default')
}
