import { defineSection } from './section.ts'
import { CircuitBreaker, Connections, LoadBalancing, Retries, Timeout } from './traffic.ts'

/** The values for every service that sets no others. */
export const Defaults = defineSection({
  timeout: Timeout.meta({
    description: 'How long a caller waits for a response, including retries',
    examples: ['30s'],
    'x-topics': ['times'],
  }),
  retries: Retries.meta({
    description: 'Retries of a failed request, `none`, or those of Istio itself (`istio-default`)',
    examples: [{ attempts: 2, perTryTimeout: '10s', on: ['connect-failure'] }],
    'x-topics': ['times'],
  }),
  circuitBreaker: CircuitBreaker.meta({
    description: 'When an instance that fails is ejected, or `none`',
    examples: [{ consecutiveErrors: 5, interval: '30s' }],
    'x-topics': [],
  }),
  connections: Connections.meta({
    description: 'Limits of the connection pool, or `unlimited`',
    examples: [{ max: 100 }],
    'x-topics': [],
  }),
  loadBalancing: LoadBalancing.meta({
    description: 'How callers distribute requests over instances',
    examples: [{ policy: 'least-request' }],
    'x-topics': [],
  }),
}).meta({
  id: 'Defaults',
  description: 'Settings of every service that does not override them',
  examples: [{ timeout: '30s' }],
})
