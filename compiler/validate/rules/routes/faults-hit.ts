import { intersectMatches } from '../../../mesh/match.ts'
import type { Fault, Route } from '../../../mesh/mesh.ts'
import { placeAt } from '../../../mesh/spec-place.ts'
import { makeParty } from '../../places.ts'
import { defineRule } from '../../rule.ts'

/** A fault is part of a route. A fault for some requests of a route needs a route of its own for these. */
export const faultsHit = defineRule<{ service: string; route: string | undefined; why: string }>(
  {
    code: 'MESH3119',
    severity: 'error',
    summary: 'A fault matches requests that a route of its service takes',
    message: p =>
      p.route === undefined
        ? `the fault of \`${p.service}\` matches no request: ${p.why}`
        : `the fault of \`${p.service}\` cannot be combined with the route \`${p.route}\`: ${p.why}`,
    help: p =>
      p.route === undefined
        ? 'match requests that a route sends on'
        : 'match headers instead in `when` of the fault',
  },
  function* (_, report, { faulty }) {
    for (const { key: service, fault, routes } of faulty) {
      if (fault === undefined) continue
      const forwarding = routes.filter(({ redirect }) => redirect === undefined)
      const met = forwarding.map(route => ({ route, kind: meeting(fault, route) }))
      const unclear = met.find(({ kind }) => kind === 'unknown' || kind === 'rewritten')
      if (unclear !== undefined) {
        const { route, kind } = unclear
        const why =
          kind === 'unknown' ? 'one of the two has a regular expression' : 'the route rewrites its path'
        const related = makeParty(route.when?.origin ?? route.name, 'the requests of the route')
        const place = placeAt(fault.when?.origin ?? fault.origin)
        yield report(place, { service, route: route.name.value, why }, related)
      } else if (met.every(({ kind }) => kind === 'never')) {
        const why = forwarding.length === 0 ? 'every route redirects' : 'no route takes such requests'
        const related = routes.flatMap(({ when }) => makeParty(when?.origin, 'a route takes these'))
        yield report(placeAt(fault.when?.origin ?? fault.origin), { service, route: undefined, why }, related)
      }
    }
  },
)

function meeting({ when }: Fault, route: Route): 'some' | 'never' | 'unknown' | 'rewritten' {
  if (when === undefined) return 'some'
  const kind = route.when === undefined ? 'some' : intersectMatches(route.when, when).kind
  const isRewritten = route.rewrite?.path !== undefined && when.paths.length > 0
  return kind === 'some' && isRewritten ? 'rewritten' : kind
}
