import { listQuoted } from '../../../diagnostics/suggest.ts'
import { coversString } from '../../../mesh/match.ts'
import type { Match, Route, StringMatch } from '../../../mesh/mesh.ts'
import { placeAt } from '../../../mesh/spec-place.ts'
import { printMatch } from '../../../mesh/string-match.ts'
import { findWrittenPlace, makeParty } from '../../places.ts'
import { defineRule } from '../../rule.ts'

/** Routes are tried in order, and the first that matches takes the request. */
export const reachableRoutes = defineRule<{ route: string; path: string | undefined; by: readonly string[] }>(
  {
    code: 'MESH3103',
    severity: 'error',
    summary: 'No route, and no path of a route, is shadowed by earlier routes',
    covers: ['IST0130', 'IST0131'],
    message: p => {
      const requests = p.path === undefined ? 'no request' : `no request on \`${p.path}\``
      const takers = p.by.length === 1 ? 'takes them first' : 'take them first'
      return `${requests} reaches the route \`${p.route}\`: ${listQuoted(p.by)} ${takers}`
    },
    help: () => 'move the narrower route before the wider one, or remove it',
  },
  function* (_, report, { routed }) {
    for (const { routes } of routed) {
      for (const [index, route] of routes.entries()) {
        // The last route may be meshc's own, for the remaining requests: then it may be unreachable.
        if (route.origin === undefined) continue
        const earlier = routes.slice(0, index).filter(givenRoute => takesFrom(givenRoute.when, route.when))
        if (earlier.length === 0) continue
        const taken = listMatchPaths(route.when).map(path => ({ path, by: listTakers(path, route, earlier) }))
        if (taken.every(({ by }) => by.length > 0)) {
          const place = route.when?.origin ?? findWrittenPlace(route.name) ?? route.origin
          const by = [...new Set(taken.flatMap(({ by }) => by))]
          const params = { route: route.name.value, path: undefined, by: by.map(getRouteName) }
          yield report(placeAt(place), params, by.flatMap(takesThem))
          continue
        }
        for (const { path, by } of taken) {
          if (path === undefined || by.length === 0) continue
          const params = { route: route.name.value, path: printMatch(path.value), by: by.map(getRouteName) }
          yield report(placeAt(findWrittenPlace(path)!), params, by.flatMap(takesThem))
        }
      }
    }
  },
)

const getRouteName = ({ name }: Route) => name.value

const takesThem = ({ when, name }: Route) =>
  makeParty(when?.origin ?? name, when === undefined ? 'this one takes every request' : 'this one takes them')

type Path = Match['paths'][number]

/** The paths that a match names, or one `undefined` for all paths. */
const listMatchPaths = (when: Match | undefined): readonly (Path | undefined)[] =>
  when === undefined || when.paths.length === 0 ? [undefined] : when.paths

/**
 * Tells whether the headers and query of a match let an earlier one take its requests, path and method allowing.
 */
function takesFrom(earlier: Match | undefined, when: Match | undefined): boolean {
  if (earlier === undefined) return true
  return (
    coversFields(earlier.headers, when?.headers ?? []) &&
    coversFields(earlier.query, when?.query ?? []) &&
    coversClaims(earlier.claims, when?.claims ?? []) &&
    earlier.withoutHeaders.every(({ value }) =>
      when?.withoutHeaders.some(withoutHeader => withoutHeader.value === value),
    )
  )
}

const coversFields = (wide: Match['headers'], narrow: Match['headers']) =>
  wide.every(([name, condition]) =>
    narrow.some(([otherHeader, { value }]) => otherHeader === name && coversString(condition.value, value)),
  )

const coversClaims = (wide: Match['claims'], narrow: Match['claims']) =>
  wide.every(([path, values]) =>
    narrow.some(
      ([narrowPath, narrowValues]) =>
        String(narrowPath) === String(path) &&
        narrowValues.every(({ value }) => values.some(wider => coversString(wider.value, value))),
    ),
  )

/** The earlier routes that together take every request on a path: for each method, the first route that takes it. Empty if they do not. */
function listTakers(path: Path | undefined, { when }: Route, earlier: readonly Route[]): readonly Route[] {
  const onPath = earlier.filter(route =>
    listMatchPaths(route.when).some(wide => coversPath(wide?.value, path?.value)),
  )
  const methods = when === undefined || when.methods.length === 0 ? [undefined] : when.methods
  const takers = methods.map(method => onPath.find(route => coversMethod(route.when, method?.value)))
  const routes = takers.filter(taker => taker !== undefined)
  return routes.length === methods.length ? [...new Set(routes)] : []
}

const everyPath: StringMatch = { prefix: '/' }

const coversPath = (wide: StringMatch = everyPath, narrow: StringMatch = everyPath) =>
  wide === everyPath || ('prefix' in wide && wide.prefix === '/') || coversString(wide, narrow)

const coversMethod = (when: Match | undefined, method: string | undefined) =>
  when === undefined || when.methods.length === 0 || when.methods.some(({ value }) => value === method)
