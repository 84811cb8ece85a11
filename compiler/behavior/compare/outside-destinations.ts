import { compare } from '../../diagnostics/compare.ts'
import type { Workload } from '../model.ts'
import { isHttpProtocol, podPort } from './clusters.ts'
import type { RequestMaker } from './compare.ts'
import { memberOf } from './destinations.ts'
import type { CallerName, DestinationName } from './difference.ts'
import { isWildcard } from './host-names.ts'
import { isPlainServer, type OutsideTarget, serversOf } from './outside-callers.ts'
import { withPoint } from './request-at.ts'
import { nameOf, type Side } from './side.ts'

/** A host at a port of a gateway. */
export interface OutsideDestination {
  readonly caller: CallerName
  readonly gateway: Workload
  readonly name: DestinationName
  readonly target: OutsideTarget
}

/** All hosts at all ports that a gateway has on either side, and one that it has not. */
export function outsideDestinations(before: Side, after: Side): readonly OutsideDestination[] {
  const gateways = new Map<string, Workload>()
  for (const side of [before, after])
    for (const workload of side.model.workloads)
      if (workload.proxy === 'gateway') gateways.set(nameOf(workload), workload)
  return [...gateways]
    .sort(([a], [b]) => compare(a, b))
    .flatMap(([, gateway]) => destinationsOf(before, after, gateway))
}

function destinationsOf(before: Side, after: Side, gateway: Workload): readonly OutsideDestination[] {
  const hosts = new Set<string>()
  const ports = new Map<string, { readonly port: number; readonly scheme: 'http' | 'https' }>()
  for (const side of [before, after]) {
    const workload = side.workloadsByName.get(nameOf(gateway))
    if (workload === undefined) continue
    for (const { gateway: object, server, port } of serversOf(side, workload)) {
      const scheme = isPlainServer(server) ? 'http' : 'https'
      if (!isHttpProtocol(server.port.protocol) && scheme === 'http') continue
      const servicePorts = side
        .servicesOf(workload)
        .flatMap(service => service.ports)
        .filter(each => podPort(each, workload) === port)
        .map(({ number }) => number)
      for (const asked of servicePorts.length === 0 ? [port] : servicePorts)
        ports.set(`${asked} ${scheme}`, { port: asked, scheme })
      for (const { host } of server.hosts) hosts.add(host)
      for (const found of side.model.virtualServices)
        if (found.gateways.includes(nameOf(object))) for (const host of found.hosts) hosts.add(host)
    }
  }
  hosts.add('*')
  const taken = new Set(hosts)
  const { namespace, name } = gateway
  return [...ports.values()].flatMap(({ port, scheme }) =>
    [...hosts].sort().map(host => {
      const called = isWildcard(host) ? memberOf(host, taken) : host
      return {
        caller: { kind: 'outside' as const, gateway: { namespace, name }, scheme },
        gateway,
        name: {
          host,
          port,
          protocol: scheme === 'http' ? ('HTTP' as const) : ('HTTPS' as const),
          isExternal: false,
        },
        target: { host: called, port, scheme },
      }
    }),
  )
}

/** What makes the requests of a client at a gateway. */
export function requestFrom(
  { namespace, labels }: Workload,
  { host, port, scheme }: OutsideTarget,
): RequestMaker {
  return (space, point) =>
    withPoint(
      {
        from: { gateway: { namespace, labels }, ...(scheme === 'https' ? { scheme } : {}) },
        to: { host, port },
      },
      space,
      point,
    )
}
