import type { Route, Service } from '../../../mesh/mesh.ts'
import { isHttp } from '../../../mesh/port.ts'
import { isRouted } from '../../../mesh/routed.ts'
import type { Sourced } from '../../../mesh/sourced.ts'

/**
 * Tells whether values can share out the requests of a service: between two versions or more. Shares of other services stay as the
 * spec says them.
 */
export const followsShares = ({ versions, namesServices }: Service): boolean =>
  versions.length > 1 && !namesServices

/**
 * Tells whether values can set how much of the requests of a service is copied to other versions: where the spec copies
 * some.
 */
export const followsMirrors = (service: Service): boolean =>
  followsShares(service) && hasTimes(service) && service.routes.some(({ mirror }) => mirror.length > 0)

/** Tells whether the mesh sees the requests to a service and has a route for them, so that they can have times. */
export const hasTimes = (service: Service): boolean => service.ports.some(isHttp) && isRouted(service)

/** Names a route in the values; empty for one of meshc's own, of which the spec says nothing. */
export const routeSetting = ({ origin, name }: Route): string => (origin === undefined ? '' : name.value)

/** Counts the levels from a route to the limit of a try: the route, its service or external system, `defaults`, nowhere. */
export function tryLevel({ place }: Sourced<string>): 0 | 1 | 2 | 3 {
  if (place === undefined) return 3
  const [section, , field] = place.path
  if (section === 'defaults') return 2
  return field === 'routes' ? 0 : 1
}
