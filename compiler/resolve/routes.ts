import type { Redirect, Route, Share, TrafficPolicy } from '../mesh/mesh.ts'
import { decided, from, type SpecNode } from '../mesh/sourced.ts'
import { placeAt, placeAtKey } from '../mesh/spec-place.ts'
import {
  exclusiveFields,
  requiredField,
  routesIncomplete,
  trafficUnsaid,
  trafficUnused,
} from './diagnostics.ts'
import { emptyList, type Report, readField, readFieldOr } from './fields.ts'
import { findRewrite, resolveHeaderChanges } from './headers.ts'
import { getMatch } from './match.ts'
import { type PolicyLevel, resolveTimes } from './policy.ts'
import type { KnownLimiters } from './rate-limiters.ts'
import { resolveRateLimit } from './rate-limits.ts'
import type { RouteSpec } from './spec-sections.ts'
import { hasShares, type RoutedService, resolveServiceShares, resolveShares } from './traffic.ts'

/** The policy for requests of a route without settings, and its levels. */
interface Inherited {
  readonly limiters: KnownLimiters
  readonly policy: TrafficPolicy
  readonly levels: readonly PolicyLevel[]
}

/** The settings that routes inherit from their service. */
interface Context extends Inherited {
  readonly service: RoutedService
  readonly shares: readonly Share[] | undefined
  readonly mirror: readonly Share[]
}

/**
 * The routes of a service in the order of the spec. Together they match every request: if the spec's routes do not, a last route of
 * meshc has the service's own destinations.
 */
export function resolveRoutes(
  service: RoutedService,
  inherited: Inherited,
  report: Report,
): readonly Route[] {
  const { spec, node } = service
  const shares = resolveServiceShares(service, report)
  const mirror =
    spec.mirror === undefined ? emptyList : resolveShares(spec.mirror, node.at('mirror'), service, report)
  const written = spec.routes
  if (written === undefined) {
    if (shares === undefined) reportRest(service, report)
    return [makeLastRoute(shares, mirror, inherited.policy)]
  }
  const context = { ...inherited, service, shares, mirror }
  const place = node.at('routes')
  const routes = written.map((route, index) => getRoute(route, place.at(index), context, report))
  const isComplete = written.some(({ when }) => when === undefined)
  if (!isComplete) {
    if (shares === undefined) reportRest(service, report)
    return [...routes, makeLastRoute(shares, mirror, inherited.policy)]
  }
  const isUsed = written.some(({ traffic, redirect }) => !hasShares(traffic) && redirect === undefined)
  if (!isUsed) reportUnused(service, report)
  return routes
}

function getRoute(spec: RouteSpec, node: SpecNode, context: Context, report: Report): Route {
  const { when, redirect } = spec
  const owner = `the route \`${spec.name}\` of \`${context.service.key}\``
  const { timeout, retries } = resolveTimes([{ spec, node }, ...context.levels], context.policy)
  return {
    origin: node,
    name: from(node.at('name'), spec.name),
    when: when === undefined ? undefined : getMatch(when, node.at('when'), owner, report),
    shares: routeShares(spec, node, owner, context, report),
    redirect: redirect === undefined ? undefined : getRedirect(redirect, node.at('redirect'), owner, report),
    rewrite: findRewrite(spec, node),
    headers: resolveHeaderChanges(spec, node),
    mirror: listMirrors(spec, node, context, report),
    timeout,
    retries,
    rateLimit: resolveRateLimit(spec.rateLimit, node.at('rateLimit'), owner, context.limiters, report),
  }
}

function routeShares(
  { traffic, redirect }: RouteSpec,
  node: SpecNode,
  owner: string,
  { service, shares }: Context,
  report: Report,
): readonly Share[] {
  if (traffic !== undefined && redirect !== undefined) {
    const help = 'a route answers with a redirect or sends requests on: keep one'
    const related = { at: placeAtKey(node.at('redirect')), message: 'its `redirect`' }
    const params = { owner, first: 'traffic', second: 'redirect', help }
    report(exclusiveFields(placeAtKey(node.at('traffic')), params, [related]))
  }
  if (hasShares(traffic)) return resolveShares(traffic, node.at('traffic'), service, report)
  if (redirect !== undefined) return emptyList
  if (shares === undefined) {
    report(
      trafficUnsaid(placeAt(node.at('name')), { owner, versions: listVersionNames(service) }, [
        getVersions(service),
      ]),
    )
  }
  return shares ?? emptyList
}

/** A mirror of the service copies the requests of every route that sets no other mirror and forwards requests. */
function listMirrors(
  spec: RouteSpec,
  node: SpecNode,
  { service, mirror }: Context,
  report: Report,
): readonly Share[] {
  if (spec.mirror !== undefined) return resolveShares(spec.mirror, node.at('mirror'), service, report)
  return spec.redirect === undefined ? mirror : emptyList
}

/** No route of a spec may be called so. */
const restName = decided('policy:route-shape', 'default')

/** The route for everything that is left. */
function makeLastRoute(
  shares: readonly Share[] | undefined,
  mirror: readonly Share[],
  policy: TrafficPolicy,
): Route {
  return {
    origin: undefined,
    name: restName,
    when: undefined,
    shares: shares ?? emptyList,
    redirect: undefined,
    rewrite: undefined,
    headers: undefined,
    mirror,
    timeout: policy.timeout,
    retries: policy.retries,
    rateLimit: undefined,
  }
}

function reportRest(service: RoutedService, report: Report): void {
  const { spec, node, key } = service
  const versions = listVersionNames(service)
  const last = (spec.routes?.length ?? 0) - 1
  if (last < 0) {
    report(trafficUnsaid(placeAtKey(node), { owner: `\`${key}\``, versions }, [getVersions(service)]))
  } else {
    const routes = node.at('routes')
    const related = { at: placeAtKey(routes.at(last).at('when')), message: 'the last route takes only these' }
    report(routesIncomplete(placeAtKey(routes), { service: key, version: versions[0]! }, [related]))
  }
}

function reportUnused({ spec, node, key }: RoutedService, report: Report): void {
  for (const field of ['traffic', 'active'] as const) {
    if (spec[field] !== undefined) report(trafficUnused(placeAtKey(node.at(field)), { service: key, field }))
  }
}

const listVersionNames = ({ versions }: RoutedService) => versions.map(version => version.name.value)

const getVersions = ({ node, key }: RoutedService) => ({
  at: placeAtKey(node.at('versions')),
  message: `the versions of \`${key}\``,
})

function getRedirect(
  spec: NonNullable<RouteSpec['redirect']>,
  node: SpecNode,
  owner: string,
  report: Report,
): Redirect {
  const { path, host, scheme, port } = spec
  if (path === undefined && host === undefined && scheme === undefined && port === undefined) {
    const field = 'where its `redirect` leads'
    report(requiredField(placeAt(node), { owner, field, example: 'redirect: { path: /v2/ }' }))
  }
  return {
    origin: node,
    path: readField(spec, node, 'path'),
    host: readField(spec, node, 'host'),
    scheme: readField(spec, node, 'scheme'),
    port: readField(spec, node, 'port'),
    code: readFieldOr(spec, node, 'code', 'default:redirect-code', 301),
  }
}
