import type { Exposure, HeaderChanges, Route, Service } from '../../../mesh/mesh.ts'
import { isHttp } from '../../../mesh/port.ts'
import { placeAtKey } from '../../../mesh/spec-place.ts'
import { defineRule } from '../../rule.ts'

/** The matches, destinations and words that the routes of a mesh may come to. A service with ten routes comes to about fifty. */
const mostEntries = 1_000_000

/**
 * Each route of a service is written once for each port and each exposure, with all of its paths and versions: of a page of
 * spec, the product could be more than a disk holds.
 */
export const boundedRoutes = defineRule<{ service: string; routes: number; places: number }>(
  {
    code: 'MESH3017',
    severity: 'error',
    summary: 'The routes of a mesh expand to at most a million entries',
    message: p =>
      `the ${p.routes} routes of \`${p.service}\`, each for ${p.places} ports and exposures, bring the mesh to more than ${mostEntries} entries`,
    help: () =>
      'give the service fewer routes, versions, paths or exposures, or split it into several services',
  },
  function* ({ services }, report) {
    let sum = 0
    for (const service of services) {
      const places = countPlaces(service)
      sum += countEntries(service, places)
      if (sum <= mostEntries) continue
      const { key, routes, origin } = service
      yield report(placeAtKey(origin), { service: key, routes: routes.length, places })
      return
    }
  },
)

/** Counts how often each route is written: for an exposure, once a path. */
const countPlaces = ({ ports, exposures }: Service): number =>
  ports.filter(isHttp).length + exposures.reduce((sum, { paths }) => sum + Math.max(1, paths.length), 0)

function countEntries({ routes, exposures }: Service, places: number): number {
  const ofRoutes = routes.reduce((sum, route) => sum + entriesOfRoute(route), 0)
  const ofExposures = exposures.reduce((sum, exposure) => sum + entriesOfExposure(exposure), 0)
  return ofRoutes * places + ofExposures * routes.length
}

/** A match repeats the conditions for each path. A destination has a host, a subset and a port. */
function entriesOfRoute({ when, shares, mirror, headers }: Route): number {
  const conditions =
    when === undefined ? 0 : 1 + [when.headers, when.withoutHeaders, when.query, when.claims].flat().length
  return (
    Math.max(1, when?.paths.length ?? 0) * (1 + conditions) +
    3 * (shares.length + mirror.length) +
    entriesOfChanges(headers)
  )
}

/** Counts the entries that an exposure adds to each route. */
function entriesOfExposure({ cors, headers }: Exposure): number {
  const words =
    cors === undefined ? 0 : [cors.origins, cors.methods, cors.headers, cors.exposeHeaders].flat().length
  return words + entriesOfChanges(headers)
}

const entriesOfChanges = (headers: HeaderChanges | undefined): number =>
  headers === undefined
    ? 0
    : [headers.request, headers.response].flatMap(({ set, add, remove }) => [...set, ...add, ...remove])
        .length
