import { intersectMatches } from '../../../mesh/match.ts'
import type { Exposure, Route } from '../../../mesh/mesh.ts'
import { makeKeyParty, placeAtKey } from '../../../mesh/spec-place.ts'
import { defineRule } from '../../rule.ts'

/** Gateways count the requests of a route. A sidecar in front of a service does not know which route a request has taken. */
export const limitedRoutes = defineRule<{ route: string; service: string; isExposed: boolean }>(
  {
    code: 'MESH3454',
    severity: 'error',
    summary: 'A route with a rate limit is a route of a gateway',
    reads: ['services.*.expose', 'gateways'],
    message: p =>
      `no proxy counts the requests of the route \`${p.route}\`: ${p.isExposed ? `no exposed path of \`${p.service}\` leads to it` : `\`${p.service}\` is exposed at no gateway`}`,
    help: p =>
      p.isExposed
        ? 'expose one of its paths, or set `rateLimit` at the service'
        : `expose \`${p.service}\`, or set \`rateLimit\` at the service`,
  },
  function* (_, report, { limitedRoutes: routes }) {
    for (const { service, route, rateLimit } of routes) {
      const { exposures } = service
      if (exposures.some(exposure => isReached(route, exposure))) continue
      const params = {
        route: route.name.value,
        service: service.key,
        isExposed: exposures.length > 0,
      }
      const message = exposures.length > 0 ? 'its `expose`' : 'it has no `expose`'
      const place = exposures.length > 0 ? service.origin.at('expose') : service.origin
      yield report(placeAtKey(rateLimit.origin), params, [makeKeyParty(place, message)])
    }
  },
)

/** Tells whether some requests of an exposure may take a route. */
function isReached({ when }: Route, { origin, paths }: Exposure): boolean {
  if (when === undefined || paths.length === 0) return true
  const none = { origin, headers: [], withoutHeaders: [], query: [], methods: [], claims: [] }
  return intersectMatches(when, { ...none, paths }).kind !== 'never'
}
