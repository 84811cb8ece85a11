import { groupBy } from '../basics/group-by.ts'
import { isWildcard } from './hosts.ts'

/**
 * Indexes values by their hosts. The index selects the values that may have a host in common with some hosts, in their order. It
 * does not compare wildcards.
 */
export function indexByHost<Value>(
  values: readonly Value[],
  listHosts: (value: Value) => readonly string[],
): (hosts: readonly string[]) => readonly Value[] {
  const places = groupBy([...values.keys()], place =>
    listHosts(values[place]!).map(host => (isWildcard(host) ? anyWildcard : host)),
  )
  return hosts =>
    hosts.some(isWildcard)
      ? values
      : [...new Set([anyWildcard, ...hosts].flatMap(host => places.get(host) ?? []))]
          .sort((a, b) => a - b)
          .map(place => values[place]!)
}

/** The key of all wildcards; no host is empty. */
const anyWildcard = ''
