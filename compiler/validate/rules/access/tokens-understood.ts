import { keyPlace, makeKeyParty } from '../../places.ts'
import { defineRule } from '../../rule.ts'

/** Without a RequestAuthentication, no token is ever valid: the rule would allow no caller. */
export const tokensUnderstood = defineRule<{ service: string; field: string }>(
  {
    code: 'MESH3405',
    severity: 'error',
    summary: 'A service that requires a token declares the issuer of its tokens',
    message: p => `\`${p.field}\` requires a token, but \`${p.service}\` declares no issuer of tokens`,
    help: p => `set \`jwt: { issuer: …, jwks: …, audiences: [${p.service}] }\` of the service`,
  },
  function* (_, report, { tokenRules }) {
    for (const { service, allow } of tokenRules) {
      if (service.jwt !== undefined) continue
      const field = allow.jwtRequired !== undefined ? 'jwt' : 'claims'
      const related = makeKeyParty(service.origin, 'it has no `jwt`')
      yield report(keyPlace(allow.origin.at(field)), { service: service.key, field }, [related])
    }
  },
)
