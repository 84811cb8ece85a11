import { groupBy } from '../../basics/group-by.ts'
import { weakMemo } from '../../basics/weak-memo.ts'
import { isHostWithin, isWildcard } from '../symbolic/host-names.ts'
import type { IndexedModel } from '../symbolic/indexed-model.ts'
import type { Destination } from './destinations.ts'

/** The way to some hosts: they, and the hosts from which anything is sent on to them. */
export interface WayToHosts {
  readonly has: (host: string) => boolean
  /** Selects the destinations that are on it, in their order. */
  readonly among: (destinations: readonly Destination[]) => readonly Destination[]
}

export function findWayToHosts(indexed: IndexedModel, hosts: readonly string[]): WayToHosts {
  const all = new Set([
    ...hosts,
    ...hosts.flatMap(host =>
      (indexed.virtualServicesByDestination.get(host) ?? []).flatMap(virtualService => virtualService.hosts),
    ),
  ])
  const wildcards = [...all].filter(isWildcard)
  const has = (host: string) => all.has(host) || wildcards.some(wildcard => isHostWithin(host, wildcard))
  return {
    has,
    among: destinations => {
      if (wildcards.length > 0) return destinations.filter(({ name }) => has(name.host))
      const byHost = placesByHost(destinations)
      return [...all]
        .flatMap(host => byHost.get(host) ?? [])
        .sort((a, b) => a.place - b.place)
        .map(({ destination }) => destination)
    },
  }
}

/** A mesh has thousands of destinations; few of them are on the way to one workload. */
const placesByHost = weakMemo((all: readonly Destination[]) =>
  groupBy(
    all.map((destination, place) => ({ destination, place })),
    ({ destination }) => [destination.name.host],
  ),
)
