import type { MeshSettings } from '../model.ts'
import type { Unmodelled } from '../result.ts'
import { atomsOf } from '../space/atoms.ts'
import type { PathView } from './arrival.ts'
import { normalizedPaths } from './normalized-paths.ts'

type Normalization = MeshSettings['pathNormalization']

/**
 * The path behind a route that replaces a prefix of it, as the next proxy makes it: that one normalizes once more what
 * meets where the two parts are put together.
 *
 * @param because what is told where the two parts together are more than we follow
 */
export function rewrittenPath(
  from: string,
  to: string,
  ignoreCase: boolean,
  normalization: Normalization,
  because: readonly Unmodelled[],
): PathView {
  const plain = { from, to, isWhole: false }
  if (normalization === 'NONE') return { kind: 'rewritten', cases: [plain], ignoreCase }
  if (!isNormalized(to, normalization) || [from, to].some(isInEscape)) return { kind: 'unknown', because }
  // What follows a whole segment is a segment, and what goes on within one stays in it.
  if (from.endsWith('/') || !to.endsWith('/')) return { kind: 'rewritten', cases: [plain], ignoreCase }
  const above = to.replace(/[^/]*\/$/, '') || '/'
  const cases = [
    { from: `${from}../`, to: above, isWhole: false },
    { from: `${from}..`, to: above, isWhole: true },
    { from: `${from}./`, to, isWhole: false },
    { from: `${from}.`, to, isWhole: true },
    ...(normalization === 'BASE' ? [] : [{ from: `${from}/`, to, isWhole: false }]),
    plain,
  ]
  return { kind: 'rewritten', cases, ignoreCase }
}

/** A path that is the same for all requests that take a route. */
export const wholePath = (
  path: string,
  normalization: Normalization,
  because: readonly Unmodelled[],
): PathView =>
  normalization === 'NONE' || isNormalized(path, normalization)
    ? { kind: 'constant', path }
    : { kind: 'unknown', because }

function isNormalized(value: string, normalization: Normalization): boolean {
  const found = atomsOf(normalizedPaths(normalization), [{ match: 'exact', value }])
  return typeof found === 'object' && 'members' in found && found.members[0]!.length > 0
}

/** Whether what follows may make an escape of the end. */
const isInEscape = (path: string) => /%[\da-f]?$/i.test(path)
