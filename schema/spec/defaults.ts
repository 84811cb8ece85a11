import { section } from './section.ts'
import { CircuitBreaker, Connections, LoadBalancing, Retries, Timeout } from './traffic.ts'

/** What holds for every service that says nothing else. */
export const Defaults = section({
  timeout: Timeout.meta({ description: 'How long a caller waits, retries included', examples: ['30s'] }),
  retries: Retries.meta({
    description: 'Tries after a failed one',
    examples: [{ attempts: 2, perTryTimeout: '10s', on: ['connect-failure'] }],
  }),
  circuitBreaker: CircuitBreaker.meta({
    description: 'When instances that fail are taken out',
    examples: [{ consecutiveErrors: 5, interval: '30s' }],
  }),
  connections: Connections.meta({ description: 'Bounds of the connection pool', examples: [{ max: 100 }] }),
  loadBalancing: LoadBalancing.meta({
    description: 'How callers spread requests',
    examples: [{ policy: 'least-request' }],
  }),
}).meta({
  id: 'Defaults',
  description: 'What holds for every service that says nothing else',
  examples: [{ timeout: '30s' }],
})
