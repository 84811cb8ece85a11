import type { HttpRoute, MeshSettings, Pattern } from '../model.ts'
import type { Unmodelled } from '../result.ts'
import type { PathView } from './arrival-view.ts'
import { makeAtoms } from './diagrams/atoms.ts'
import { makePathUniverse } from './normalized-paths.ts'

type Normalization = MeshSettings['pathNormalization']

/**
 * The path after a route that replaces a prefix, in the normal form of the next proxy. That proxy normalizes the joint of the two
 * parts again.
 *
 * @param because the reason of an unknown answer if the engine does not model the two parts together
 */
export function rewritePath(
  from: string,
  to: string,
  ignoreCase: boolean,
  normalization: Normalization,
  because: readonly Unmodelled[],
): PathView {
  const plain = { from, to, takes: 'beginning' as const }
  if (normalization === 'NONE') return { kind: 'rewritten', cases: [plain], ignoreCase }
  if (!isNormalized(to, normalization) || [from, to].some(isInEscape)) return { kind: 'unknown', because }
  // A whole segment is followed by a segment, and a rewrite within one stays in it.
  if (from.endsWith('/') || !to.endsWith('/')) return { kind: 'rewritten', cases: [plain], ignoreCase }
  const above = to.replace(/[^/]*\/$/, '') || '/'
  const cases = [
    { from: `${from}../`, to: above, takes: 'beginning' as const },
    { from: `${from}..`, to: above, takes: 'path' as const },
    { from: `${from}..;`, to: above, takes: 'segment' as const },
    { from: `${from}./`, to, takes: 'beginning' as const },
    { from: `${from}.`, to, takes: 'path' as const },
    { from: `${from}.;`, to, takes: 'segment' as const },
    ...(normalization === 'BASE' ? [] : [{ from: `${from}/`, to, takes: 'beginning' as const }]),
    plain,
  ]
  return { kind: 'rewritten', cases, ignoreCase }
}

/** A path that is the same for all requests that take a route. */
export const makeWholePath = (
  path: string,
  normalization: Normalization,
  because: readonly Unmodelled[],
): PathView =>
  normalization === 'NONE' || isNormalized(path, normalization)
    ? { kind: 'constant', path }
    : { kind: 'unknown', because }

/** Tells whether the next proxy may refuse a rewritten path: a path has to begin with a slash. */
export function mayBeRefused(rewrite: HttpRoute['rewrite'], normalization: Normalization): boolean {
  const { uri, uriRegex } = rewrite ?? {}
  if (uriRegex === undefined)
    return uri !== undefined && (!uri.startsWith('/') || (uri.includes('%00') && normalization !== 'NONE'))
  if (uriRegex.rewrite.startsWith('/')) return false
  const first: Pattern = { match: 'regex', value: `(?:${uriRegex.match})(?s:.*)` }
  return canMatch(first, normalization)
}

const isNormalized = (value: string, normalization: Normalization): boolean =>
  canMatch({ match: 'exact', value }, normalization)

/** Tells whether a pattern may match some path. */
function canMatch(pattern: Pattern, normalization: Normalization): boolean {
  const atoms = makeAtoms(makePathUniverse(normalization), [pattern])
  return !('members' in atoms) || atoms.members[0]!.length > 0
}

/** Tells whether the end of a path may become an escape together with the text after it. */
const isInEscape = (path: string) => /%[\da-f]?$/i.test(path)
