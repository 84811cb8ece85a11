import type { StringMatch } from '../mesh/mesh.ts'

/** A path that matches a comparison; `/` without a comparison. */
export function makeExamplePath(match: StringMatch | undefined): string {
  if (match === undefined) return '/'
  if ('exact' in match) return match.exact
  return 'prefix' in match ? match.prefix : '/'
}
