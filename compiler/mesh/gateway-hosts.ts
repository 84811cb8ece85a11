import { weakMemo } from '../basics/weak-memo.ts'
import type { Gateway } from './mesh.ts'
import { because, type Sourced } from './sourced.ts'

/**
 * Lists the hosts of a gateway that no wildcard among them covers: the servers of its Gateway. For a host with its own server, istiod
 * also uses the routes of each wildcard that covers it, in an order that no spec decides (`buildGatewayHTTPRouteConfig`, which
 * intersects the hosts of a server with those of a VirtualService).
 */
export const listServedHosts = ({ hosts }: Gateway): readonly Sourced<string>[] => withoutCovered(hosts)

/** Lists hosts without those that a wildcard among them covers. */
export function withoutCovered(hosts: readonly Sourced<string>[]): readonly Sourced<string>[] {
  const wildcards = hosts.filter(({ value }) => value.startsWith('*'))
  const names = new Set(wildcards.map(({ value }) => value))
  return hosts
    .filter(({ value }) => !listCoveringHosts(value).some(wide => wide !== value && names.has(wide)))
    .map(host => because(host, ...wildcards.filter(wildcard => wildcard !== host)))
}

/**
 * Tells whether a host of a gateway covers another: `*` covers every host, and `*.example.com` every host below `example.com`,
 * including wildcards.
 */
export const coversHost = (wide: string, narrow: string): boolean =>
  wide === narrow || (wide.startsWith('*') && narrow.endsWith(wide.slice(1)))

/** Lists all hosts that cover a host, the narrowest first: the host itself, and each wildcard up to `*`. */
export function listCoveringHosts(host: string): readonly string[] {
  const covering = [host]
  for (let dot = host.indexOf('.'); dot !== -1; dot = host.indexOf('.', dot + 1))
    if (dot !== 1 || host[0] !== '*') covering.push(`*${host.slice(dot)}`)
  if (host !== '*') covering.push('*')
  return covering
}

/** Finds the narrowest of the hosts of a gateway that covers a host. */
export function findCoveringHost(hosts: Gateway['hosts'], host: string): string | undefined {
  const names = getHostNames(hosts)
  return listCoveringHosts(host).find(wide => names.has(wide))
}

/** The names of the hosts of a gateway: many services look up a host among them. */
const getHostNames = weakMemo(
  (hosts: Gateway['hosts']): ReadonlySet<string> => new Set(hosts.map(({ value }) => value)),
)
