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
    description: 'The most requests that pass at once after a quiet time; by default those of one interval',
    examples: [200],
  })

const HeaderLimit = z
  .union([
    Rate,
    defineSection({
      requests: Rate.meta({ description: 'The requests that each value may make', examples: ['10/s'] }),
      burst: Burst,
    }),
  ])
  .meta({
    id: 'HeaderLimit',
    description: 'The requests that each value of the header may make',
    examples: ['10/s', { requests: '10/s', burst: 30 }],
  })

const rateLimitFields = {
  limiter: ServiceName.meta({
    description:
      'The rate-limit service that counts for all instances together, by its name under `rateLimiters`; without it, each instance counts by itself',
    examples: ['shared'],
    'x-names': 'limiter',
  }),
  requests: Rate.meta({ description: 'The requests of all callers together', examples: ['100/s'] }),
  burst: Burst,
  perHeader: defineNamed(HeaderName, HeaderLimit).meta({
    description:
      'The requests of each value of a header, beside those of all; a request without the header counts only there',
    examples: [{ 'x-user': '10/s' }],
  }),
}

/** The requests that each instance of a proxy takes by its own count, or all instances by that of a rate-limit service. */
export const RateLimit = z.union([Rate, defineSection(rateLimitFields)]).meta({
  id: 'RateLimit',
  description:
    'The requests that each instance takes, or all together with `limiter`; those beyond are answered with 429',
  examples: [
    '100/s',
    { requests: '100/s', burst: 200, perHeader: { 'x-user': '10/s' } },
    { limiter: 'shared', requests: '1000/m' },
  ],
})
