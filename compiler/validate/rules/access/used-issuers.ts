import { placeAtKey } from '../../../mesh/spec-place.ts'
import { defineRule } from '../../rule.ts'

export const usedIssuers = defineRule<{ issuer: string }>(
  {
    code: 'MESH3419',
    severity: 'warning',
    summary: 'A service or gateway accepts tokens of each declared issuer',
    reads: ['services.*.jwt', 'gateways.*.jwt'],
    message: p => `no service and no gateway accepts tokens of \`${p.issuer}\``,
    help: p => `name it where its tokens are accepted: \`jwt: { issuers: [${p.issuer}] }\`, or remove it`,
  },
  function* ({ issuers, gateways }, report, { jwts }) {
    if (issuers.length === 0) return
    const accepted = new Set(
      [...jwts, ...gateways].flatMap(({ jwt }) => jwt?.issuers.map(({ name }) => name) ?? []),
    )
    for (const { name, origin } of issuers)
      if (!accepted.has(name)) yield report(placeAtKey(origin), { issuer: name })
  },
)
