import type { Redirect, Route, Share, TrafficPolicy } from '../mesh/mesh.ts'
import { decided, from, type SpecNode } from '../mesh/sourced.ts'
import {
  exclusiveFields,
  requiredField,
  routesIncomplete,
  trafficUnsaid,
  trafficUnused,
} from './diagnostics.ts'
import { at, keyOf, nothing, type Report, said, saidOr } from './fields.ts'
import { headerChangesOf, rewriteOf } from './headers.ts'
import { matchOf } from './match.ts'
import { type PolicyLevel, timesOf } from './policy.ts'
import type { RouteSpec, ServiceSpec } from './spec-sections.ts'
import { activeShare, onlyShare, sharesOf, type Versioned } from './traffic.ts'

/** What routes take from their service. */
export interface RouteContext {
  readonly versioned: Versioned
  readonly policy: TrafficPolicy
  /** The service and the defaults, which may say how requests are handled. */
  readonly levels: readonly PolicyLevel[]
}

/**
 * The routes of a service in the order of the spec. Together they take every request: where the spec leaves some over,
 * they go where the service itself says, by a last route of meshc's own.
 */
export function resolveRoutes(
  spec: ServiceSpec,
  node: SpecNode,
  { versioned, policy, levels }: RouteContext,
  report: Report,
): readonly Route[] {
  const { service } = versioned
  const written = spec.routes ?? nothing
  const serviceShares = serviceSharesOf(spec, node, versioned, report)
  const mirror =
    spec.mirror === undefined ? nothing : sharesOf(spec.mirror, node.at('mirror'), versioned, report)
  let isUsed = written.length === 0

  const routes: Route[] = []
  for (const [index, route] of written.entries())
    routes.push(writtenRoute(route, node.at('routes').at(index)))
  const isComplete = written.some(({ when }) => when === undefined)
  if (!isComplete) {
    const shares = forRest()
    if (shares !== undefined) routes.push(rest(shares))
  }
  const field = spec.traffic !== undefined ? 'traffic' : spec.active !== undefined ? 'active' : undefined
  if (!isUsed && field !== undefined) report(trafficUnused(keyOf(node.at(field)), { service, field }))
  return routes

  function writtenRoute(route: RouteSpec, place: SpecNode): Route {
    const { when, headers, rewrite, redirect } = route
    const owner = `the route \`${route.name}\` of \`${service}\``
    return {
      origin: place,
      name: from(place.at('name'), route.name),
      when: when === undefined ? undefined : matchOf(when, place.at('when'), owner, report),
      shares: sharesOfRoute(route, place, owner),
      redirect:
        redirect === undefined ? undefined : redirectOf(redirect, place.at('redirect'), owner, report),
      rewrite: rewriteOf(rewrite, place.at('rewrite')),
      headers: headerChangesOf(headers, place.at('headers')),
      mirror: mirrorOf(route, place),
      ...timesOf([{ spec: route, node: place }, ...levels], policy),
    }
  }

  function sharesOfRoute(route: RouteSpec, place: SpecNode, owner: string): readonly Share[] {
    const { traffic, redirect } = route
    if (traffic !== undefined && redirect !== undefined) {
      const help = 'a route answers with a redirect or sends requests on: keep one'
      const related = { at: keyOf(place.at('redirect')), message: 'its `redirect`' }
      const params = { owner, first: 'traffic', second: 'redirect', help }
      report(exclusiveFields(keyOf(place.at('traffic')), params, [related]))
    }
    if (traffic !== undefined) return sharesOf(traffic, place.at('traffic'), versioned, report)
    if (redirect !== undefined) return nothing
    isUsed = true
    if (serviceShares === undefined) report(trafficUnsaid(at(place.at('name')), { owner, versions: names() }))
    return serviceShares ?? nothing
  }

  /** A mirror of the service copies the requests of every route that says no other, and that sends requests on. */
  function mirrorOf(route: RouteSpec, place: SpecNode): readonly Share[] {
    if (route.mirror !== undefined) return sharesOf(route.mirror, place.at('mirror'), versioned, report)
    return route.redirect === undefined ? mirror : nothing
  }

  function forRest(): readonly Share[] | undefined {
    isUsed = true
    if (serviceShares !== undefined) return serviceShares
    const last = written.at(-1)
    if (last === undefined) {
      report(trafficUnsaid(keyOf(node), { owner: `\`${service}\``, versions: names() }, [versionsPlace()]))
    } else {
      const place = node.at('routes').at(written.length - 1)
      const related = { at: at(place.at('when')), message: 'the last route takes only these' }
      report(routesIncomplete(keyOf(node.at('routes')), { service, version: names()[0]! }, [related]))
    }
    return undefined
  }

  function rest(shares: readonly Share[]): Route {
    const isTaken = written.some(({ name }) => name === 'default')
    return {
      origin: undefined,
      name: isTaken ? restName : defaultName,
      when: undefined,
      shares,
      redirect: undefined,
      rewrite: undefined,
      headers: undefined,
      mirror,
      timeout: policy.timeout,
      retries: policy.retries,
    }
  }

  function names(): readonly string[] {
    return versioned.versions.map(version => version.name.value)
  }

  function versionsPlace() {
    return { at: keyOf(versioned.node), message: `the versions of \`${service}\`` }
  }
}

const defaultName = decided('policy:route-shape', 'default')
const restName = decided('policy:route-shape', 'everything-else')

/** Where the service itself says that requests go; undefined where it has several versions and does not say. */
function serviceSharesOf(
  { traffic, active }: ServiceSpec,
  node: SpecNode,
  versioned: Versioned,
  report: Report,
): readonly Share[] | undefined {
  if (traffic !== undefined && active !== undefined) {
    const help = '`active` gives everything to one version, `traffic` shares it: keep one'
    const owner = `\`${versioned.service}\``
    const related = { at: keyOf(node.at('active')), message: 'its `active`' }
    const params = { owner, first: 'traffic', second: 'active', help }
    report(exclusiveFields(keyOf(node.at('traffic')), params, [related]))
  }
  if (traffic !== undefined) return sharesOf(traffic, node.at('traffic'), versioned, report)
  if (active !== undefined) return activeShare(active, node.at('active'), versioned, report)
  return onlyShare(versioned)
}

function redirectOf(
  spec: NonNullable<RouteSpec['redirect']>,
  node: SpecNode,
  owner: string,
  report: Report,
): Redirect {
  const { path, host, scheme, port } = spec
  if (path === undefined && host === undefined && scheme === undefined && port === undefined) {
    const field = 'where its `redirect` leads'
    report(requiredField(at(node), { owner, field, example: 'redirect: { path: /v2/ }' }))
  }
  return {
    origin: node,
    path: said(spec, node, 'path'),
    host: said(spec, node, 'host'),
    scheme: said(spec, node, 'scheme'),
    port: said(spec, node, 'port'),
    code: saidOr(spec, node, 'code', 'default:redirect-code', 301),
  }
}
