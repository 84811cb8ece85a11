import { coversHost } from './gateway-hosts.ts'
import { coversString } from './match.ts'
import type { Gateway, PathOwner, StringMatch } from './mesh.ts'

/** Measures how narrow a path is: an exact one before every prefix, and of two the longer one. */
export const measurePath = (path: StringMatch | undefined): number => {
  if (path === undefined) return 0
  return 'exact' in path ? 10_000 + path.exact.length : 'prefix' in path ? path.prefix.length : 0
}

/**
 * Lists the owners of the paths of a host at a gateway, the longest path first: those of the host itself, or else of the longest
 * wildcard that covers it. Empty if no team owns paths there.
 */
export function listPathOwners({ owners }: Gateway, host: string): readonly PathOwner[] {
  if (owners.length === 0) return owners
  const covering = owners
    .map(owner => owner.host)
    .filter(wide => coversHost(wide, host))
    .toSorted((a, b) => b.length - a.length)
  const nearest = covering.includes(host) ? host : covering[0]
  return owners.filter(owner => owner.host === nearest)
}

/** Tells whether a team owns a path of a host at a gateway. */
export const hasPathOwners = ({ owners }: Gateway, host: string): boolean =>
  owners.some(owner => coversHost(owner.host, host))

/** Finds the owner of a whole path. The owners are sorted by path, the longest first. */
export const findPathOwner = (owners: readonly PathOwner[], path: StringMatch): PathOwner | undefined =>
  owners.find(owner => coversString(owner.path, path))
