import type { SpecPath } from '../../compiler/diagnostics/diagnostic.ts'
import type { SourceMapEntry } from '../../compiler/emit/print.ts'

/**
 * The scalars that are in only one of two compilations, and do not name a leaf among their sources. Scalars are told
 * apart by their object, place and value; entries of lists may move.
 *
 * @param isLeaf whether an origin is the leaf in which the two specs differ
 */
export function unexplainedChanges(
  before: Iterable<SourceMapEntry>,
  after: Iterable<SourceMapEntry>,
  isLeaf: (origin: SpecPath) => boolean,
): readonly string[] {
  const here = scalarsOf(before, isLeaf)
  const there = scalarsOf(after, isLeaf)
  return [...unexplained('gone', here, there), ...unexplained('new', there, here)]
}

/** How many scalars say the same in the same place, and how many of them name the leaf. */
interface Scalars {
  count: number
  naming: number
}

function scalarsOf(
  entries: Iterable<SourceMapEntry>,
  isLeaf: (origin: SpecPath) => boolean,
): ReadonlyMap<string, Scalars> {
  const scalars = new Map<string, Scalars>()
  for (const { object, path, value, origins } of entries) {
    const place = path.map(step => (typeof step === 'number' ? '*' : step))
    const key = `${object} ${place.join('.')}: ${JSON.stringify(value)}`
    const known = scalars.get(key) ?? { count: 0, naming: 0 }
    known.count++
    if (origins.some(origin => typeof origin !== 'string' && isLeaf(origin))) known.naming++
    scalars.set(key, known)
  }
  return scalars
}

function unexplained(
  word: string,
  here: ReadonlyMap<string, Scalars>,
  there: ReadonlyMap<string, Scalars>,
): readonly string[] {
  return [...here].flatMap(([key, { count, naming }]) => {
    const more = count - (there.get(key)?.count ?? 0)
    return more > naming ? [`${word}: ${key}`] : []
  })
}
