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
  return hosts
    .filter(({ value }) => !wildcards.some(wide => wide.value !== value && coversHost(wide.value, value)))
    .map(host => because(host, ...wildcards.filter(wildcard => wildcard !== host)))
}

/**
 * Tells whether a host of a gateway covers another: `*` covers every host, and `*.example.com` every host below `example.com`,
 * including wildcards.
 */
export const coversHost = (wide: string, narrow: string): boolean =>
  wide === narrow || (wide.startsWith('*') && narrow.endsWith(wide.slice(1)))
