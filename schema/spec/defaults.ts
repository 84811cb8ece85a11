import { defineSection } from './section.ts'
import { CircuitBreaker, Connections, LoadBalancing, Retries, Timeout } from './traffic.ts'

/** The values for every service that sets no others. */
export const Defaults = defineSection({
  timeout: Timeout.meta({
    description: 'The time that a caller waits for a response, retries included',
    examples: ['30s'],
    'x-topics': ['times'],
  }),
  retries: Retries.meta({
    description: 'Retries of a failed request, `none`, or the default retries of Istio (`istio-default`)',
    examples: [{ attempts: 2, perTryTimeout: '10s', on: ['connect-failure'] }],
    'x-topics': ['times'],
  }),
  circuitBreaker: CircuitBreaker.meta({
    description: 'The ejection of instances that fail (outlier detection), or `none`',
    examples: [{ consecutiveErrors: 5, interval: '30s' }],
    'x-topics': [],
  }),
  connections: Connections.meta({
    description: 'Limits of the connection pool, or `unlimited`',
    examples: [{ max: 100 }],
    'x-topics': [],
  }),
  loadBalancing: LoadBalancing.meta({
    description: 'The distribution of requests over instances (load balancing)',
    examples: [{ policy: 'least-request' }],
    'x-topics': [],
  }),
}).meta({
  id: 'Defaults',
  description: 'Settings of every service that does not override them',
  examples: [{ timeout: '30s' }],
})
