import { weakMemo } from '../../basics/weak-memo.ts'
import { findClaimPath } from '../claim-path.ts'
import type {
  Cors,
  HttpMatch,
  HttpRoute,
  Labels,
  MeshSettings,
  Pattern,
  RetryPolicy,
  VirtualService,
} from '../model.ts'
import type { Retries, Unmodelled, UnmodelledReason } from '../result.ts'
import { isAbsent, listPreflightConditions, matchHeader, matchMethod, type PathView } from './arrival-view.ts'
import { matchClaim, type TokenView } from './claim-condition.ts'
import {
  always,
  type Condition,
  forwardedProtocol,
  makeConstantCondition,
  makeTextCondition,
  makeUnknownCondition,
  negateCondition,
  requireAll,
  requireAny,
} from './condition.ts'
import { type Client, type Cluster, changeHeaders, deliver, nameCluster, type Sent } from './delivery.ts'
import { matchesText } from './diagrams/atoms.ts'
import type { IndexedModel } from './indexed-model.ts'
import { makeWholePath, mayBeRefused, rewritePath } from './rewritten-path.ts'
import { chooseFirst, type Fate, makeLeaf, type Routing, type Tree } from './tree.ts'

/** The context of a route: the facts that do not depend on the request. */
export interface RouteContext {
  readonly indexed: IndexedModel
  readonly client: Client
  /** The port of the listener, or of the gateway's server. */
  readonly port: number
  /** The Host header, with its port. */
  readonly authority: string
  readonly scheme: 'http' | 'https'
  /** `mesh`, or the names of the gateway: a match of a route may ask for one. */
  readonly gateways: readonly string[]
  readonly labels: Labels
  readonly namespace: string
  readonly hasToken: boolean
  /** The token that the proxy has accepted when it looks up the route. */
  readonly token: TokenView
  /** The port of a destination without a port. */
  readonly defaultPort: (host: string) => number
  readonly remoteAddress: Sent['remoteAddress']
  /** The headers as the proxy reads and compares them. */
  readonly headers: Sent['headers']
  /** The headers that the proxy forwards. A gateway that has no token compares headers that it does not forward. */
  readonly sentHeaders: Sent['headers']
}

/** A route, and whether Istio recognizes it as a catch-all. */
export interface RouteCase {
  readonly condition: Condition
  readonly tree: Tree<Fate>
  readonly isCatchAll: boolean
}

/**
 * The routes of a VirtualService for a proxy, in their order, each with its condition; those that the proxy does not get
 * are left out.
 *
 * See istio pilot/pkg/networking/core/route/route.go.
 */
export function listRouteCases(service: VirtualService, context: RouteContext): readonly RouteCase[] {
  const cases: RouteCase[] = []
  for (const [index, rule] of service.http.entries()) {
    const matches = rule.matches.length === 0 ? [undefined] : rule.matches
    for (const match of matches) {
      if (match !== undefined && !isForProxy(match, context)) continue
      const condition = match === undefined ? always : matchCondition(match, context)
      const isCatchAll = match === undefined || takesAll(match)
      for (const [special, tree] of listActionCases(service, index, rule, match, context))
        cases.push({
          condition: requireAll([condition, special]),
          tree,
          isCatchAll,
        })
      if (isCatchAll) return cases
    }
  }
  return cases
}

/** Tells whether a rule of a VirtualService asks for a claim of a token. */
export const hasClaims = ({ http }: VirtualService): boolean =>
  http.some(({ matches }) =>
    matches.some(({ headers, withoutHeaders }) =>
      [...Object.keys(headers), ...Object.keys(withoutHeaders)].some(
        name => findClaimPath(name) !== undefined,
      ),
    ),
  )

/** Tells whether a route asks for no more: istio pilot/pkg/networking/core/route/route.go, IsCatchAllRoute. */
function takesAll({
  uri,
  method,
  authority,
  scheme,
  headers,
  withoutHeaders,
  queryParams,
}: HttpMatch): boolean {
  const isAnyPath =
    uri === undefined ||
    (uri.match === 'prefix' && uri.value === '/') ||
    (uri.match === 'regex' && uri.value === '.*')
  const patterns = [method, authority, scheme].filter(part => part !== undefined)
  return (
    isAnyPath &&
    patterns.length +
      Object.keys(headers).length +
      Object.keys(withoutHeaders).length +
      Object.keys(queryParams).length ===
      0
  )
}

function isForProxy(match: HttpMatch, { port, gateways, labels, namespace }: RouteContext): boolean {
  if (match.port !== undefined && match.port !== port) return false
  if (match.gateways.length > 0) return match.gateways.some(name => gateways.includes(name))
  return (
    Object.entries(match.sourceLabels).every(([name, value]) => labels[name] === value) &&
    (match.sourceNamespace === undefined || match.sourceNamespace === namespace)
  )
}

function matchCondition(match: HttpMatch, context: RouteContext): Condition {
  const unmodelled = match.at.object.unmodelled.filter(({ path }) => isPathWithin(path, match.at.path))
  return requireAll([
    ...(unmodelled.length > 0 ? [makeUnknownCondition(unmodelled)] : []),
    match.uri === undefined ? always : makeUriCondition(match.uri, match.ignoreUriCase),
    match.method === undefined ? always : makeTextCondition('method', match.method),
    match.authority === undefined
      ? always
      : makeConstantCondition(matchesText(match.authority, context.authority) === true),
    match.scheme === undefined ? always : schemeIs(match.scheme, context),
    ...Object.entries(match.headers).map(([name, pattern]) =>
      makeHeaderCondition(name, pattern, match, context),
    ),
    ...Object.entries(match.withoutHeaders).map(([name, pattern]) =>
      makeWithoutCondition(name, pattern, match, context),
    ),
    ...Object.entries(match.queryParams).map(([name, pattern]) =>
      makeTextCondition(`query ${name}`, pattern),
    ),
  ])
}

function makeUriCondition(pattern: Pattern, ignoreCase: boolean): Condition {
  // Every path begins with it.
  if (pattern.match === 'prefix' && pattern.value === '/') return always
  return makeTextCondition(
    'path',
    ignoreCase && (pattern.match === 'exact' || pattern.match === 'prefix')
      ? { match: pattern.match, value: pattern.value, ignoreCase: true }
      : pattern,
  )
}

function makeHeaderCondition(
  name: string,
  pattern: Pattern,
  match: HttpMatch,
  context: RouteContext,
): Condition {
  if (name === ':method') return makeTextCondition('method', pattern)
  if (name === ':authority' || name === 'host')
    return makeConstantCondition(matchesText(pattern, context.authority) === true)
  if (name === ':scheme') return schemeIs(pattern, context)
  const claim = findClaimPath(name)
  if (claim !== undefined)
    return matchClaim(claim, [pattern], context.token, [
      { object: match.at.object, path: [...match.at.path, 'headers', name] },
    ])
  if (name.startsWith(':') || name.startsWith('@'))
    return makeUnknownCondition([{ object: match.at.object, path: [...match.at.path, 'headers', name] }])
  return matchHeader(context.headers, name, pattern)
}

/** The scheme is the value of `x-forwarded-proto`, if it is a scheme. */
function schemeIs(pattern: Pattern, { headers, scheme }: RouteContext): Condition {
  const otherScheme = scheme === 'http' ? 'https' : 'http'
  const isOther = matchHeader(headers, forwardedProtocol, {
    match: 'exact',
    value: otherScheme,
    ignoreCase: true,
  })
  const fits = (value: string) => makeConstantCondition(matchesText(pattern, value) === true)
  return requireAny([
    requireAll([isOther, fits(otherScheme)]),
    requireAll([negateCondition(isOther), fits(scheme)]),
  ])
}

/** An absent header counts as an empty one, except in a condition on presence. */
function makeWithoutCondition(
  name: string,
  pattern: Pattern,
  match: HttpMatch,
  context: RouteContext,
): Condition {
  const condition = makeHeaderCondition(name, pattern, match, context)
  if (findClaimPath(name) !== undefined) return negateCondition(condition)
  const changed = context.headers.get(name)
  if (changed?.made !== undefined && matchesText(pattern, '') === true)
    return makeUnknownCondition([
      { object: match.at.object, path: [...match.at.path, 'withoutHeaders', name] },
    ])
  if (changed !== undefined) return negateCondition(condition)
  if (condition.kind !== 'text' || !condition.part.startsWith('header ')) return negateCondition(condition)
  if (pattern.match === 'present') return isAbsent(condition.part)
  const isEmptyFine = makeConstantCondition(matchesText(pattern, '') !== true)
  return requireAny([
    requireAll([isAbsent(condition.part), isEmptyFine]),
    requireAll([negateCondition(isAbsent(condition.part)), negateCondition(condition)]),
  ])
}

/** Lists the actions of a rule, and the requests that it answers differently. */
function listActionCases(
  service: VirtualService,
  index: number,
  rule: HttpRoute,
  match: HttpMatch | undefined,
  context: RouteContext,
): readonly (readonly [Condition, Tree<Fate>])[] {
  const unmodelled = [
    ...rule.at.flatMap(({ object, path }) =>
      object.unmodelled.filter(
        foundUnmodelled =>
          isPathWithin(foundUnmodelled.path, path) &&
          !foundUnmodelled.path.slice(path.length).includes('match'),
      ),
    ),
    ...service.unmodelled.filter(foundUnmodelled => !isPathWithin(foundUnmodelled.path, ['spec', 'http'])),
    ...(mayBeRefused(rule.rewrite, context.indexed.model.settings.pathNormalization)
      ? [
          {
            object: service,
            path: ['spec', 'http', index, 'rewrite'],
            reason: { code: 'invalid-path-after-rewrite' } as const,
          },
        ]
      : []),
  ]
  if (unmodelled.length > 0) return [[always, makeLeaf({ unknown: unmodelled })]]
  return [
    ...(rule.cors !== undefined && asksOrigins(rule) ? listPreflightCases(rule.cors) : []),
    [always, buildAction(service, index, rule, match, context)],
  ]
}

/** A fault comes before CORS. A direct response has no CORS. */
const asksOrigins = ({ redirect, directResponse, fault }: HttpRoute): boolean =>
  redirect === undefined && directResponse === undefined && (fault?.abort?.percent ?? 0) < 100

function listPreflightCases({
  allowOrigins,
  unmatchedPreflights,
}: Cors): readonly (readonly [Condition, Tree<Fate>])[] {
  const preflight = listPreflightConditions(matchMethod('OPTIONS'), new Map())
  const isAllowed = requireAny(
    allowOrigins.map(pattern =>
      pattern.match === 'exact' && pattern.value === '*'
        ? always
        : makeTextCondition('header origin', pattern),
    ),
  )
  const answered: Tree<Fate> = makeLeaf({ outcomes: [{ verdict: 'CORS_PREFLIGHT', status: 200 }] })
  return [[requireAll([...preflight, unmatchedPreflights === 'IGNORE' ? always : isAllowed]), answered]]
}

function buildAction(
  service: VirtualService,
  index: number,
  rule: HttpRoute,
  match: HttpMatch | undefined,
  context: RouteContext,
): Tree<Fate> {
  const abort = rule.fault?.abort
  const aborts = abort !== undefined && abort.percent >= 100
  const fault =
    rule.fault === undefined
      ? {}
      : {
          fault: {
            ...(rule.fault.delay === undefined ? {} : { delay: rule.fault.delay }),
            ...(abort === undefined ? {} : { abort }),
          },
        }
  const answer = (routing: Routing, verdict: 'REDIRECT' | 'DIRECT_RESPONSE', status: number): Tree<Fate> =>
    makeLeaf({
      routing,
      outcomes: [aborts ? { verdict: 'FAULT', status: abort.status } : { verdict, status }],
    })
  if (rule.redirect !== undefined)
    return answer(
      { action: 'redirect', clusters: [], redirect: rule.redirect, ...fault },
      'REDIRECT',
      rule.redirect.code,
    )
  if (rule.directResponse !== undefined)
    return answer(
      { action: 'directResponse', clusters: [], directResponse: rule.directResponse, ...fault },
      'DIRECT_RESPONSE',
      rule.directResponse.status,
    )
  const drawn =
    rule.destinations.length === 1
      ? [{ ...rule.destinations[0]!, weight: 1 }]
      : rule.destinations.filter(({ weight }) => weight > 0)
  const authority = rule.rewrite?.authority ?? findAuthority(rule.headers)
  const { pathNormalization } = context.indexed.model.settings
  const path = findPathAfter(service, index, rule, match, pathNormalization)
  const total = drawn.reduce((sum, { weight }) => sum + weight, 0)
  const delivered = drawn.map(destination => {
    const cluster: Cluster = {
      host: destination.host,
      port: destination.port ?? context.defaultPort(destination.host),
      subset: destination.subset,
    }
    const changedAuthority = authority ?? findAuthority(destination.headers)
    const sent: Sent = {
      protocol: 'http',
      authority: changedAuthority ?? context.authority,
      path,
      // If there are several destinations, Envoy applies the headers of each before those of the route. For one destination, Istio
      // merges both.
      headers:
        rule.destinations.length > 1
          ? changeHeaders(changeHeaders(context.sentHeaders, [destination.headers]), [rule.headers])
          : changeHeaders(context.sentHeaders, [rule.headers, destination.headers]),
      hasToken: context.hasToken,
      remoteAddress: context.remoteAddress,
    }
    return {
      cluster,
      share: destination.weight / total,
      ...deliver(context.indexed, context.client, cluster, sent),
    }
  })
  const clusters = delivered.map(({ cluster, share, known }) => ({
    cluster: nameCluster(cluster),
    weight: Math.round(share * 1e6) / 1e4,
    known,
  }))
  const ownHost = authority ?? (rule.destinations.length === 1 ? findAuthority(drawn[0]!.headers) : undefined)
  const rewrite = {
    ...(rule.rewrite?.uriRegex === undefined
      ? rule.rewrite?.uri === undefined || rule.rewrite.uri === ''
        ? {}
        : { prefix: rule.rewrite.uri }
      : { regex: rule.rewrite.uriRegex.match, substitution: rule.rewrite.uriRegex.rewrite }),
    ...(ownHost === undefined ? {} : { host: ownHost }),
  }
  const retries = resolveRetries(rule.retries ?? context.indexed.model.settings.defaultHttpRetryPolicy)
  const mirror = rule.mirrors
    .filter(({ percent }) => percent > 0)
    .map(({ destination, percent }) => ({
      cluster: nameCluster({
        host: destination.host,
        port: destination.port ?? context.defaultPort(destination.host),
        subset: destination.subset,
      }),
      percent,
    }))
  const headers = [rule.headers, ...drawn.map(destination => destination.headers)]
  const routing: Routing = {
    action: 'route',
    clusters,
    timeout: rule.timeout ?? 0,
    ...(retries === undefined ? {} : { retries }),
    ...(Object.keys(rewrite).length === 0 ? {} : { rewrite }),
    ...(mirror.length === 0 ? {} : { mirror }),
    ...fault,
    ...(headers.every(isNoChange) ? {} : { headers }),
  }
  if (aborts) return makeLeaf({ routing, outcomes: [{ verdict: 'FAULT', status: abort.status }] })
  return { kind: 'each', routing, servers: delivered.flatMap(({ servers }) => servers) }
}

const findAuthority = ({ set, add }: HttpRoute['headers']) =>
  set['host'] ?? set[':authority'] ?? add['host'] ?? add[':authority']

const isNoChange = ({ set, add, remove }: HttpRoute['headers']) =>
  Object.keys(set).length + Object.keys(add).length + remove.length === 0

/** The paths after a rule, by the match of the request. They are computed once for all callers. */
const pathsBehind = weakMemo(
  (_: HttpRoute) => new Map<HttpMatch | undefined, Map<MeshSettings['pathNormalization'], PathView>>(),
)

function findPathAfter(
  service: VirtualService,
  index: number,
  rule: HttpRoute,
  match: HttpMatch | undefined,
  normalization: MeshSettings['pathNormalization'],
): PathView {
  const paths = pathsBehind(rule)
  const pathViews = paths.get(match) ?? new Map<MeshSettings['pathNormalization'], PathView>()
  const path = pathViews.get(normalization) ?? rewriteView(service, index, rule, match, normalization)
  paths.set(match, pathViews.set(normalization, path))
  return path
}

/** Envoy's prefix rewrite: the prefix that has matched is replaced, or all that an exact or regular match has matched. */
function rewriteView(
  service: VirtualService,
  index: number,
  { rewrite }: HttpRoute,
  match: HttpMatch | undefined,
  normalization: MeshSettings['pathNormalization'],
): PathView {
  const because = (field: string, reason: UnmodelledReason): readonly Unmodelled[] => [
    { object: service, path: ['spec', 'http', index, 'rewrite', field], reason },
  ]
  if (rewrite?.uriRegex !== undefined)
    return {
      kind: 'unknown',
      because: because('uriRegexRewrite', { code: 'policy-on-path-behind-regex-rewrite' }),
    }
  const to = rewrite?.uri
  if (to === undefined || to === '') return { kind: 'sent' }
  const unclear = because('uri', { code: 'policy-on-path-normalized-again' })
  const uri = match?.uri
  if (uri === undefined || uri.match === 'present') return rewritePath('/', to, false, normalization, unclear)
  if (uri.match === 'prefix')
    return rewritePath(uri.value, to, match?.ignoreUriCase ?? false, normalization, unclear)
  return makeWholePath(to, normalization, unclear)
}

const isPathWithin = (path: readonly (string | number)[], around: readonly (string | number)[]): boolean =>
  around.every((step, index) => path[index] === step)

/** See istio pilot/pkg/networking/core/route/retry/retry.go. */
function resolveRetries(policy: RetryPolicy | undefined): Retries | undefined {
  if (policy === undefined) return { attempts: 2, retryOn: defaultRetryOn }
  if (policy.attempts <= 0) return undefined
  const words = (policy.retryOn ?? '')
    .split(',')
    .map(word => word.trim())
    .filter(word => word !== '')
  const codes = words.filter(word => /^\d{3}$/.test(word))
  const named = words.filter(word => !codes.includes(word))
  // istiod appends it to the text, also to an empty one.
  const added = codes.length > 0 && !named.includes('retriable-status-codes') ? ',retriable-status-codes' : ''
  return {
    attempts: policy.attempts,
    ...(policy.perTryTimeout === undefined ? {} : { perTryTimeout: policy.perTryTimeout }),
    retryOn: words.length === 0 ? defaultRetryOn : `${named.join(',')}${added}`,
    ...(codes.length === 0 ? {} : { statusCodes: codes.map(Number) }),
  }
}

const defaultRetryOn = 'connect-failure,refused-stream,unavailable,cancelled,retriable-status-codes'

/** Builds the route of a request without a VirtualService. */
export function buildDefaultRoute(cluster: Cluster, context: RouteContext): Tree<Fate> {
  const sent: Sent = {
    protocol: 'http',
    authority: context.authority,
    path: { kind: 'sent' },
    headers: context.sentHeaders,
    hasToken: context.hasToken,
    remoteAddress: context.remoteAddress,
  }
  const { known, servers } = deliver(context.indexed, context.client, cluster, sent)
  const retries = resolveRetries(context.indexed.model.settings.defaultHttpRetryPolicy)
  return {
    kind: 'each',
    routing: {
      action: 'route',
      clusters: [{ cluster: nameCluster(cluster), weight: 100, known }],
      timeout: 0,
      ...(retries === undefined ? {} : { retries }),
    },
    servers,
  }
}

/** The routes of a virtual host. A request that matches none of them has no route. */
export const buildVirtualHost = (cases: readonly RouteCase[]): Tree<Fate> =>
  chooseFirst(
    cases.map(({ condition, tree }) => [condition, tree] as const),
    makeLeaf({ outcomes: [{ verdict: 'NO_ROUTE', status: 404 }] }),
  )
