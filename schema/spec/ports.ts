import { type Protocol, protocols } from '../protocols.ts'
import { PortNumber } from './names.ts'
import { defineSection } from './section.ts'
import { CircuitBreaker, Connections, LoadBalancing } from './traffic.ts'
import { defineWords } from './words.ts'

const numbers = Object.fromEntries(
  protocols.map(protocol => [
    protocol,
    PortNumber.meta({ description: `The number of the port, which speaks ${protocol}`, examples: [8080] }),
  ]),
) as { [Name in Protocol]: typeof PortNumber }

/** A port: the one protocol it speaks, with its number. */
export const Port = defineSection({
  ...numbers,
  target: PortNumber.meta({ description: 'The port of the container, if it differs', examples: [8080] }),
  mtls: defineWords({
    permissive: 'Plain text is accepted, too',
    off: 'Plain text only',
  }).meta({ description: 'An exception for callers without a sidecar', examples: ['permissive'] }),
  sidecar: defineWords({
    off: 'The sidecar leaves the port alone: plain text, and no policy applies',
  }).meta({ description: 'Whether the sidecar takes what arrives at the port', examples: ['off'] }),
  circuitBreaker: CircuitBreaker.meta({
    description: 'For this port alone: when an instance that fails is ejected, or `none`',
    examples: [{ consecutiveErrors: 3 }],
  }),
  connections: Connections.meta({
    description: 'For this port alone: limits of the connection pool, or `unlimited`',
    examples: [{ max: 500 }],
  }),
  loadBalancing: LoadBalancing.meta({
    description: 'For this port alone: how callers distribute requests over instances',
    examples: [{ policy: 'round-robin' }],
  }),
}).meta({
  id: 'Port',
  description: 'A port: the protocol with the number',
  examples: [{ http: 8080 }],
})
