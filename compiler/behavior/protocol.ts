import type { Protocol } from './model.ts'

/** A protocol by its name, in any case. See Parse in pkg/config/protocol/instance.go of istio/istio. */
export const parseProtocol = (name: string): Protocol =>
  protocolsByName.get(name.toLowerCase()) ?? 'Unsupported'

/** The protocol of a port of a Service. See ConvertProtocol in pkg/config/kube/conversion.go of istio/istio. */
export function detectProtocol(
  number: number,
  portName: string,
  transport: string,
  appProtocol: string | undefined,
): Protocol {
  if (transport === 'UDP') return 'UDP'
  const special = appProtocol === undefined ? undefined : specialProtocols.get(appProtocol)
  if (special !== undefined) return special
  const name = (appProtocol ?? portName).toLowerCase()
  if (name.startsWith('grpc-web')) return 'GRPC-Web'
  const protocol = parseProtocol(name.split('-', 1)[0]!)
  return protocol === 'Unsupported' && serverFirstPorts.has(number) ? 'TCP' : protocol
}

export const isHttpProtocol = (protocol: Protocol): boolean => httpProtocols.has(protocol)
export const isTlsProtocol = (protocol: Protocol): boolean => protocol === 'HTTPS' || protocol === 'TLS'
export const isHttpOrSniffed = (protocol: Protocol): boolean =>
  protocol === 'Unsupported' || httpProtocols.has(protocol)
/** Classifies how a proxy listens: UDP not at all. */
export const classifyProtocol = (protocol: Protocol): 'http' | 'tcp' | 'auto' | 'none' =>
  isHttpProtocol(protocol)
    ? 'http'
    : protocol === 'UDP'
      ? 'none'
      : protocol === 'Unsupported'
        ? 'auto'
        : 'tcp'

const protocolNames: readonly Protocol[] = [
  'HTTP',
  'HTTP2',
  'GRPC',
  'GRPC-Web',
  'HTTPS',
  'TLS',
  'TCP',
  'Mongo',
  'Redis',
  'MySQL',
  'UDP',
  'HTTP_PROXY',
]
const protocolsByName: ReadonlyMap<string, Protocol> = new Map(
  protocolNames.map(name => [name.toLowerCase(), name]),
)
const specialProtocols: ReadonlyMap<string, Protocol> = new Map([
  ['kubernetes.io/h2c', 'HTTP2'],
  ['kubernetes.io/ws', 'HTTP'],
  ['kubernetes.io/wss', 'HTTPS'],
])
const httpProtocols: ReadonlySet<Protocol> = new Set(['HTTP', 'HTTP2', 'HTTP_PROXY', 'GRPC', 'GRPC-Web'])
/** SMTP, DNS, MySQL and MongoDB: the server speaks first. */
const serverFirstPorts: ReadonlySet<number> = new Set([25, 53, 3306, 27017])
