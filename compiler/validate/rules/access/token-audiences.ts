import { placeAtKey } from '../../../mesh/spec-place.ts'
import { defineRule } from '../../rule.ts'

/** A service sets the audiences for all of its issuers, or for each issuer. */
export const tokenAudiences = defineRule<{ service: string }>(
  {
    code: 'MESH3407',
    severity: 'warning',
    summary: 'A service names the audiences of the tokens that it accepts',
    message: p => `\`${p.service}\` accepts tokens that were issued for any other application`,
    help: p => `name the audiences of its own tokens: \`audiences: [${p.service}]\``,
  },
  function* (_, report, { jwts }) {
    for (const { service, jwt } of jwts) {
      if (jwt.issuers.some(({ audiences }) => audiences.length === 0))
        yield report(placeAtKey(jwt.origin), { service: service.key })
    }
  },
)
