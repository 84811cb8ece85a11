import { makeKeyParty, placeAt } from '../../../mesh/spec-place.ts'
import { findLoop } from '../../asked-service.ts'
import { defineRule } from '../../rule.ts'

/** A rate-limit request is a request. If the proxy of a rate limiter calls the limiter about it, no rate-limit request gets an answer. */
export const noCountingLoops = defineRule<{ service: string; limiter: string; through: readonly string[] }>(
  {
    code: 'MESH3493',
    severity: 'error',
    summary: 'A rate limiter does not count the calls to itself',
    reads: ['rateLimiters'],
    message: p =>
      p.through.length === 0
        ? `\`${p.service}\` is the service of \`${p.limiter}\`, which would count its own questions`
        : `\`${p.service}\` asks \`${p.limiter}\`, whose service waits for it: ${p.through.map(name => `\`${name}\``).join(' asks ')}`,
    help: p => `remove \`limiter\` of \`${p.service}\`: each instance can count by itself`,
  },
  function* (mesh, report, { limited }) {
    for (const { service, rateLimit } of limited) {
      const { counted } = rateLimit
      const loop = counted && findLoop(mesh, service, ({ rateLimit }) => rateLimit?.counted?.limiter)
      if (counted === undefined || loop === undefined) continue
      const params = {
        service: service.key,
        limiter: counted.by.value,
        through: loop.length === 1 ? [] : loop.map(({ key }) => key),
      }
      yield report(placeAt(counted.by.place!), params, [
        makeKeyParty(counted.limiter.origin, 'the rate limiter'),
      ])
    }
  },
)
