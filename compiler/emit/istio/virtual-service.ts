import type {
  HttpRoute,
  TcpRoute,
  TlsRoute,
  VirtualServiceSpec,
} from '../../../schema/generated/virtual-service.ts'
import type { Port, Service, SharedMesh } from '../../mesh/mesh.ts'
import { isHttp, isTls } from '../../mesh/port.ts'
import { findRouteReasons } from '../../mesh/routed.ts'
import { sharesConnections } from '../../mesh/share.ts'
import { because } from '../../mesh/sourced.ts'
import { guardConnectionRule } from '../helm/chart/adjustable-rule.ts'
import { type Manifest, makeManifest } from '../manifest.ts'
import type { Sourceable } from '../sourceable.ts'
import { withChartForm } from '../template.ts'
import { withoutDeadMatches, withoutFalseAlarms } from './http-match.ts'
import { makeDestinations, makeHttpRoutes, makeRouteDestination } from './http-route.ts'

/**
 * The mesh VirtualService of a service's host. There is only one: Istio silently ignores a second one for the same host (IST0109).
 * There is none if it would repeat Istio's defaults: for connections to a service without versions, or requests without a timeout and
 * with Istio's own retries.
 */
export function emitVirtualService(mesh: SharedMesh, service: Service): readonly Manifest[] {
  const reasons = findRouteReasons(service)
  if (reasons === undefined) return []
  const http = service.ports.filter(isHttp)
  const routed = sharesConnections(service) ? service.ports.filter(port => !isHttp(port)) : []
  const tls = routed.filter(isTls)
  const tcp = routed.filter(port => !isTls(port))
  const rules: Sourceable<HttpRoute>[] = []
  // A sidecar knows no claims, and Istio refuses a condition on them there.
  const routes = service.routes.filter(({ when }) => when === undefined || when.claims.length === 0)
  for (const port of http) {
    for (const route of routes)
      for (const rule of makeHttpRoutes(service, route, port, http)) rules.push(because(rule, port.number))
  }
  const spec: Sourceable<VirtualServiceSpec> = {
    hosts: [service.host],
    gateways: ['mesh'],
    http: rules.length > 0 ? withoutFalseAlarms(withoutDeadMatches(rules)) : undefined,
    tls: tls.length > 0 ? tls.map(port => tlsRoute(service, port)) : undefined,
    tcp: tcp.length > 0 ? tcp.map(port => tcpRoute(service, port)) : undefined,
  }
  return [
    makeManifest(
      mesh,
      'VirtualService',
      { name: service.name, namespace: service.namespace, policy: 'policy:route-shape', reasons },
      because(spec, ...reasons),
    ),
  ]
}

/** A connection has no headers: only the route for everything applies, by port. */
const tcpRoute = (service: Service, port: Port): Sourceable<TcpRoute> =>
  because(
    makeAdjustableRule(service, port, {
      match: [{ port: port.number }],
      route: makeDestinations(service, finalShares(service), port),
    }),
    port.number,
  )

const tlsRoute = (service: Service, port: Port): Sourceable<TlsRoute> =>
  because(
    makeAdjustableRule(service, port, {
      match: [{ port: port.number, sniHosts: [service.host] }],
      route: makeDestinations(service, finalShares(service), port),
    }),
    port.number,
  )

const makeAdjustableRule = <Rule extends { readonly route: unknown }>(
  service: Service,
  port: Port,
  rule: Rule,
): Rule =>
  withChartForm(rule, part =>
    guardConnectionRule(part, service, version => makeRouteDestination(service, { version }, port)),
  )

const finalShares = ({ routes }: Service) => routes.at(-1)?.shares ?? []
