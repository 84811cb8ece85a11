import type { External } from './mesh.ts'
import { because, type Sourced } from './sourced.ts'

/** The range for `addresses: any`. */
export const anyAddress = '0.0.0.0/0'

/**
 * Finds how a proxy resolves the hosts of an external system: by the word in the spec; or else by its endpoints (`static`); or by DNS
 * if the mesh can look up a name; otherwise the caller has already resolved it.
 */
export function findLookup(
  external: Pick<External, 'hosts' | 'addresses' | 'endpoints' | 'resolution'>,
): Sourced<NonNullable<External['resolution']>['value'] | 'static'> {
  const { hosts, addresses, endpoints, resolution } = external
  if (resolution !== undefined) return resolution
  if (endpoints.length > 0) {
    const places = endpoints.map(({ address }) => address)
    return because(places.some(({ value }) => /[a-z]/.test(value)) ? 'dns' : 'static', ...places)
  }
  const wildcards = hosts.filter(({ value }) => value.startsWith('*'))
  if (wildcards.length + addresses.length === 0) return because('dns', 'policy:service-entry', ...hosts)
  return because('none', ...wildcards, ...addresses)
}
