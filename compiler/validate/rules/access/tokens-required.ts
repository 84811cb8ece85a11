import { keyPlace, makeKeyParty } from '../../places.ts'
import { defineRule } from '../../rule.ts'

/** A RequestAuthentication refuses bad tokens and lets requests without one pass. */
export const tokensRequired = defineRule<{ service: string }>(
  {
    code: 'MESH3406',
    severity: 'warning',
    summary: 'A service that understands tokens asks some caller for one',
    message: p =>
      `\`${p.service}\` understands tokens and asks nobody for one: requests without a token pass`,
    help: () => 'say `jwt: required` in `allow`, or remove `jwt`',
  },
  function* (_, report, { jwts }) {
    for (const {
      service: { key: service, origin, allow, samePods },
      jwt,
    } of jwts) {
      if (allow.length === 0) continue
      // Another Service of the pods may say what their tokens are for.
      const rules = samePods.flatMap(sharingService => sharingService.allow)
      if (rules.some(({ jwtRequired, claims }) => jwtRequired !== undefined || claims.length > 0)) continue
      const related = makeKeyParty(origin.at('allow'), 'who may call, all without a token')
      yield report(keyPlace(jwt.origin), { service }, [related])
    }
  },
)
