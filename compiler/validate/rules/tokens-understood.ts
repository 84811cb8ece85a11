import { keyOf, keyParty } from '../places.ts'
import { defineRule } from '../rule.ts'

/** Without a RequestAuthentication, no token is ever valid: the rule would allow nobody. */
export const tokensUnderstood = defineRule<{ service: string; field: string }>(
  {
    code: 'MESH3405',
    severity: 'error',
    summary: 'A service that asks for a token says whose tokens it understands',
    covers: ['IST0149'],
    message: p => `\`${p.field}\` asks for a token, and \`${p.service}\` understands none`,
    help: p => `say \`jwt: { issuer: …, jwks: …, audiences: [${p.service}] }\` at the service`,
  },
  function* ({ services }, report) {
    for (const { key: service, origin, jwt, allow } of services) {
      if (jwt !== undefined) continue
      for (const rule of allow) {
        const field = rule.jwtRequired !== undefined ? 'jwt' : rule.claims.length > 0 ? 'claims' : undefined
        if (field === undefined) continue
        const related = keyParty(origin, 'it has no `jwt`')
        yield report(keyOf(rule.origin.at(field)), { service, field }, [related])
      }
    }
  },
)
