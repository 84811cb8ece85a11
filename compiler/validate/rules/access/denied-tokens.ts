import type { Deny, Jwt } from '../../../mesh/mesh.ts'
import type { SpecNode } from '../../../mesh/sourced.ts'
import { makeKeyParty, placeAtKey } from '../../../mesh/spec-place.ts'
import { defineRule } from '../../rule.ts'

/** Without a RequestAuthentication, no token is ever valid: each request counts as a request without a token and without claims. */
export const deniedTokens = defineRule<{ owner: string; field: string }>(
  {
    code: 'MESH3423',
    severity: 'error',
    summary: 'A denial asks about tokens only where tokens are read',
    reads: ['issuers', 'services.*.jwt', 'gateways.*.jwt'],
    message: p =>
      p.field === 'jwt'
        ? `${p.owner} reads no tokens: every request is one without a valid token`
        : `${p.owner} reads no tokens: no request has claims`,
    help: () => 'set `jwt: { issuer: …, jwks: … }` there',
  },
  function* ({ gateways }, report, { denying }) {
    const owners: readonly Owner[] = [
      ...denying.map(({ key, jwt, deny, origin }) => ({ owner: `\`${key}\``, jwt, deny, origin })),
      ...gateways.map(({ name, jwt, deny, origin }) => ({
        owner: `the gateway \`${name.value}\``,
        jwt,
        deny,
        origin,
      })),
    ]
    for (const { owner, jwt, deny, origin } of owners) {
      if (jwt !== undefined) continue
      for (const denial of deny) {
        const field =
          denial.jwtMissing !== undefined ? 'jwt' : denial.claims.length > 0 ? 'claims' : undefined
        if (field === undefined) continue
        const related = makeKeyParty(origin, 'it has no `jwt`')
        yield report(placeAtKey(denial.origin.at(field)), { owner, field }, [related])
      }
    }
  },
)

interface Owner {
  readonly owner: string
  readonly origin: SpecNode
  readonly jwt: Jwt | undefined
  readonly deny: readonly Deny[]
}
