import type { StringMatch } from '../mesh/mesh.ts'

/** A path that a comparison takes; `/` where no comparison says one. */
export function makeExamplePath(match: StringMatch | undefined): string {
  if (match === undefined) return '/'
  if ('exact' in match) return match.exact
  return 'prefix' in match ? match.prefix : '/'
}
