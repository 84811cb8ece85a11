import { findClaimPath } from '../claim-path.ts'
import { isSubset } from '../is-subset.ts'
import type { HttpMatch, HttpRoute, Pattern, VirtualService, Workload } from '../model.ts'
import { claimMatches, findClaim } from './claims.ts'
import { isEmpty } from './is-empty.ts'
import { listHeaderValues, type Message } from './message.ts'
import { dropQuery, queryParameters } from './paths.ts'
import { matchesPattern } from './patterns.ts'
import type { VerifiedToken } from './token.ts'

/** One route of a virtual host: a rule, and one of its matches; each match is a route of its own. */
export interface HttpRouteEntry {
  readonly virtualService: VirtualService
  readonly rule: HttpRoute
  /** The match; undefined: every request. */
  readonly match: HttpMatch | undefined
  readonly name: string
}

/**
 * The routes of a VirtualService on one listener of a proxy. `gateways`: those that the listener is of, or `mesh`. See
 * BuildHTTPRoutesForVirtualService in pilot/pkg/networking/core/route/route.go of istio/istio.
 */
export function listHttpRoutes(
  virtualService: VirtualService,
  proxy: Workload,
  port: number,
  gateway: string,
): readonly HttpRouteEntry[] {
  const routes: HttpRouteEntry[] = []
  for (const rule of virtualService.http) {
    if (rule.matches.length === 0) {
      routes.push({ virtualService, rule, match: undefined, name: rule.name })
      return routes
    }
    for (const match of rule.matches) {
      if (match.port !== undefined && match.port !== port) continue
      if (!isForSource(match, proxy, gateway)) continue
      const name = match.name === '' ? rule.name : `${rule.name}.${match.name}`
      routes.push({ virtualService, rule, match, name })
      if (isCatchAll(match)) return routes
    }
  }
  return routes
}

/** Labels and namespace of the source are not looked at where gateways are named. */
function isForSource(match: HttpMatch, proxy: Workload, gateway: string): boolean {
  if (match.gateways.length > 0) return match.gateways.includes(gateway)
  if (!isSubset(match.sourceLabels, proxy.labels)) return false
  return match.sourceNamespace === undefined || match.sourceNamespace === proxy.namespace
}

/** A route that takes every request. See IsCatchAllRoute. */
export function isCatchAll(match: HttpMatch | undefined): boolean {
  if (match === undefined) return true
  const { uri } = match
  const isAnyPath =
    uri === undefined ||
    (uri.match === 'prefix' && uri.value === '/') ||
    (uri.match === 'regex' && uri.value === '.*')
  return (
    isAnyPath &&
    match.method === undefined &&
    match.authority === undefined &&
    match.scheme === undefined &&
    isEmpty(match.headers) &&
    isEmpty(match.withoutHeaders) &&
    isEmpty(match.queryParams)
  )
}

/** Tells whether a request takes a route. `claims`: the token that the proxy has verified. */
export function takesRoute(
  match: HttpMatch | undefined,
  message: Message,
  claims: VerifiedToken | undefined,
): boolean {
  if (match === undefined) return true
  if (match.uri !== undefined && !pathMatches(match, message.path)) return false
  const pseudo: readonly (readonly [string, Pattern | undefined])[] = [
    [':method', match.method],
    [':authority', match.authority],
    [':scheme', match.scheme],
  ]
  for (const [name, pattern] of pseudo)
    if (pattern !== undefined && !headerMatches(pattern, listHeaderValues(message, name))) return false
  for (const name of Object.keys(match.headers)) {
    const pattern = match.headers[name]!
    const path = findClaimPath(name)
    const holds =
      path === undefined
        ? headerMatches(pattern, listHeaderValues(message, name))
        : claimHolds(pattern, claims, path)
    if (!holds) return false
  }
  for (const name of Object.keys(match.withoutHeaders)) {
    const pattern = match.withoutHeaders[name]!
    const path = findClaimPath(name)
    const holds =
      path !== undefined
        ? claimHolds(pattern, claims, path)
        : // An absent header counts as empty, except in a condition on presence.
          pattern.match === 'present'
          ? listHeaderValues(message, name).length > 0
          : valuesOrEmpty(listHeaderValues(message, name)).some(value => matchesPattern(pattern, value))
    if (holds) return false
  }
  if (isEmpty(match.queryParams)) return true
  const parameters = queryParameters(message.path)
  return Object.keys(match.queryParams).every(name => {
    const value = parameters.get(name)
    return value !== undefined && matchesPattern(match.queryParams[name]!, value)
  })
}

const headerMatches = (pattern: Pattern, values: readonly string[]) =>
  values.some(value => matchesPattern(pattern, value))

const valuesOrEmpty = (values: readonly string[]) => (values.length > 0 ? values : [''])

/** Tells whether a claim holds. Envoy refuses routes that ask for the presence of a claim: such a match is unmodelled. */
const claimHolds = (pattern: Pattern, claims: VerifiedToken | undefined, path: readonly string[]) =>
  claims !== undefined &&
  claimMatches(findClaim(claims.token, path, claims.spaceDelimited), text => matchesPattern(pattern, text))

function pathMatches(match: HttpMatch, path: string): boolean {
  const uri = match.uri!
  // `{}` for a path leaves the prefix that every route has.
  if (uri.match === 'present') return true
  const plain = dropQuery(path)
  if (!match.ignoreUriCase || uri.match === 'regex') return matchesPattern(uri, plain)
  return matchesPattern({ ...uri, ignoreCase: true }, plain)
}
