import type { Protocol } from '../../schema/protocols.ts'
import { coversHost } from '../mesh/gateway-hosts.ts'
import type { Cors, Exposure, Gateway, Port } from '../mesh/mesh.ts'
import { from, type Origin, type SpecNode } from '../mesh/sourced.ts'
import {
  exposedPortNotHttp,
  requiredField,
  unknownGateway,
  unknownGatewayHost,
  unknownPort,
} from './diagnostics.ts'
import { dropUndefined, keyPlace, listEntries, nothing, placeAt, type Report, readField } from './fields.ts'
import { findRewrite, resolveHeaderChanges } from './headers.ts'
import { resolvePathMatch } from './match.ts'
import type { ServiceSpec } from './spec-sections.ts'

type ExposeSpec = NonNullable<ServiceSpec['expose']>[number]

/** Resolves the places where a service can be reached from outside, in the order of the spec. */
export function resolveExposures(
  { expose: spec }: ServiceSpec,
  service: SpecNode,
  ports: readonly Port[],
  gateways: ReadonlyMap<string, Gateway>,
  report: Report,
): readonly Exposure[] {
  if (spec === undefined) return nothing
  const node = service.at('expose')
  return dropUndefined(
    spec.map((written, index) => {
      const place = node.at(index)
      const gateway = findGateway(written, place, gateways, report)
      const port = exposedPort(written, place, ports, report)
      if (gateway === undefined || port === undefined) return undefined
      return {
        origin: place,
        gateway,
        host: from(place.at('host'), written.host),
        ...port,
        paths: listEntries(written.paths, place, 'paths').map(path => path.map(resolvePathMatch)),
        rewrite: findRewrite(written, place),
        headers: resolveHeaderChanges(written, place),
        cors: findCors(written, place, report),
      }
    }),
  )
}

function findGateway(
  { gateway: name, host }: ExposeSpec,
  node: SpecNode,
  gateways: ReadonlyMap<string, Gateway>,
  report: Report,
): Gateway | undefined {
  const gateway = gateways.get(name)
  if (gateway === undefined) {
    report(unknownGateway(placeAt(node.at('gateway')), { name, legal: [...gateways.keys()] }))
    return undefined
  }
  const legal = gateway.hosts.map(({ value }) => value)
  if (legal.length > 0 && !legal.some(served => coversHost(served, host))) {
    const related = { at: keyPlace(gateway.origin.at('hosts')), message: `the hosts of \`${name}\`` }
    report(unknownGatewayHost(placeAt(node.at('host')), { gateway: name, host, legal }, [related]))
  }
  return gateway
}

/** The protocols that a gateway can route by request, the one it prefers first. */
const httpProtocols: readonly Protocol[] = ['http', 'http2', 'grpc', 'grpc-web']

function exposedPort(
  { port: key }: ExposeSpec,
  node: SpecNode,
  ports: readonly Port[],
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
    if (!httpProtocols.includes(port.protocol.value)) {
      const related = { at: keyPlace(port.origin), message: `it speaks ${port.protocol.value}` }
      report(exposedPortNotHttp(placeAt(portOrigin), { service, port: key }, [related]))
    }
    return { port, portOrigin }
  }
  for (const protocol of httpProtocols) {
    const port = ports.find(port => port.protocol.value === protocol)
    if (port !== undefined) return { port, portOrigin: 'default:exposed-port' }
  }
  const related = ports.map(port => ({
    at: keyPlace(port.origin),
    message: `\`${port.key}\` speaks ${port.protocol.value}`,
  }))
  report(exposedPortNotHttp(placeAt(node), { service, port: undefined }, related))
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
    origins: listEntries(spec.origins, node, 'origins'),
    methods: listEntries(spec.methods, node, 'methods'),
    headers: listEntries(spec.headers, node, 'headers'),
    exposeHeaders: listEntries(spec.exposeHeaders, node, 'exposeHeaders'),
    maxAge: readField(spec, node, 'maxAge'),
    credentials: readField(spec, node, 'credentials'),
  }
}
