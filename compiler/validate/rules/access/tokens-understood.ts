import { keyPlace, makeKeyParty } from '../../places.ts'
import { defineRule } from '../../rule.ts'

/** Without a RequestAuthentication, no token is ever valid: the rule would allow nobody. */
export const tokensUnderstood = defineRule<{ service: string; field: string }>(
  {
    code: 'MESH3405',
    severity: 'error',
    summary: 'A service that asks for a token says whose tokens it understands',
    message: p => `\`${p.field}\` asks for a token, and \`${p.service}\` understands none`,
    help: p => `say \`jwt: { issuer: …, jwks: …, audiences: [${p.service}] }\` at the service`,
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
