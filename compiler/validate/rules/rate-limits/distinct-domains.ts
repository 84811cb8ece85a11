import { makeKeyParty, placeAt, placeAtKey } from '../../../mesh/spec-place.ts'
import { findWrittenPlace } from '../../places.ts'
import { defineRule } from '../../rule.ts'

/** A rate-limit service does not start with two files of one domain. */
export const distinctDomains = defineRule<{ limiter: string; otherLimiter: string; domain: string }>(
  {
    code: 'MESH3494',
    severity: 'error',
    summary: 'Rate limiters of one service have different domains',
    reads: ['rateLimiters'],
    message: p =>
      `\`${p.otherLimiter}\` and \`${p.limiter}\` ask the same service, which takes the domain \`${p.domain}\` only once`,
    help: p => `set \`domain\` of \`${p.limiter}\`, or keep one of the two`,
  },
  function* ({ rateLimiters }, report) {
    for (const [index, limiter] of rateLimiters.entries()) {
      const earlier = rateLimiters
        .slice(0, index)
        .find(
          candidate =>
            candidate.host.value === limiter.host.value && candidate.domain.value === limiter.domain.value,
        )
      if (earlier === undefined) continue
      const written = findWrittenPlace(limiter.domain)
      const isOwn = written?.path[0] === 'rateLimiters'
      const params = {
        limiter: limiter.name.value,
        otherLimiter: earlier.name.value,
        domain: limiter.domain.value,
      }
      yield report(isOwn ? placeAt(written) : placeAtKey(limiter.origin), params, [
        makeKeyParty(earlier.origin, 'the other one'),
      ])
    }
  },
)
