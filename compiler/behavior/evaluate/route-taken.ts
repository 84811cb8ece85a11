import type { RetryPolicy, Service, Workload } from '../model.ts'
import type { Retries, Route, Unmodelled } from '../result.ts'
import { findCluster } from './clusters.ts'
import { type HttpRouteEntry, takesRoute } from './http-routes.ts'
import type { IndexedModel } from './indexed-model.ts'
import type { Message } from './message.ts'
import { dropQuery, getQuery } from './paths.ts'
import { compileExpression } from './patterns.ts'
import { replacePath } from './replace-path.ts'
import type { Scope } from './scope.ts'
import type { VerifiedToken } from './token.ts'

/** A proxy that routes requests, and on which port they came. */
export interface Router {
  readonly indexed: IndexedModel
  readonly scope: Scope
  readonly proxy: Workload
  /** The port of the listener; at a gateway, the server port in the Gateway object. */
  readonly port: number
  /** True if its clients encrypt. */
  readonly isTls: boolean
  /** The service of a destination, as routes of a VirtualService look it up. */
  serviceOf(host: string, entry: HttpRouteEntry): Service | undefined
}

/** The first route that matches a request; undefined: no route matches. */
export function findRoute(
  entries: readonly HttpRouteEntry[],
  message: Message,
  claims: VerifiedToken | undefined,
): { readonly entry: HttpRouteEntry; readonly index: number } | undefined {
  const index = entries.findIndex(({ match }) => takesRoute(match, message, claims))
  return index === -1 ? undefined : { entry: entries[index]!, index }
}

/** A route of a VirtualService, as the proxy has it. See TranslateRoute in pilot/pkg/networking/core/route/route.go. */
export function getRoute(
  router: Router,
  virtualHost: string,
  { entry, index }: { readonly entry: HttpRouteEntry; readonly index: number },
): Route {
  const { rule, name } = entry
  const action =
    rule.redirect !== undefined ? 'redirect' : rule.directResponse !== undefined ? 'directResponse' : 'route'
  const common = {
    virtualHost,
    index,
    ...(name !== '' && { name }),
    at: rule.at[0]!,
    action,
    ...(rule.fault !== undefined && {
      fault: {
        ...(rule.fault.delay !== undefined && { delay: rule.fault.delay }),
        ...(rule.fault.abort !== undefined && { abort: rule.fault.abort }),
      },
    }),
  } as const
  if (action !== 'route') return { ...common, clusters: [] }
  const retries = findRetries(rule.retries ?? router.indexed.model.settings.defaultHttpRetryPolicy)
  const rewrite = findRewrite(entry)
  return {
    ...common,
    clusters: listUsedDestinations(rule).map(destination =>
      makeWeightedCluster(
        router,
        entry,
        destination,
        rule.destinations.length === 1 ? 100 : destination.weight,
      ),
    ),
    timeout: rule.timeout ?? 0,
    ...(retries !== undefined && { retries }),
    ...(rewrite !== undefined && { rewrite }),
    ...(rule.mirrors.length > 0 && {
      mirror: rule.mirrors.map(({ destination, percent }) => ({
        cluster: makeWeightedCluster(router, entry, destination, 0).cluster,
        percent,
      })),
    }),
  }
}

/** The destinations that have a share: the clusters of a route are theirs, in this order. */
export const listUsedDestinations = ({ destinations }: HttpRouteEntry['rule']) =>
  destinations.length === 1 ? destinations : destinations.filter(({ weight }) => weight > 0)

/** The route to a service that no VirtualService is for. */
export function makeDefaultRoute(router: Router, virtualHost: string, service: Service): Route {
  const retries = findRetries(router.indexed.model.settings.defaultHttpRetryPolicy)
  return {
    virtualHost,
    index: 0,
    name: 'default',
    action: 'route',
    clusters: [findNamedCluster(router, service.host, '', router.port, 100)],
    timeout: 0,
    ...(retries !== undefined && { retries }),
  }
}

/** See GetDestinationCluster. */
function makeWeightedCluster(
  router: Router,
  entry: HttpRouteEntry,
  destination: { readonly host: string; readonly subset: string; readonly port: number | undefined },
  weight: number,
) {
  const service = router.serviceOf(destination.host, entry)
  const only = service?.ports.length === 1 ? service.ports[0]!.number : router.port
  return findNamedCluster(
    router,
    service?.externalName ?? destination.host,
    destination.subset,
    destination.port ?? only,
    weight,
  )
}

const findNamedCluster = (
  { indexed, scope, proxy }: Router,
  host: string,
  subset: string,
  port: number,
  weight: number,
) => ({
  cluster: `outbound|${port}|${subset}|${host}`,
  host,
  port,
  ...(subset !== '' && { subset }),
  weight,
  known: findCluster(indexed, scope, proxy, { host, subset, port }) !== undefined,
})

const defaultRetryOn = 'connect-failure,refused-stream,unavailable,cancelled,retriable-status-codes'

/** See ConvertPolicy and parseRetryOn in pilot/pkg/networking/core/route/retry/retry.go of istio/istio. */
function findRetries(policy: RetryPolicy | undefined): Retries | undefined {
  if (policy === undefined) return { attempts: 2, retryOn: defaultRetryOn }
  if (policy.attempts <= 0) return undefined
  const codes: number[] = []
  const names: string[] = []
  for (const part of (policy.retryOn ?? '').split(',')) {
    const word = part.trim()
    if (word === '') continue
    if (isStatus(word)) codes.push(Number(word))
    else names.push(word)
  }
  const named = names.join(',')
  const isAdded = codes.length > 0 && !named.includes('retriable-status-codes')
  return {
    attempts: policy.attempts,
    ...(policy.perTryTimeout !== undefined && { perTryTimeout: policy.perTryTimeout }),
    retryOn:
      policy.retryOn === undefined ? defaultRetryOn : `${named}${isAdded ? ',retriable-status-codes' : ''}`,
    ...(codes.length > 0 && { statusCodes: codes }),
  }
}

/** An HTTP status with a name in Go's list. */
const isStatus = (word: string) =>
  /^(?:10[0-3]|20[0-8]|226|30[0-578]|40\d|41[0-8]|42[1-689]|431|451|50[0-8]|51[01])$/.test(word)

function findRewrite({ rule }: HttpRouteEntry): Route['rewrite'] {
  const { rewrite } = rule
  const host = findHostRewrite(rule)
  const regex = rewrite?.uriRegex
  if (host === undefined && regex === undefined && rewrite?.uri === undefined) return undefined
  return {
    ...(regex !== undefined
      ? { regex: regex.match, substitution: regex.rewrite }
      : rewrite?.uri !== undefined && { prefix: rewrite.uri }),
    ...(host !== undefined && { host }),
  }
}

/** Finds the host that a rule sets: by `rewrite`, else by its headers, else by the headers of its only destination. */
function findHostRewrite(rule: HttpRouteEntry['rule']): string | undefined {
  const only = rule.destinations.length === 1 ? rule.destinations[0] : undefined
  return rule.rewrite?.authority ?? findHost(rule.headers) ?? (only && findHost(only.headers))
}

const findHost = ({ set, add }: HttpRouteEntry['rule']['headers']) =>
  set['host'] ?? set[':authority'] ?? add['host'] ?? add[':authority']

/** The request as a route sends it on to one of its destinations. */
export function rewriteMessage(
  { rule, match }: HttpRouteEntry,
  route: Route,
  message: Message,
  destination: number,
): Message {
  const to = rule.destinations[destination]
  const headerChanges = to === undefined ? [] : [to.headers]
  const given = [rule.headers, ...headerChanges].flatMap(({ set, add }) => [
    ...Object.entries(set),
    ...Object.entries(add),
  ])
  return {
    ...message,
    computed: new Set([
      ...message.computed,
      // `%REQ(x-user)%`: the proxy makes the value for each request.
      ...given.flatMap(([name, value]) => (value.includes('%') ? [name] : [])),
    ]),
    // If there are several destinations, Envoy applies the headers of each before those of the route. For one destination, Istio merges
    // both.
    headers:
      rule.destinations.length > 1
        ? changeMessageHeaders(changeMessageHeaders(message.headers, headerChanges), [rule.headers])
        : changeMessageHeaders(message.headers, [rule.headers, ...headerChanges]),
    path: rewritePath(match, route, message.path),
    authority: route.rewrite?.host ?? (to && findHost(to.headers)) ?? message.authority,
  }
}

function changeMessageHeaders(
  before: Message['headers'],
  changes: readonly HttpRouteEntry['rule']['headers'][],
): Message['headers'] {
  const headers = new Map(before)
  for (const { remove } of changes) for (const name of remove) headers.delete(name)
  for (const { set } of changes)
    for (const name of Object.keys(set)) if (!isInternal(name)) headers.set(name, [set[name]!])
  for (const { add } of changes)
    for (const name of Object.keys(add))
      if (!isInternal(name)) headers.set(name, [...(headers.get(name) ?? []), add[name]!])
  return headers
}

const isInternal = (name: string) => name.startsWith(':') || name === 'host'

function rewritePath(match: HttpRouteEntry['match'], { rewrite }: Route, path: string): string {
  if (rewrite === undefined) return path
  if (rewrite.regex !== undefined)
    return (
      compileExpression(rewrite.regex).replaceIn(dropQuery(path), rewrite.substitution ?? '') + getQuery(path)
    )
  return rewrite.prefix === undefined ? path : replacePath(match, rewrite.prefix, path)
}

/**
 * Lists the unmodelled parts of the VirtualService that affect the taken route or an earlier one.
 */
export function listUnknownOnTheWay(
  entries: readonly HttpRouteEntry[],
  index: number,
): readonly Unmodelled[] {
  const unmodelledParts = new Set<Unmodelled>()
  for (const [at, { virtualService, rule, match }] of entries.entries()) {
    if (at > index) break
    for (const unmodelled of virtualService.unmodelled) {
      const { path, object } = unmodelled
      const place = [...rule.at, ...(match === undefined ? [] : [match.at])].find(
        rulePlace =>
          rulePlace.object.name === object.name &&
          rulePlace.object.namespace === object.namespace &&
          isBelow(path, rulePlace.path),
      )
      const isInRoutes = path[1] === 'http' || path[1] === 'tcp' || path[1] === 'tls'
      const isInMatch = place !== undefined && path[3] === 'match'
      if (place === undefined ? !isInRoutes : at === index || isInMatch) unmodelledParts.add(unmodelled)
    }
  }
  return [...unmodelledParts]
}

const isBelow = (path: readonly (string | number)[], above: readonly (string | number)[]) =>
  above.every((key, index) => path[index] === key)
