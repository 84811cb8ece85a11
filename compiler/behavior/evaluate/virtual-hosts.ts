import { isWildcard, overlapsHost } from '../hosts.ts'
import type { Service, ServicePort, VirtualService, Workload } from '../model.ts'
import { isHttpOrSniffed } from '../protocol.ts'
import { findPort } from './find-port.ts'
import { type HttpRouteEntry, listHttpRoutes } from './http-routes.ts'
import type { EgressScope } from './scope.ts'

/** The requests to one name or a few related names, and their routes. */
export interface VirtualHost {
  /** `host:port`. */
  readonly name: string
  readonly domains: readonly string[]
  /** The routes of VirtualServices; undefined: every request has the service itself as its destination. */
  readonly routes: readonly HttpRouteEntry[] | undefined
  readonly service: Service | undefined
}

/** Virtual hosts by the names that they answer to. */
interface VirtualHosts {
  readonly byName: ReadonlyMap<string, VirtualHost>
  /** The virtual host for a Host header, with or without a port; undefined: none matches. */
  find(authority: string): VirtualHost | undefined
}

/**
 * The virtual hosts of a sidecar for requests to a port. See BuildSidecarOutboundVirtualHosts in
 * pilot/pkg/networking/core/httproute.go of istio/istio.
 */
export function listSidecarVirtualHosts(egress: EgressScope, proxy: Workload, port: number): VirtualHosts {
  const isProxyPort = egress.port?.protocol === 'HTTP_PROXY'
  const registry = new Map<string, PortOfService>()
  for (const service of egress.servicesOn(port)) {
    const servicePort = findPort(service, port)!
    registry.set(service.host.toLowerCase(), { service, port: servicePort })
  }
  const wildcards = [...registry.keys()].filter(isWildcard)
  const virtualServices =
    port === 80 || isProxyPort
      ? egress.virtualServices
      : (wildcards.length > 0 ? egress.virtualServices : egress.virtualServicesAbout(registry.keys())).filter(
          virtualService => hasServiceIn(virtualService, registry, wildcards),
        )
  const wrappers: Wrapper[] = []
  for (const virtualService of virtualServices) {
    const routes = listHttpRoutes(virtualService, proxy, port, 'mesh')
    if (routes.length === 0) continue
    const { hosts, services } = separateHosts(virtualService, egress, registry)
    const answering = services.filter(({ port: givenServicePort }) =>
      isHttpOrSniffed(givenServicePort.protocol),
    )
    if (answering.length > 0 || port === 80) wrappers.push({ routes, hosts, services: answering })
  }
  const taken = new Set(wrappers.flatMap(({ services }) => services.map(({ service }) => service.host)))
  for (const [host, portOfService] of registry)
    if (
      !taken.has(host) &&
      portOfService.service.resolution !== 'alias' &&
      isHttpOrSniffed(portOfService.port.protocol)
    )
      wrappers.push({ routes: undefined, hosts: [], services: [portOfService] })
  return collectVirtualHosts(wrappers, proxy, port)
}

/** The virtual hosts for a namespace, made from the common ones: services of the namespace match by their short names, too. */
export const withShortNames = ({ byName, find }: VirtualHosts, namespace: string): VirtualHosts => ({
  byName,
  find(authority) {
    const name = authority.toLowerCase().replace(/:\d*$/, '')
    const host =
      name.includes('.') || name === '' ? undefined : find(`${name}.${namespace}.svc.cluster.local`)
    const isItself = host?.service?.host.toLowerCase() === `${name}.${namespace}.svc.cluster.local`
    return isItself ? host : find(authority)
  },
})

interface PortOfService {
  readonly service: Service
  readonly port: ServicePort
}

interface Wrapper {
  readonly routes: readonly HttpRouteEntry[] | undefined
  readonly hosts: readonly string[]
  readonly services: readonly PortOfService[]
}

/** See selectVirtualServices. */
const hasServiceIn = (
  { hosts }: VirtualService,
  registry: ReadonlyMap<string, PortOfService>,
  wildcards: readonly string[],
): boolean =>
  hosts.some(host => {
    const lower = host.toLowerCase()
    if (registry.has(lower)) return true
    if (!isWildcard(lower)) return wildcards.some(wildcard => overlapsHost(lower, wildcard))
    for (const registered of registry.keys()) if (overlapsHost(lower, registered)) return true
    return false
  })

/** The services of a VirtualService, and its hosts that are not services. See separateVSHostsAndServices. */
function separateHosts(
  virtualService: VirtualService,
  egress: EgressScope,
  registry: ReadonlyMap<string, PortOfService>,
): { readonly hosts: readonly string[]; readonly services: readonly PortOfService[] } {
  const hosts: string[] = []
  const services: PortOfService[] = []
  const wildcards: string[] = []
  for (const host of virtualService.hosts) {
    const lower = host.toLowerCase()
    if (isWildcard(lower)) {
      wildcards.push(lower)
      continue
    }
    const portOfService = registry.get(lower)
    if (portOfService === undefined) hosts.push(lower)
    else services.push(portOfService)
  }
  for (const wildcard of wildcards) {
    let isService = false
    for (const [host, portOfService] of registry) {
      if (!overlapsHost(host, wildcard)) continue
      isService = true
      if (egress.virtualServiceFor(portOfService.service) === virtualService) services.push(portOfService)
    }
    if (!isService) hosts.push(wildcard)
  }
  return { hosts, services }
}

function collectVirtualHosts(wrappers: readonly Wrapper[], proxy: Workload, port: number): VirtualHosts {
  const knownHosts = new Set(wrappers.flatMap(({ services }) => services.map(({ service }) => service.host)))
  const byName = new Map<string, VirtualHost>()
  const domains = new Map<string, VirtualHost>()
  const add = (
    host: string,
    names: readonly string[],
    alternatives: readonly string[],
    routes: Wrapper['routes'],
    service: Service | undefined,
  ) => {
    const name = `${host}:${port}`
    if (byName.has(name)) return
    const free = names.filter(
      domain =>
        !domains.has(domain.toLowerCase()) && !(alternatives.includes(domain) && knownHosts.has(domain)),
    )
    if (free.length === 0) return
    const virtualHost = { name, domains: free, routes, service }
    byName.set(name, virtualHost)
    for (const domain of free) domains.set(domain.toLowerCase(), virtualHost)
  }
  for (const { routes, hosts, services } of wrappers) {
    for (const host of hosts) add(host, [host], [], routes, undefined)
    for (const { service } of services) {
      const host = service.host.toLowerCase()
      const alternatives = listAlternatives(host, proxy.namespace)
      const plain = [host, ...alternatives]
      const pods =
        service.resolution === 'passthrough' && service.registry === 'Kubernetes'
          ? plain.map(domain => `*.${domain}`)
          : []
      add(host, [...plain, ...pods, ...service.addresses], alternatives, routes, service)
    }
  }
  return { byName, find: authority => findDomain(domains, authority) }
}

/** The other names of a service. See GenerateAltVirtualHosts. */
function listAlternatives(host: string, namespace: string): readonly string[] {
  const absolute = `${host}.`
  if (!host.endsWith('.svc.cluster.local')) return [absolute]
  const short = host.slice(0, -'.svc.cluster.local'.length)
  const [name, ofNamespace] = [short.slice(0, short.indexOf('.')), short.slice(short.indexOf('.') + 1)]
  return [absolute, ...(ofNamespace === namespace ? [name] : []), `${short}.svc`, short]
}

/**
 * Finds a virtual host as Envoy does: the name itself, else the longest wildcard. A port may be left empty.
 */
export function findDomain<Value>(domains: ReadonlyMap<string, Value>, authority: string): Value | undefined {
  const host = authority.toLowerCase().replace(/:\d*$/, '')
  const exact = domains.get(host)
  if (exact !== undefined) return exact
  for (let start = 1; start < host.length; start++) {
    const domain = domains.get(`*${host.slice(start)}`)
    if (domain !== undefined) return domain
  }
  return domains.get('*')
}
