import type { TcpRoute, TlsRoute, VirtualServiceSpec } from '../../../schema/generated/virtual-service.ts'
import type { Gateway, Mesh, Passage, Service } from '../../mesh/mesh.ts'
import { because, text } from '../../mesh/sourced.ts'
import { guardConnectionRule } from '../helm/chart/adjustable-rule.ts'
import { type Manifest, makeManifest } from '../manifest.ts'
import type { Sourceable } from '../sourceable.ts'
import { withChartForm } from '../template.ts'
import { getVisibility, nameHost } from './gateway-virtual-service.ts'
import { makeDestinations, makeRouteDestination } from './http-route.ts'

/** A service with a way to it for connections. */
export interface Passed {
  readonly service: Service
  readonly passage: Passage
}

/**
 * Emits the VirtualServices of connections: one for each TLS passthrough host, and one for all TCP ports. They contain the versions
 * of each service, since the mesh VirtualService does not apply at a gateway.
 */
export function emitGatewayConnections(
  mesh: Mesh,
  gateway: Gateway,
  passed: readonly Passed[],
): readonly Manifest[] {
  const hosts = passed.flatMap(({ passage: { by } }) => (by.kind === 'host' ? [by.host] : []))
  const byHost = new Map<string, Passed[]>()
  const ofPorts: Passed[] = []
  for (const each of passed) {
    const { by } = each.passage
    if (by.kind === 'port') ofPorts.push(each)
    else byHost.set(by.host.value, [...(byHost.get(by.host.value) ?? []), each])
  }
  const manifests = [...byHost.keys()].toSorted().map(name => {
    const here = byHost.get(name)!
    const host = hosts.find(({ value }) => value === name)!
    const spec = { hosts: [host], tls: here.map(each => makeTlsRoute(gateway, each)) }
    return makeRoutes(mesh, gateway, text`${gateway.name}.${nameHost(host, hosts)}`, here, spec)
  })
  if (ofPorts.length === 0) return manifests
  // The rules of ports are disjoint, so they are sorted by number.
  const tcp = ofPorts.toSorted((a, b) => getListenerNumber(a) - getListenerNumber(b)).map(makeTcpRoute)
  return [...manifests, makeRoutes(mesh, gateway, text`${gateway.name}.tcp`, ofPorts, { hosts: ['*'], tcp })]
}

function makeRoutes(
  mesh: Mesh,
  gateway: Gateway,
  name: ReturnType<typeof text>,
  passed: readonly Passed[],
  { hosts, ...routes }: Sourceable<VirtualServiceSpec> & { readonly hosts: unknown },
): Manifest {
  const reasons = passed.flatMap(({ passage: { origin, by } }) => [
    by.kind === 'host' ? by.host : by.word,
    origin.at('gateway'),
  ])
  const spec = {
    hosts: because(hosts, ...reasons),
    gateways: because([text`${gateway.namespace}/${gateway.name}`], ...reasons),
    ...routes,
    exportTo: because([getVisibility(gateway)], ...reasons),
  } as Sourceable<VirtualServiceSpec>
  return makeManifest(
    mesh,
    'VirtualService',
    { name, namespace: gateway.namespace, policy: 'policy:route-shape', reasons },
    spec,
  )
}

const getListenerNumber = ({ passage: { by } }: Passed) => (by.kind === 'port' ? by.listener.number.value : 0)

function makeTlsRoute(gateway: Gateway, { service, passage }: Passed): Sourceable<TlsRoute> {
  const { by, origin } = passage
  const sniHosts = by.kind === 'host' ? [by.host] : []
  return because(
    makeAdjustableRule({ service, passage }, { match: [{ port: gateway.ports.passthrough, sniHosts }] }),
    origin.at('gateway'),
    ...sniHosts,
  )
}

function makeTcpRoute({ service, passage }: Passed): Sourceable<TcpRoute> {
  const { by, origin } = passage
  const match = by.kind === 'port' ? [{ port: because(by.listener.number, by.word) }] : []
  return because(makeAdjustableRule({ service, passage }, { match }), origin.at('gateway'))
}

/** A rule with its destinations: a connection has no headers, so that only the route for everything applies. */
function makeAdjustableRule<Rule extends object>(
  { service, passage: { port, portOrigin } }: Passed,
  rule: Rule,
) {
  const shown = { ...port, number: because(port.number, portOrigin) }
  const shares = service.routes.at(-1)?.shares ?? []
  const route =
    shares.length > 0
      ? makeDestinations(service, shares, shown)
      : [{ destination: makeRouteDestination(service, { version: undefined }, shown) }]
  return withChartForm({ ...rule, route }, part =>
    guardConnectionRule(part, service, version => makeRouteDestination(service, { version }, shown)),
  )
}
