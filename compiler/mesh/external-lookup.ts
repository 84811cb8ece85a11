import type { External } from './mesh.ts'
import { because, type Sourced } from './sourced.ts'

/** The range that `addresses: any` stands for. */
export const anyAddress = '0.0.0.0/0'

/**
 * Finds how a proxy gets from the hosts of an external system to an address: the word of the spec; or else its endpoints as
 * they are (`static`); DNS where the mesh can look a name up; and where it cannot, the caller has done so already.
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
