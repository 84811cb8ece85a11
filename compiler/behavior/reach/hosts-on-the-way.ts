import { isSubset, isWildcard } from '../compare/host-names.ts'
import type { Side } from '../compare/side.ts'

/** The hosts, and those from which anything is sent on to them. */
export function hostsOnTheWay(side: Side, hosts: readonly string[]): (host: string) => boolean {
  const all = new Set([
    ...hosts,
    ...hosts.flatMap(host =>
      (side.virtualServicesByDestination.get(host) ?? []).flatMap(found => found.hosts),
    ),
  ])
  const wildcards = [...all].filter(isWildcard)
  return host => all.has(host) || wildcards.some(wildcard => isSubset(host, wildcard))
}
