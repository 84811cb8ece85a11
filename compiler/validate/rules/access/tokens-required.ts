import { requiresToken } from '../../../mesh/required-token.ts'
import { makeKeyParty, placeAtKey } from '../../../mesh/spec-place.ts'
import { defineRule } from '../../rule.ts'

/** A RequestAuthentication refuses bad tokens and lets requests without one pass. */
export const tokensRequired = defineRule<{ service: string }>(
  {
    code: 'MESH3406',
    severity: 'warning',
    summary: 'A service that accepts tokens requires one in at least one rule',
    message: p => `\`${p.service}\` accepts tokens but requires none: requests without a token pass`,
    help: () => 'set `jwt: required` in `allow`, or remove `jwt`',
  },
  function* (_, report, { jwts }) {
    for (const {
      service: { key: service, origin, allow, isOpen, samePods },
      jwt,
    } of jwts) {
      if (allow.length === 0) continue
      // Another Service with the same pods may use their tokens.
      const rules = samePods.flatMap(sharingService => sharingService.allow)
      if (rules.some(requiresToken)) continue
      const denials = samePods.flatMap(({ deny }) => deny)
      if (denials.some(({ jwtMissing, claims }) => jwtMissing !== undefined || claims.length > 0)) continue
      const related = isOpen
        ? makeKeyParty(allow[0]!.origin, 'access is open')
        : makeKeyParty(origin.at('allow'), 'who may call, all without a token')
      yield report(placeAtKey(jwt.origin), { service }, [related])
    }
  },
)
