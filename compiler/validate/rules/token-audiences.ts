import { keyOf } from '../places.ts'
import { defineRule } from '../rule.ts'

export const tokenAudiences = defineRule<{ service: string }>(
  {
    code: 'MESH3407',
    severity: 'warning',
    summary: 'A service says the audiences of the tokens it takes',
    message: p => `\`${p.service}\` takes tokens that were issued for any other application`,
    help: p => `say for whom: \`audiences: [${p.service}]\``,
  },
  function* ({ services }, report) {
    for (const { key: service, jwt } of services) {
      if (jwt !== undefined && jwt.audiences.length === 0) yield report(keyOf(jwt.origin), { service })
    }
  },
)
