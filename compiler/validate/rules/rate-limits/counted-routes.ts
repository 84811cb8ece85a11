import { makeKeyParty, placeAt } from '../../../mesh/spec-place.ts'
import { defineRule } from '../../rule.ts'

/** Envoy asks a rate-limit service about requests that it sends on; a redirect is an answer of its own. */
export const countedRoutes = defineRule<{ route: string; service: string; limiter: string }>(
  {
    code: 'MESH3496',
    severity: 'error',
    summary: 'A route whose requests a rate limiter counts sends them on',
    message: p =>
      `\`${p.limiter}\` cannot count the requests of the route \`${p.route}\` of \`${p.service}\`, which redirects them`,
    help: () => 'remove `limiter`: each instance of the gateway can count redirected requests by itself',
  },
  function* (_, report, { limitedRoutes }) {
    for (const { service, route, rateLimit } of limitedRoutes) {
      if (route.redirect === undefined || rateLimit.counted === undefined || route.origin === undefined)
        continue
      const { by } = rateLimit.counted
      const params = { route: route.name.value, service: service.key, limiter: by.value }
      yield report(placeAt(by.place!), params, [makeKeyParty(route.origin.at('redirect'), 'the redirect')])
    }
  },
)
