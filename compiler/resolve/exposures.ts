import type { Protocol } from '../../schema/protocols.ts'
import { findCoveringHost } from '../mesh/gateway-hosts.ts'
import type { Cors, Exposure, Gateway, Passage, Port } from '../mesh/mesh.ts'
import { from, type Origin, type Sourced, type SpecNode } from '../mesh/sourced.ts'
import { placeAt, placeAtKey } from '../mesh/spec-place.ts'
import {
  exclusiveFields,
  exposedPortProtocol,
  requiredField,
  unknownGateway,
  unknownGatewayHost,
  unknownListener,
  unknownPort,
} from './diagnostics.ts'
import { emptyList, listSourcedEntries, type Report, readField } from './fields.ts'
import { findRewrite, resolveHeaderChanges } from './headers.ts'
import { resolvePathMatch } from './match.ts'
import type { ServiceSpec } from './spec-sections.ts'

type ExposeSpec = NonNullable<ServiceSpec['expose']>[number]

/** The ways to a service from outside: for requests, and for connections. */
interface Entrances {
  readonly exposures: readonly Exposure[]
  readonly passages: readonly Passage[]
}

const noEntrances: Entrances = { exposures: emptyList, passages: emptyList }

/** Resolves the exposures of a service, in the order of the spec. */
export function resolveExposures(
  { expose: spec }: ServiceSpec,
  service: SpecNode,
  ports: readonly Port[],
  gateways: ReadonlyMap<string, Gateway>,
  report: Report,
): Entrances {
  if (spec === undefined) return noEntrances
  const node = service.at('expose')
  const exposures: Exposure[] = []
  const passages: Passage[] = []
  for (const [index, written] of spec.entries()) {
    const place = node.at(index)
    const gateway = findGateway(written, place, gateways, report)
    // The hosts and ports of the gateway decide which protocol the port must speak.
    if (gateway === undefined) continue
    const by = findPassage(written, place, gateway, report)
    if (by !== undefined) {
      refuseRequestFields(written, place, by, report)
      const port = resolveExposedPort(
        written,
        place,
        ports,
        by.kind === 'host' ? tlsProtocols : tcpProtocols,
        report,
      )
      if (port !== undefined) passages.push({ origin: place, gateway, by, ...port })
      continue
    }
    // A port of the gateway that is not there is reported already.
    if (written.tcp !== undefined) continue
    const host = findExposedHost(written, place, gateway, report)
    const port = host && resolveExposedPort(written, place, ports, httpProtocols, report)
    if (host === undefined || port === undefined) continue
    exposures.push({
      origin: place,
      gateway,
      host,
      ...port,
      paths: listSourcedEntries(written.paths, place, 'paths').map(path => path.map(resolvePathMatch)),
      rewrite: findRewrite(written, place),
      headers: resolveHeaderChanges(written, place),
      cors: findCors(written, place, report),
    })
  }
  return { exposures, passages }
}

function findGateway(
  { gateway: name }: ExposeSpec,
  node: SpecNode,
  gateways: ReadonlyMap<string, Gateway>,
  report: Report,
): Gateway | undefined {
  const gateway = gateways.get(name)
  if (gateway === undefined)
    report(unknownGateway(placeAt(node.at('gateway')), { name, legal: [...gateways.keys()] }))
  return gateway
}

/** Finds the host of an exposure, which is one of its gateway. */
function findExposedHost(
  { host }: ExposeSpec,
  node: SpecNode,
  gateway: Gateway,
  report: Report,
): Sourced<string> | undefined {
  if (host === undefined) {
    const owner = 'this exposure'
    report(requiredField(placeAt(node), { owner, field: 'its `host`', example: 'host: api.example.com' }))
    return undefined
  }
  const { hosts, passthrough, name } = gateway
  if (hosts.length + passthrough.length > 0 && findCoveringHost(hosts, host) === undefined) {
    const legal = [...hosts, ...passthrough].map(({ value }) => value)
    const field = hosts.length > 0 ? 'hosts' : 'passthrough'
    const related = { at: placeAtKey(gateway.origin.at(field)), message: `the hosts of \`${name.value}\`` }
    report(unknownGatewayHost(placeAt(node.at('host')), { gateway: name.value, host, legal }, [related]))
    return undefined
  }
  return from(node.at('host'), host)
}

/** Finds how connections get to a service; undefined for an exposure that is for requests. */
function findPassage(
  { host, tcp }: ExposeSpec,
  node: SpecNode,
  gateway: Gateway,
  report: Report,
): Passage['by'] | undefined {
  if (tcp !== undefined) {
    if (host !== undefined) {
      const help = 'a port of TCP is for connections to every host: keep one'
      const related = { at: placeAtKey(node.at('host')), message: 'its `host`' }
      const params = { owner: 'this exposure', first: 'tcp', second: 'host', help }
      report(exclusiveFields(placeAtKey(node.at('tcp')), params, [related]))
    }
    const listener = gateway.tcp.find(({ key }) => key.value === tcp)
    if (listener !== undefined) return { kind: 'port', listener, word: from(node.at('tcp'), tcp) }
    const legal = gateway.tcp.map(({ key }) => key.value)
    report(unknownListener(placeAt(node.at('tcp')), { gateway: gateway.name.value, name: tcp, legal }))
    return undefined
  }
  const passing = host === undefined ? undefined : findCoveringHost(gateway.passthrough, host)
  if (host === undefined || passing === undefined) return undefined
  // The written host decides the owner, or else the narrower of two wildcards.
  if ((findCoveringHost(gateway.hosts, host)?.length ?? -1) > passing.length) return undefined
  return { kind: 'host', host: from(node.at('host'), host) }
}

/** Reports settings of an exposure for requests if the gateway forwards only connections. */
function refuseRequestFields(written: ExposeSpec, node: SpecNode, by: Passage['by'], report: Report): void {
  for (const field of ['paths', 'rewrite', 'headers', 'cors'] as const) {
    if (written[field] === undefined) continue
    const first = by.kind === 'host' ? 'passthrough' : 'tcp'
    const help = `remove \`${field}\`: the gateway passes connections on, and sees no requests`
    const related =
      by.kind === 'host'
        ? { at: placeAt(by.host.place!), message: 'its TLS is not opened' }
        : { at: placeAtKey(node.at('tcp')), message: 'its port' }
    const params = { owner: 'this exposure', first, second: field, help }
    report(exclusiveFields(placeAtKey(node.at(field)), params, [related]))
  }
}

/** The protocols of the ports that a gateway leads to, the one it prefers first. */
interface Leading {
  readonly speaks: 'HTTP' | 'TLS' | 'TCP'
  readonly protocols: readonly Protocol[]
}

/** The protocols that a gateway can route by request. */
const httpProtocols: Leading = { speaks: 'HTTP', protocols: ['http', 'http2', 'grpc', 'grpc-web'] }
const tlsProtocols: Leading = { speaks: 'TLS', protocols: ['tls', 'https'] }
const tcpProtocols: Leading = {
  speaks: 'TCP',
  protocols: ['tcp', 'postgres', 'mysql', 'mongo', 'redis', 'tls', 'https'],
}

function resolveExposedPort(
  { port: key }: ExposeSpec,
  node: SpecNode,
  ports: readonly Port[],
  { speaks, protocols }: Leading,
  report: Report,
): { readonly port: Port; readonly portOrigin: Origin } | undefined {
  // A service without ports is reported already.
  if (ports.length === 0) return undefined
  const service = String(node.parent?.parent?.key)
  if (key !== undefined) {
    const portOrigin = node.at('port')
    const port = ports.find(port => port.key === key)
    if (port === undefined) {
      report(unknownPort(placeAt(portOrigin), { service, name: key, legal: ports.map(({ key }) => key) }))
      return undefined
    }
    if (!protocols.includes(port.protocol.value)) {
      const related = { at: placeAtKey(port.origin), message: `it speaks ${port.protocol.value}` }
      report(exposedPortProtocol(placeAt(portOrigin), { service, port: key, speaks, protocols }, [related]))
    }
    return { port, portOrigin }
  }
  for (const protocol of protocols) {
    const port = ports.find(port => port.protocol.value === protocol)
    if (port !== undefined) return { port, portOrigin: 'default:exposed-port' }
  }
  const related = ports.map(port => ({
    at: placeAtKey(port.origin),
    message: `\`${port.key}\` speaks ${port.protocol.value}`,
  }))
  report(exposedPortProtocol(placeAt(node), { service, port: undefined, speaks, protocols }, related))
  return undefined
}

function findCors({ cors: spec }: ExposeSpec, exposure: SpecNode, report: Report): Cors | undefined {
  if (spec === undefined) return undefined
  const node = exposure.at('cors')
  if (spec.origins === undefined) {
    const example = 'origins: [https://app.example.com]'
    report(requiredField(placeAt(node), { owner: '`cors`', field: 'which `origins` may call', example }))
  }
  return {
    origin: node,
    origins: listSourcedEntries(spec.origins, node, 'origins'),
    methods: listSourcedEntries(spec.methods, node, 'methods'),
    headers: listSourcedEntries(spec.headers, node, 'headers'),
    exposeHeaders: listSourcedEntries(spec.exposeHeaders, node, 'exposeHeaders'),
    maxAge: readField(spec, node, 'maxAge'),
    credentials: readField(spec, node, 'credentials'),
  }
}
