import { z } from 'zod'
import { HeaderName, ServiceName } from './names.ts'
import { defineNamed, defineSection } from './section.ts'

const Rate = z
  .string()
  .regex(/^[1-9][0-9]{0,6}\/(s|m|h)$/)
  .meta({
    title: 'a number of requests a second, minute or hour',
    description: 'A number of requests a second, minute or hour',
    examples: ['100/s', '5000/h'],
  })

const Burst = z
  .int()
  .min(1)
  .max(100_000_000)
  .meta({
    description:
      'The largest number of requests that pass at once after a time without requests (default: the requests of one interval). Not with `limiter`',
    examples: [200],
  })

const HeaderLimit = z
  .union([
    Rate,
    defineSection({
      requests: Rate.meta({
        description: 'The number of requests for each value of the header',
        examples: ['10/s'],
      }),
      burst: Burst,
    }),
  ])
  .meta({
    id: 'HeaderLimit',
    description: 'The rate limit for each value of the header',
    examples: ['10/s', { requests: '10/s', burst: 30 }],
  })

const rateLimitFields = {
  limiter: ServiceName.meta({
    description:
      'The rate-limit service that counts the requests of all instances together, by its name under `rateLimiters`. Without it, each instance counts by itself',
    examples: ['shared'],
    'x-names': 'limiter',
  }),
  requests: Rate.meta({ description: 'The number of requests of all callers together', examples: ['100/s'] }),
  burst: Burst,
  perHeader: defineNamed(HeaderName, HeaderLimit).meta({
    description:
      'Rate limits for each value of a header, in addition to `requests`. A request without the header counts only for `requests`',
    examples: [{ 'x-user': '10/s' }],
  }),
}

/** The requests that each instance of a proxy takes by its own count, or all instances by that of a rate-limit service. */
export const RateLimit = z.union([Rate, defineSection(rateLimitFields)]).meta({
  id: 'RateLimit',
  description:
    'The rate limit of each instance, or of all instances together with `limiter`. A request above the limit gets status 429',
  examples: [
    '100/s',
    { requests: '100/s', burst: 200, perHeader: { 'x-user': '10/s' } },
    { limiter: 'shared', requests: '1000/m' },
  ],
})
