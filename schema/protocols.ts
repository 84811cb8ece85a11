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
