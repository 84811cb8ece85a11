import { compare } from '../../diagnostics/compare.ts'
import type { Protocol } from '../model.ts'
import { isHttpProtocol } from './clusters.ts'
import type { DestinationName } from './difference.ts'
import { isWildcard } from './host-names.ts'
import type { Target } from './mesh-callers.ts'
import type { Side } from './side.ts'

/** What is called from inside, how, and what it is told as: a host that stands for others is told with its wildcard. */
export interface Destination {
  readonly name: DestinationName
  readonly target: Target
}

/**
 * All that a caller in the mesh can name so that the manifests have anything to say about it: each host, one for each
 * wildcard that is none of them, and one that nobody knows.
 */
export function meshDestinations(before: Side, after: Side): readonly Destination[] {
  const ports = new Map<string, Map<number, { readonly protocol: Protocol; readonly isExternal: boolean }>>()
  const add = (host: string, port: number, protocol: Protocol, isExternal: boolean) => {
    const known = ports.get(host) ?? new Map()
    ports.set(host, known)
    if (!known.has(port)) known.set(port, { protocol, isExternal })
  }
  for (const side of [after, before]) {
    for (const service of side.model.services)
      for (const { number, protocol } of service.ports)
        if (protocol !== 'UDP') add(service.host, number, protocol, service.registry === 'External')
    for (const { hosts, gateways, http } of side.model.virtualServices) {
      if (!gateways.includes('mesh') || http.length === 0) continue
      const shared = new Set([
        80,
        ...hosts.flatMap(host =>
          (side.servicesByHost.get(host) ?? []).flatMap(({ ports }) =>
            ports.filter(({ protocol }) => isHttpProtocol(protocol)).map(({ number }) => number),
          ),
        ),
      ])
      for (const host of hosts)
        for (const port of shared) add(host, port, 'HTTP', !side.servicesByHost.has(host))
    }
  }
  add('*', 80, 'HTTP', true)
  add('*', 443, 'TLS', true)
  const taken = new Set(ports.keys())
  return [...ports]
    .sort(([a], [b]) => compare(a, b))
    .flatMap(([host, known]) => {
      const called = isWildcard(host) ? memberOf(host, taken) : host
      return [...known].flatMap(([port, { protocol, isExternal }]) =>
        spokenAs(protocol).map(spoken => ({
          name: { host, port, protocol, isExternal },
          target: { host: called, port, protocol: spoken },
        })),
      )
    })
}

/** How a port is spoken to. What Istio finds out by looking may be both. */
function spokenAs(protocol: Protocol): readonly Target['protocol'][] {
  if (protocol === 'Unsupported') return ['http', 'tcp']
  if (isHttpProtocol(protocol)) return ['http']
  return protocol === 'TLS' || protocol === 'HTTPS' ? ['tls'] : ['tcp']
}

/** A host of a wildcard that has no name of its own. */
export function memberOf(wildcard: string, taken: ReadonlySet<string>): string {
  const suffix = wildcard === '*' ? '.example' : wildcard.slice(1)
  for (let number = 0; ; number++) {
    const host = `${number === 0 ? 'any' : `any${number}`}${suffix}`
    if (!taken.has(host)) return host
  }
}
