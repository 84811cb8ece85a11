import { groupBy } from '../../basics/group-by.ts'
import { weakMemo } from '../../basics/weak-memo.ts'
import { compare } from '../../diagnostics/compare.ts'
import { indexByHost } from '../index-by-host.ts'
import type { Gateway, Workload } from '../model.ts'
import { getQualifiedName } from '../qualified-name.ts'
import type { Request } from '../request.ts'
import { isBytesServer, isPlainServer, listServers, type OutsideTarget } from '../symbolic/bound-servers.ts'
import { isHttpProtocol, resolvePodPort } from '../symbolic/delivery.ts'
import { isWildcard } from '../symbolic/host-names.ts'
import type { IndexedModel } from '../symbolic/indexed-model.ts'
import type { RequestMaker } from '../symbolic/request-space.ts'
import { makeMemberName } from './destinations.ts'
import type { CallerName, DestinationName } from './names.ts'
import { fillRequest } from './request-maker.ts'

/** A host at a port of a gateway. */
export interface OutsideDestination {
  readonly caller: CallerName
  readonly gateway: Workload
  readonly name: DestinationName
  readonly target: OutsideTarget
}

/** Lists all hosts at all ports of a gateway on both sides, and one undeclared host. Hosts are in lower case, as Envoy compares them. */
export function listOutsideDestinations(
  before: IndexedModel,
  after: IndexedModel,
): readonly OutsideDestination[] {
  const gateways = new Map<string, Workload>()
  for (const indexed of [before, after])
    for (const workload of indexed.model.workloads)
      if (workload.proxy === 'gateway') gateways.set(getQualifiedName(workload), workload)
  return [...gateways]
    .sort(([a], [b]) => compare(a, b))
    .flatMap(([, gateway]) => listGatewayDestinations(before, after, gateway))
}

/** Selects the destinations with a host that may overlap some hosts: a gateway may have thousands. */
export const selectOutside = weakMemo((all: readonly OutsideDestination[]) =>
  indexByHost(all, ({ name }) => [name.host]),
)

function listGatewayDestinations(
  before: IndexedModel,
  after: IndexedModel,
  gateway: Workload,
): readonly OutsideDestination[] {
  const hosts = new Set<string>()
  // These hosts have rules for bytes, which name no host.
  const hostsOfBytes = new Set<string>()
  const ports = new Map<string, Pick<OutsideTarget, 'port' | 'scheme'>>()
  for (const indexed of [before, after]) {
    const workload = indexed.workloadsByName.get(getQualifiedName(gateway))
    if (workload === undefined) continue
    const servicePorts = groupBy(
      indexed.servicesOf(workload).flatMap(service => service.ports),
      servicePort => [resolvePodPort(servicePort, workload)],
    )
    const gateways = new Set<Gateway>()
    for (const { gateway: object, server, port } of listServers(indexed, workload)) {
      const scheme = isBytesServer(server) ? 'tcp' : isPlainServer(server) ? 'http' : 'https'
      if (scheme === 'http' && !isHttpProtocol(server.port.protocol)) continue
      const numbers = servicePorts.get(port)?.map(({ number }) => number) ?? [port]
      for (const number of numbers) ports.set(`${number} ${scheme}`, { port: number, scheme })
      for (const { host } of server.hosts) hosts.add(host.toLowerCase())
      gateways.add(object)
    }
    for (const object of gateways)
      for (const virtualService of indexed.virtualServicesByGateway.get(getQualifiedName(object)) ?? [])
        for (const host of virtualService.hosts.map(each => each.toLowerCase())) {
          hosts.add(host)
          if (virtualService.tcp.length > 0) hostsOfBytes.add(host)
        }
  }
  hosts.add('*')
  const taken = new Set(hosts)
  const { namespace, name } = gateway
  return [...ports.values()].flatMap(({ port, scheme }) =>
    [...(scheme === 'tcp' ? hostsOfBytes : hosts)].sort().map(host => {
      const called = isWildcard(host) ? makeMemberName(host, taken) : host
      return {
        caller: { kind: 'outside' as const, gateway: { namespace, name }, scheme },
        gateway,
        name: {
          host,
          port,
          protocol: protocolsByScheme[scheme],
          isExternal: false,
        },
        target: { host: called, port, scheme },
      }
    }),
  )
}

const protocolsByScheme = { http: 'HTTP', https: 'HTTPS', tcp: 'TCP' } as const

/** Makes the requests of a client at a gateway. */
export function makeRequestFrom(gateway: Workload, target: OutsideTarget): RequestMaker {
  const base = makeOutsideRequest(gateway, target)
  return (space, point) => fillRequest(base, space, point)
}

/** The request of a client at a gateway, without method, path, headers and token. */
export const makeOutsideRequest = (
  { namespace, labels }: Workload,
  { host, port, scheme }: OutsideTarget,
): Request => ({
  from: { gateway: { namespace, labels }, ...(scheme === 'https' ? { scheme } : {}) },
  to: { host, port },
  ...(scheme === 'tcp' ? { protocol: 'tcp' } : {}),
})
