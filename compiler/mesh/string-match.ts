import type { StringMatch } from './mesh.ts'

/** A comparison as the spec writes it. */
export function printMatch(match: StringMatch): string {
  if ('exact' in match) return match.exact
  if ('prefix' in match) return `${match.prefix}*`
  if ('regex' in match) return match.regex
  return '*'
}
