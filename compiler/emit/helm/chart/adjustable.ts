import type { Route, Service } from '../../../mesh/mesh.ts'
import { isHttp } from '../../../mesh/port.ts'
import { isRouted } from '../../../mesh/routed.ts'
import type { Sourced } from '../../../mesh/sourced.ts'

/**
 * Tells whether values can set the shares of a service: it has at least two versions, and no share names another service. All other
 * shares keep the values of the spec.
 */
export const followsShares = ({ versions, namesServices }: Service): boolean =>
  versions.length > 1 && !namesServices

/** Tells whether values can set the mirrored share of a service's requests: the spec mirrors some requests. */
export const followsMirrors = (service: Service): boolean =>
  followsShares(service) && hasTimes(service) && service.routes.some(({ mirror }) => mirror.length > 0)

/** Tells whether the mesh sees the requests to a service and has a route for them, so that they can have times. */
export const hasTimes = (service: Service): boolean => service.ports.some(isHttp) && isRouted(service)

/** Names a route in the values; empty for a route that meshc adds, which the spec does not have. */
export const routeSetting = ({ origin, name }: Route): string => (origin === undefined ? '' : name.value)

/** Counts the levels from a route to the limit of a try: the route, its service or external system, `defaults`, nowhere. */
export function tryLevel({ place }: Sourced<string>): 0 | 1 | 2 | 3 {
  if (place === undefined) return 3
  const [section, , field] = place.path
  if (section === 'defaults') return 2
  return field === 'routes' ? 0 : 1
}
