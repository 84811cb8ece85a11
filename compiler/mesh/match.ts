import type { Match, StringMatch } from './mesh.ts'
import type { Sourced } from './sourced.ts'
import { because } from './sourced.ts'

/** The intersection of two conditions; `never`: it is empty; `unknown`: only an automaton could compute it. */
type Intersection<T> =
  | { readonly kind: 'some'; readonly value: T }
  | { readonly kind: 'never' }
  | { readonly kind: 'unknown' }

const some = <T>(value: T): Intersection<T> => ({ kind: 'some', value })
const never = { kind: 'never' } as const
const unknown = { kind: 'unknown' } as const

/** The strings that both conditions match. */
export function intersectStrings(a: StringMatch, b: StringMatch): Intersection<StringMatch> {
  if ('present' in a) return some(b)
  if ('present' in b) return some(a)
  if ('regex' in a || 'regex' in b)
    return 'regex' in a && 'regex' in b && a.regex === b.regex ? some(a) : unknown
  if ('exact' in a) {
    const fits = 'exact' in b ? a.exact === b.exact : a.exact.startsWith(b.prefix)
    return fits ? some(a) : never
  }
  if ('exact' in b) return b.exact.startsWith(a.prefix) ? some(b) : never
  if (a.prefix.startsWith(b.prefix)) return some(a)
  return b.prefix.startsWith(a.prefix) ? some(b) : never
}

/**
 * Tells whether everything that `narrow` matches is matched by `wide` too; false where only an automaton could say.
 */
export function coversString(wide: StringMatch, narrow: StringMatch): boolean {
  if ('present' in wide) return true
  if ('regex' in wide) return 'regex' in narrow && wide.regex === narrow.regex
  if ('exact' in wide) return 'exact' in narrow && wide.exact === narrow.exact
  if ('exact' in narrow) return narrow.exact.startsWith(wide.prefix)
  return 'prefix' in narrow && narrow.prefix.startsWith(wide.prefix)
}

/** The requests that both of two matches accept. An empty list of paths or methods means all of them. */
export function intersectMatches(a: Match, b: Match): Intersection<Match> {
  const paths = intersectPaths(a.paths, b.paths)
  if (paths.kind !== 'some') return paths
  const methods = intersectMethods(a.methods, b.methods)
  if (methods === undefined) return never
  const headers = intersectFields(a.headers, b.headers)
  if (headers.kind !== 'some') return headers
  const query = intersectFields(a.query, b.query)
  if (query.kind !== 'some') return query
  const absent = [...a.withoutHeaders, ...b.withoutHeaders]
  const withoutHeaders = absent.filter(
    (sourced, index) => absent.findIndex(header => header.value === sourced.value) === index,
  )
  if (withoutHeaders.some(({ value }) => headers.value.some(([name]) => name === value))) return never
  // A claim may be a list: two conditions on one claim can both hold, and only one of them fits into a match.
  if (a.claims.length > 0 && b.claims.length > 0) return unknown
  return some({
    origin: a.origin,
    paths: paths.value,
    methods,
    headers: headers.value,
    query: query.value,
    withoutHeaders,
    claims: a.claims.length > 0 ? a.claims : b.claims,
  })
}

/** Lists the conditions of a match: reasons for whatever is there only because it lets something through. */
export const listConditions = (match: Match): readonly Sourced<unknown>[] => [
  ...match.paths,
  ...match.methods,
  ...match.headers.map(([, condition]) => condition),
  ...match.query.map(([, condition]) => condition),
  ...match.withoutHeaders,
  ...match.claims.flatMap(([, values]) => values),
]

/** The paths that are in both lists: of two overlapping paths, the narrower one. An empty list means every path. */
export function intersectPaths(
  a: readonly Sourced<StringMatch>[],
  b: readonly Sourced<StringMatch>[],
): Intersection<readonly Sourced<StringMatch>[]> {
  if (a.length === 0) return some(b)
  if (b.length === 0) return some(a)
  const both: Sourced<StringMatch>[] = []
  for (const sourced of a) {
    for (const otherSourced of b) {
      const met = intersectStrings(sourced.value, otherSourced.value)
      if (met.kind === 'unknown') return unknown
      if (met.kind === 'never') continue
      const known = both.some(({ value }) => coversString(value, met.value))
      if (!known) both.push(because(met.value, sourced, otherSourced))
    }
  }
  return both.length === 0 ? never : some(both)
}

function intersectMethods(
  a: readonly Sourced<string>[],
  b: readonly Sourced<string>[],
): readonly Sourced<string>[] | undefined {
  if (a.length === 0) return b
  if (b.length === 0) return a
  const both = a.flatMap(sourced => {
    const otherSourced = b.find(({ value }) => value === sourced.value)
    return otherSourced === undefined ? [] : [because(sourced.value, sourced, otherSourced)]
  })
  return both.length === 0 ? undefined : both
}

type Fields = readonly (readonly [string, Sourced<StringMatch>])[]

function intersectFields(a: Fields, b: Fields): Intersection<Fields> {
  const both = new Map(a)
  for (const [name, condition] of b) {
    const sourced = both.get(name)
    if (sourced === undefined) both.set(name, condition)
    else {
      const met = intersectStrings(sourced.value, condition.value)
      if (met.kind !== 'some') return met
      both.set(name, because(met.value, sourced, condition))
    }
  }
  return some([...both].toSorted(([oneA], [otherB]) => (oneA < otherB ? -1 : 1)))
}
