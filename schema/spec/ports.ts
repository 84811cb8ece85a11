import { type Protocol, protocols } from '../protocols.ts'
import { PortNumber } from './names.ts'
import { defineSection } from './section.ts'
import { CircuitBreaker, Connections, LoadBalancing } from './traffic.ts'
import { defineWords } from './words.ts'

const numbers = Object.fromEntries(
  protocols.map(protocol => [
    protocol,
    PortNumber.meta({ description: `The number of a port that speaks ${protocol}`, examples: [8080] }),
  ]),
) as { [Name in Protocol]: typeof PortNumber }

/** A port: the one protocol it speaks, with its number. */
export const Port = defineSection({
  ...numbers,
  target: PortNumber.meta({
    description: 'The port of the container (default: the number of the port)',
    examples: [8080],
  }),
  mtls: defineWords({
    permissive: 'The port accepts mTLS and plain text',
    off: 'The port accepts only plain text',
  }).meta({ description: 'An exception to mTLS, for callers without a sidecar', examples: ['permissive'] }),
  sidecar: defineWords({
    off: 'The sidecar does not intercept the port: the port accepts plain text, and no policy applies',
  }).meta({
    description:
      'The interception of inbound traffic at the port; `off` if the sidecar does not intercept it',
    examples: ['off'],
  }),
  circuitBreaker: CircuitBreaker.meta({
    description: 'For this port alone: the ejection of instances that fail (outlier detection), or `none`',
    examples: [{ consecutiveErrors: 3 }],
  }),
  connections: Connections.meta({
    description: 'For this port alone: limits of the connection pool, or `unlimited`',
    examples: [{ max: 500 }],
  }),
  loadBalancing: LoadBalancing.meta({
    description: 'For this port alone: the distribution of requests over instances (load balancing)',
    examples: [{ policy: 'round-robin' }],
  }),
}).meta({
  id: 'Port',
  description: 'A port: the protocol with the number',
  examples: [{ http: 8080 }],
})
