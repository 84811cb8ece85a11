import { z } from 'zod'
import { Address, Duration } from './names.ts'
import { defineSection } from './section.ts'

/** A service that counts the requests of many proxies together, as envoyproxy/ratelimit does. */
export const RateLimiter = defineSection({
  grpc: Address.meta({
    description: "The Service that answers Envoy's gRPC calls, with its namespace and port",
    examples: ['ratelimit.limits:8081'],
  }),
  domain: z
    .string()
    .regex(/^[a-z0-9A-Z]([-._a-zA-Z0-9]{0,251}[a-zA-Z0-9])?$/)
    .meta({
      title: 'a word of letters, digits, `-`, `_` and `.`',
      description:
        'The domain of the limits, which no other mesh that asks it has (default: the name of the mesh)',
      examples: ['shop'],
    }),
  timeout: Duration.meta({
    description: 'How long a proxy waits for the answer',
    examples: ['50ms'],
  }),
  failOpen: z.boolean().meta({
    description:
      'Whether requests pass while the limiter does not answer, which is the default; otherwise, they get 500',
    examples: [false],
  }),
}).meta({
  id: 'RateLimiter',
  description: 'A rate-limit service, which counts the requests of all proxies that ask it together',
  examples: [{ grpc: 'ratelimit.limits:8081', timeout: '50ms' }],
})
