import type { Port } from './mesh.ts'
import type { Sourced } from './sourced.ts'

/** The protocol of a port as Istio reads it in `appProtocol`: PostgreSQL is a word of meshc's own, and any TCP to Istio. */
export const getAppProtocol = ({ protocol }: Port): Sourced<string> =>
  protocol.map(word => (word === 'postgres' ? 'tcp' : word))

/** Tells whether a proxy sees single requests on a port: Istio routes them one by one. */
export const isHttp = ({ protocol }: Pick<Port, 'protocol'>): boolean =>
  ['http', 'http2', 'grpc', 'grpc-web'].includes(protocol.value)

/** Tells whether a port speaks TLS that the mesh does not open: Istio routes by SNI. */
export const isTls = ({ protocol }: Port): boolean => ['https', 'tls'].includes(protocol.value)
