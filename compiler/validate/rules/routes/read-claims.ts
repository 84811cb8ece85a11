import { makeKeyParty, placeAtKey } from '../../../mesh/spec-place.ts'
import { defineRule } from '../../rule.ts'

/** Istio knows the claims of a request only at a gateway that reads tokens. */
export const readClaims = defineRule<{ service: string; gateway: string | undefined }>(
  {
    code: 'MESH3122',
    severity: 'error',
    summary: 'A route matches claims only if a gateway in front of the service reads tokens',
    covers: ['IST0149'],
    reads: ['services.*.expose', 'gateways.*.jwt'],
    message: p =>
      p.gateway === undefined
        ? `no request takes a route by its claims: only a gateway reads them, and none exposes \`${p.service}\``
        : `no request takes a route by its claims: no gateway that exposes \`${p.service}\` reads tokens`,
    help: p =>
      p.gateway === undefined
        ? 'match a header instead, or `expose` the service at a gateway that has `jwt`'
        : `set \`jwt\` of the gateway \`${p.gateway}\``,
  },
  function* (_, report, { matches }) {
    for (const { service, match } of matches) {
      if (match.claims.length === 0) continue
      const gateways = service.exposures.map(({ gateway }) => gateway)
      if (gateways.some(({ jwt }) => jwt !== undefined)) continue
      const params = { service: service.key, gateway: gateways[0]?.name.value }
      const related = gateways.map(({ origin }) => makeKeyParty(origin, 'it has no `jwt`'))
      yield report(placeAtKey(match.origin.at('claims')), params, related)
    }
  },
)
