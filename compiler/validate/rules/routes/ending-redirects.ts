import { coversString, intersectStrings } from '../../../mesh/match.ts'
import type { Exposure, Redirect, Route, Service, StringMatch } from '../../../mesh/mesh.ts'
import { isHttp } from '../../../mesh/port.ts'
import { placeAtKey } from '../../../mesh/spec-place.ts'
import type { Parts } from '../../parts.ts'
import { defineRule } from '../../rule.ts'

/** A client that follows such a redirect gets the same redirect again, until a browser reports too many redirects. */
export const endingRedirects = defineRule<{ where: string | undefined }>(
  {
    code: 'MESH3120',
    severity: 'warning',
    summary: 'A redirect does not lead back to itself',
    reads: ['services.*.routes', 'services.*.expose', 'gateways.*.http'],
    message: p =>
      `a client that follows this redirect comes back to it${p.where === undefined ? '' : ` at \`${p.where}\``}`,
    help: () => 'redirect to a path or host that this route does not match, or narrow its `when`',
  },
  function* (_, report, { redirects, exposures }) {
    for (const { service, route } of redirects) {
      const { redirect } = route
      if (redirect === undefined) continue
      const entrance = listEntrances(service).find(entrance => goesRound(entrance, service, route, exposures))
      if (entrance === undefined) continue
      yield report(placeAtKey(redirect.origin), { where: entrance.exposure?.host.value })
    }
  },
)

/** The entrance of requests: the mesh, or a host of a gateway. */
interface Entrance {
  readonly host: string
  readonly exposure: Exposure | undefined
  readonly ports: readonly number[]
}

function listEntrances({ host, ports, exposures }: Service): readonly Entrance[] {
  const http = ports.filter(isHttp)
  return [
    { host: host.value, exposure: undefined, ports: http.map(({ number }) => number.value) },
    ...exposures.map(exposure => ({ host: exposure.host.value, exposure, ports: [80, 443] })),
  ]
}

/** Browsers follow about as many. */
const mostSteps = 20

/** A path, or all paths with a prefix, and the method of its requests. */
interface Asked {
  readonly path: StringMatch
  readonly method: string
}

/** Tells whether some request that takes a route at an entrance is redirected forever. If this is unknown, the answer is no. */
function goesRound(
  entrance: Entrance,
  { routes, key }: Service,
  first: Route,
  exposures: Parts['exposures'],
): boolean {
  return listStarts(first).some(start => {
    let asked = start
    let route = first
    for (let step = 0; step < mostSteps; step++) {
      const { redirect } = route
      if (redirect === undefined || setsCookie(route) || !staysAt(entrance, redirect)) return false
      const next = following(asked, route, redirect)
      if (next === undefined || !arrives(next)) return false
      const taken = takenBy(routes, first, next)
      if (taken === undefined) return false
      asked = next
      route = taken
    }
    return true
  })

  /** Tells whether the entrance leads these paths to the service, and to no other one. */
  function arrives({ path }: Asked): boolean {
    const { exposure } = entrance
    if (exposure === undefined) return true
    const { paths, host, gateway } = exposure
    if (paths.length > 0 && !paths.some(({ value }) => coversString(value, path))) return false
    return !exposures.some(
      otherRoute =>
        otherRoute.service.key !== key &&
        otherRoute.exposure.host.value === host.value &&
        otherRoute.exposure.gateway === gateway &&
        otherRoute.exposure.paths.some(({ value }) => intersectStrings(value, path).kind !== 'never'),
    )
  }
}

/** A cookie of the response may fulfil a condition of the next request. */
const setsCookie = ({ headers }: Route) =>
  [...(headers?.response.set ?? []), ...(headers?.response.add ?? [])].some(([name]) => name === 'set-cookie')

function listStarts({ when }: Route): readonly Asked[] {
  const methods = when?.methods.map(({ value }) => value) ?? []
  const method = methods.length === 0 || methods.includes('GET') ? 'GET' : methods[0]!
  const paths = when?.paths.map(({ value }) => value) ?? []
  return (paths.length === 0 ? [{ prefix: '/' }] : paths).map(path => ({ path, method }))
}

function staysAt({ host, exposure, ports }: Entrance, { host: to, scheme, port }: Redirect): boolean {
  if (to !== undefined && to.value !== host) return false
  if (port !== undefined && !ports.includes(port.value)) return false
  if (scheme?.value === 'https') return exposure !== undefined
  return scheme === undefined || exposure === undefined || exposure.gateway.http.value !== 'off'
}

/** Finds the next request of a client; undefined if it is unknown. */
function following(
  { path, method }: Asked,
  { when }: Route,
  { path: to, code }: Redirect,
): Asked | undefined {
  const next = method === 'HEAD' || code.value >= 307 ? method : 'GET'
  if (to === undefined) return { path, method: next }
  if (!to.value.endsWith('*')) return { path: { exact: to.value }, method: next }
  const text = 'exact' in path ? path.exact : 'prefix' in path ? path.prefix : undefined
  const matched = when?.paths.find(({ value }) => coversString(value, path))?.value
  if (text === undefined || matched === undefined || !('prefix' in matched)) return undefined
  const rest = text.slice(matched.prefix.length)
  const beginning = to.value.slice(0, -1) + rest
  return { path: 'exact' in path ? { exact: beginning } : { prefix: beginning }, method: next }
}

/**
 * The route that takes all these requests of a caller after the route `first` took the request before; undefined if another route may
 * take some of them.
 */
function takenBy(routes: readonly Route[], first: Route, { path, method }: Asked): Route | undefined {
  for (const [index, route] of routes.entries()) {
    const { when } = route
    if (when === undefined) return route
    const { paths, methods, headers, withoutHeaders, query, claims } = when
    if (methods.length > 0 && !methods.some(({ value }) => value === method)) continue
    const isSure = paths.length === 0 || paths.some(({ value }) => coversString(value, path))
    if (!isSure && paths.every(({ value }) => intersectStrings(value, path).kind === 'never')) continue
    const hasMore = headers.length + withoutHeaders.length + query.length + claims.length > 0
    // Headers and query do not change: a route that did not match the request before because of them does not match now.
    const isBefore = index < routes.indexOf(first) && paths.length + methods.length === 0
    if (route !== first && isBefore && hasMore) continue
    return isSure && (route === first || !hasMore) ? route : undefined
  }
  return undefined
}
