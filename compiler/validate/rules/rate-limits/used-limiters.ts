import { placeAtKey } from '../../../mesh/spec-place.ts'
import { listLimits } from '../../list-limits.ts'
import { defineRule } from '../../rule.ts'

export const usedLimiters = defineRule<{ limiter: string }>(
  {
    code: 'MESH3490',
    severity: 'warning',
    summary: 'A limit names each declared rate limiter',
    reads: [
      'services.*.rateLimit',
      'services.*.routes',
      'gateways.*.rateLimit',
      'services.*.expose',
      'defaults',
    ],
    message: p => `no limit is counted by \`${p.limiter}\``,
    help: p =>
      `name it where it counts: \`rateLimit: { limiter: ${p.limiter}, requests: 100/s }\`, or remove it`,
  },
  function* (mesh, report, parts) {
    if (mesh.rateLimiters.length === 0) return
    const named = new Set(listLimits(mesh, parts).map(({ counted }) => counted?.by.value))
    for (const { name, origin } of mesh.rateLimiters)
      if (!named.has(name.value)) yield report(placeAtKey(origin), { limiter: name.value })
  },
)
