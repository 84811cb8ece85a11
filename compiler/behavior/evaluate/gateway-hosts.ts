import { compareSpecificity, isHostWithin } from '../hosts.ts'
import type { VirtualService, Workload } from '../model.ts'
import { type ServedServer, selectServerHosts } from './gateway-servers.ts'
import { type HttpRouteEntry, isCatchAll, listHttpRoutes } from './http-routes.ts'
import type { IndexedModel } from './indexed-model.ts'
import { findDomain } from './virtual-hosts.ts'

/** The requests to some hosts at a gateway, and their routes. */
interface GatewayHost {
  /** `host:port`, of the most specific host. */
  readonly name: string
  readonly routes: readonly HttpRouteEntry[]
  /** True if everything that is not encrypted is sent to https. */
  readonly isRedirected: boolean
  readonly server: ServedServer
}

/**
 * The virtual hosts of servers that share their routes. See buildGatewayHTTPRouteConfig in
 * pilot/pkg/networking/core/gateway.go of istio/istio.
 */
export function indexGatewayHosts(
  indexed: IndexedModel,
  workload: Workload,
  servers: readonly ServedServer[],
): (authority: string) => GatewayHost | undefined {
  const first = servers[0]!
  const key = `gateway hosts ${workload.namespace}/${workload.name} ${first.gatewayName} ${first.server.index}`
  const domains = indexed.remember(key, () => buildHosts(indexed, workload, servers))
  return authority => findDomain(domains, authority)
}

interface Building {
  readonly port: number
  readonly server: ServedServer
  routes: readonly HttpRouteEntry[]
  isRedirected: boolean
}

function buildHosts(
  indexed: IndexedModel,
  workload: Workload,
  servers: readonly ServedServer[],
): ReadonlyMap<string, GatewayHost> {
  const hosts = new Map<string, Building>()
  const httpRouteEntries = new Map<string, readonly HttpRouteEntry[]>()
  for (const served of servers) {
    const { server, gatewayName } = served
    const port = server.port.number
    const isRedirected = server.tls?.httpsRedirect === true
    for (const virtualService of indexed.virtualServicesSeenBy(workload.namespace, gatewayName)) {
      const shared = listSharedHosts(served, virtualService)
      if (shared.length === 0) continue
      const key = `${gatewayName} ${virtualService.namespace}/${virtualService.name}`
      let routes = httpRouteEntries.get(key)
      if (routes === undefined) {
        routes = listHttpRoutes(virtualService, workload, port, gatewayName)
        if (routes.length === 0) continue
        httpRouteEntries.set(key, routes)
      }
      for (const host of shared) {
        const lower = host.toLowerCase()
        const existing = hosts.get(lower)
        if (existing === undefined) hosts.set(lower, { port, server: served, routes, isRedirected })
        else {
          existing.routes = [...existing.routes, ...routes]
          existing.isRedirected ||= isRedirected
        }
      }
    }
    if (isRedirected)
      for (const host of served.hosts) {
        const lower = host.toLowerCase()
        const existing = hosts.get(lower)
        if (existing !== undefined) existing.isRedirected = true
        else hosts.set(lower, { port, server: served, routes: [], isRedirected })
      }
  }
  return collapseHosts(hosts)
}

/** Hosts with the same routes are one virtual host, with the name of the most specific. See collapseDuplicateRoutes. */
function collapseHosts(hosts: ReadonlyMap<string, Building>): ReadonlyMap<string, GatewayHost> {
  const domains = new Map<string, GatewayHost>()
  const kept: { readonly building: Building; readonly host: GatewayHost }[] = []
  for (const [name, building] of [...hosts].toSorted(([a], [b]) => compareSpecificity(a, b))) {
    const same = kept.find(
      ({ building: otherBuilding }) =>
        otherBuilding.isRedirected === building.isRedirected &&
        otherBuilding.routes.length === building.routes.length &&
        otherBuilding.routes.every((route, index) => route === building.routes[index]),
    )
    const host = same?.host ?? {
      name: `${name}:${building.port}`,
      routes: [
        ...building.routes.filter(({ match }) => !isCatchAll(match)),
        ...building.routes.filter(({ match }) => isCatchAll(match)),
      ],
      isRedirected: building.isRedirected,
      server: building.server,
    }
    if (same === undefined) kept.push({ building, host })
    domains.set(name, host)
  }
  return domains
}

/** The hosts that a server and a VirtualService have in common, each the more specific of the two. */
function listSharedHosts({ server }: ServedServer, { hosts, namespace }: VirtualService): readonly string[] {
  const shared = new Set<string>()
  for (const { namespace: hostNamespace, host } of selectServerHosts(server)(hosts)) {
    if (hostNamespace !== '*' && hostNamespace !== namespace) continue
    for (const otherHost of hosts) {
      if (isHostWithin(host, otherHost)) shared.add(host)
      else if (isHostWithin(otherHost, host)) shared.add(otherHost)
    }
  }
  return [...shared]
}
