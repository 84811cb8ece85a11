import { keyPlace } from '../../places.ts'
import { defineRule } from '../../rule.ts'

export const tokenAudiences = defineRule<{ service: string }>(
  {
    code: 'MESH3407',
    severity: 'warning',
    summary: 'A service says the audiences of the tokens it takes',
    message: p => `\`${p.service}\` takes tokens that were issued for any other application`,
    help: p => `say for whom: \`audiences: [${p.service}]\``,
  },
  function* (_, report, { jwts }) {
    for (const { service, jwt } of jwts) {
      if (jwt.audiences.length === 0) yield report(keyPlace(jwt.origin), { service: service.key })
    }
  },
)
