import { z } from 'zod'
import { PortNumber } from './names.ts'
import { section } from './section.ts'

/** The protocols that a port of a service can speak; Istio routes the first four by request, the others by connection. */
export const protocols = [
  'http',
  'http2',
  'grpc',
  'grpc-web',
  'https',
  'tls',
  'tcp',
  'mongo',
  'mysql',
  'postgres',
  'redis',
] as const
export type Protocol = (typeof protocols)[number]

const numbers = Object.fromEntries(
  protocols.map(protocol => [
    protocol,
    PortNumber.meta({ description: `The number of the port, which speaks ${protocol}`, examples: [8080] }),
  ]),
) as { [Name in Protocol]: typeof PortNumber }

/** A port: the one protocol it speaks, with its number. */
export const Port = section({
  ...numbers,
  target: PortNumber.meta({ description: 'The port of the container, where it differs', examples: [8080] }),
  mtls: z
    .enum(['permissive', 'off'])
    .meta({ description: 'An exception for callers without a sidecar', examples: ['permissive'] }),
}).meta({
  id: 'Port',
  description: 'A port: the protocol it speaks, with its number',
  examples: [{ http: 8080 }],
})
