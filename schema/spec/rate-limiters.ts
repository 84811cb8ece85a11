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
        'The domain of the limits (default: the name of the mesh). Each mesh that uses the rate-limit service needs a domain of its own',
      examples: ['shop'],
    }),
  timeout: Duration.meta({
    description: 'The time that a proxy waits for the answer of the rate-limit service',
    examples: ['50ms'],
  }),
  failOpen: z.boolean().meta({
    description:
      'If `true`, proxies allow requests while the limiter does not answer (default: `true`). If `false`, these requests get status 500',
    examples: [false],
  }),
}).meta({
  id: 'RateLimiter',
  description: 'A rate-limit service, which counts the requests of several proxies together',
  examples: [{ grpc: 'ratelimit.limits:8081', timeout: '50ms' }],
})
