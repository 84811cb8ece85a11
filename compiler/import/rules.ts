import type {
  Destination,
  HttpFault,
  HttpRoute,
  RetryPolicy,
  WeightedDestination,
} from '../behavior/model.ts'
import { isMap } from '../source/document.ts'
import { type Condition, Unsayable } from './matches.ts'
import { readMap, type Tree } from './read-object-spec.ts'

/** A rule of a VirtualService as a route of the language, without its name and condition. */
export interface RouteWords {
  readonly traffic: Readonly<Record<string, string>> | undefined
  readonly redirect: Readonly<Record<string, unknown>> | undefined
  readonly rewrite: Readonly<Record<string, unknown>> | undefined
  readonly headers: Readonly<Record<string, unknown>> | undefined
  readonly mirror: Readonly<Record<string, string>> | undefined
  readonly timeout: string
  readonly retries: unknown
}

/**
 * Describes the effect of a rule on a request.
 *
 * @throws {Unsayable} if the language cannot express it
 */
export function describeRoute(route: HttpRoute, target: RuleTarget): RouteWords {
  if (route.directResponse !== undefined) throw new Unsayable('a route answers by itself')
  const further = Object.keys(readMap(readRule(route), 'retries')).find(field => !retryFields.includes(field))
  if (further !== undefined) throw new Unsayable(`the retries of a route set \`${further}\``)
  const { redirect } = route
  const isForwarded = redirect === undefined
  return {
    traffic: isForwarded ? describeShares(route.destinations, target) : undefined,
    redirect: redirect && describeRedirect(redirect),
    rewrite: describeRewrite(route),
    headers: describeHeaders(route),
    mirror: describeMirrors(route, target),
    timeout: isForwarded ? describeTimeout(route.timeout) : 'none',
    retries: isForwarded ? describeRetries(route.retries) : 'istio-default',
  }
}

const retryFields = ['attempts', 'perTryTimeout', 'retryOn']

/** Describes the shares of versions and services; undefined if the service as a whole gets all requests. */
export function describeShares(
  destinations: readonly WeightedDestination[],
  target: RuleTarget,
): Readonly<Record<string, string>> | undefined {
  for (const destination of destinations) checkHeaders(destination)
  if (destinations.every(({ host, subset }) => host === target.host && subset === '')) {
    for (const destination of destinations) checkPort(destination, target.port)
    return undefined
  }
  const receivers = destinations.map(destination => nameShareReceiver(destination, target))
  if (destinations.length === 1) return { [receivers[0]!]: '100%' }
  const sum = destinations.reduce((total, { weight }) => total + weight, 0)
  const shares = new Map<string, number>()
  for (const [index, { weight }] of destinations.entries())
    shares.set(receivers[index]!, (shares.get(receivers[index]!) ?? 0) + (weight * 100) / sum)
  return Object.fromEntries([...shares].map(([receiver, share]) => [receiver, `${printPercent(share)}%`]))
}

/** The service whose requests a rule matches. */
export interface RuleTarget {
  readonly host: string
  /** The only port of that service; undefined if it has several. */
  readonly port: number | undefined
  /** The services of the spec by host: the names of those to which a rule leads. */
  readonly services: ReadonlyMap<string, { readonly key: string }>
}

/** Names a destination as the key of a share. */
function nameShareReceiver(destination: Destination, target: RuleTarget): string {
  const { host, subset } = destination
  const key = target.services.get(host)?.key
  if (host === target.host) checkPort(destination, target.port)
  if (host === target.host && subset !== '') return subset
  if (key === undefined) throw new Unsayable(`a route leads to \`${host}\``)
  return subset === '' ? `service/${key}` : `service/${key}/${subset}`
}

function printPercent(share: number): string {
  const hundredths = Math.round(share * 100)
  if (Math.abs(hundredths - share * 100) > 1e-6)
    throw new Unsayable('the weights of a route are no percentages')
  return String(hundredths / 100)
}

function checkPort(destination: Destination, port: number | undefined): void {
  if (destination.port !== undefined && port !== undefined && destination.port !== port)
    throw new Unsayable(`a route leads to port ${destination.port}`)
  if (destination.port !== undefined && port === undefined)
    throw new Unsayable('a route leads to one of several ports')
}

function checkHeaders(destination: WeightedDestination): void {
  if ('headers' in destination) {
    const { set, add, remove } = destination.headers as {
      set: object
      add: object
      remove: readonly string[]
    }
    if (Object.keys(set).length + Object.keys(add).length + remove.length > 0)
      throw new Unsayable('a route changes headers for one of its destinations')
  }
}

function describeMirrors(
  { mirrors }: HttpRoute,
  target: RuleTarget,
): Readonly<Record<string, string>> | undefined {
  if (mirrors.length === 0) return undefined
  return Object.fromEntries(
    mirrors.map(({ destination, percent }) => [
      nameShareReceiver(destination, target),
      `${printPercent(percent)}%`,
    ]),
  )
}

function describeRedirect({
  uri,
  prefixRewrite,
  authority,
  scheme,
  port,
  derivePort,
  code,
}: NonNullable<HttpRoute['redirect']>): Readonly<Record<string, unknown>> {
  if (derivePort !== undefined) throw new Unsayable('a redirect derives its port')
  const path = prefixRewrite !== undefined ? `${prefixRewrite}*` : uri
  return {
    ...(path !== undefined && { path }),
    ...(authority !== undefined && { host: authority }),
    ...(scheme !== undefined && { scheme }),
    ...(port !== undefined && { port }),
    ...(code !== 301 && { code }),
  }
}

export function describeRewrite({ rewrite }: HttpRoute): Readonly<Record<string, unknown>> | undefined {
  if (rewrite === undefined) return undefined
  const { uri, authority, uriRegex } = rewrite
  if (uriRegex !== undefined) throw new Unsayable('a route rewrites paths by a regular expression')
  return { ...(uri !== undefined && { path: uri }), ...(authority !== undefined && { host: authority }) }
}

/** Describes the changes of headers as written: the model contains only those of requests. */
export function describeHeaders(route: HttpRoute): Tree | undefined {
  const { headers } = readRule(route)
  if (!isMap(headers)) return undefined
  const changes = Object.entries(headers).flatMap(([side, operations]) => {
    if (!isMap(operations)) return []
    const written = Object.entries(operations).flatMap(([operation, names]): [string, unknown][] =>
      Array.isArray(names)
        ? [[operation, names.map(name => String(name).toLowerCase())]]
        : isMap(names)
          ? [
              [
                operation,
                Object.fromEntries(Object.entries(names).map(([name, value]) => [name.toLowerCase(), value])),
              ],
            ]
          : [],
    )
    return written.length === 0 ? [] : [[side, Object.fromEntries(written)]]
  })
  return changes.length === 0 ? undefined : Object.fromEntries(changes)
}

/** The rule as its manifest has it. */
function readRule({ at }: HttpRoute): Readonly<Record<string, unknown>> {
  const [{ object, path }] = at as readonly [HttpRoute['at'][number]]
  const rule = path.reduce<unknown>(
    (holder, key) => (holder as Readonly<Record<string | number, unknown>> | undefined)?.[key],
    object.source?.value,
  )
  return isMap(rule) ? rule : {}
}

const describeTimeout = (timeout: number | undefined): string =>
  timeout === undefined || timeout === 0 ? 'none' : printDuration(timeout)

/** Prints milliseconds as a duration of the language. */
export function printDuration(milliseconds: number): string {
  if (milliseconds % 1000 !== 0) return `${milliseconds}ms`
  return `${milliseconds / 1000}s`
}

/** Describes the retries of a rule; `istio-default` if it sets none. */
function describeRetries(retries: RetryPolicy | undefined): unknown {
  if (retries === undefined) return 'istio-default'
  const { attempts, perTryTimeout, retryOn } = retries
  if (attempts === 0) return 'none'
  const isUnlimited = perTryTimeout === undefined || perTryTimeout === 0
  return {
    attempts,
    perTryTimeout: isUnlimited ? 'none' : printDuration(perTryTimeout),
    on: retryOn === undefined ? 'istio-default' : retryOn.split(',').map(word => word.trim()),
  }
}

/** Describes a fault; `when` is the condition of its rule. */
export function describeFault(
  fault: HttpFault,
  when: Condition | undefined,
): Readonly<Record<string, unknown>> {
  const { delay, abort } = fault
  const percents = [delay?.percent, abort?.percent].filter(percent => percent !== undefined)
  if (new Set(percents).size > 1) throw new Unsayable('a fault delays and aborts different shares')
  return {
    ...(delay !== undefined && { delay: printDuration(delay.milliseconds) }),
    ...(abort !== undefined && { abort: abort.status }),
    share: `${printPercent(percents[0] ?? 100)}%`,
    ...(when !== undefined && { when }),
  }
}

/** Describes `allowOrigins` and related fields of a gateway's rule; undefined if it has none. */
export function describeCors(route: HttpRoute): Readonly<Record<string, unknown>> | undefined {
  const { corsPolicy } = readRule(route)
  if (!isMap(corsPolicy)) return undefined
  const { allowOrigins, allowMethods, allowHeaders, exposeHeaders, maxAge, allowCredentials, ...rest } =
    corsPolicy
  const { unmatchedPreflights = 'IGNORE', ...further } = rest
  if (Object.keys(further).length > 0 || !Array.isArray(allowOrigins))
    throw new Unsayable('a route sets CORS in an old form')
  if (unmatchedPreflights !== 'IGNORE') throw new Unsayable('a route forwards preflights of other sites')
  const origins = (allowOrigins as readonly Record<string, unknown>[]).map(origin => {
    if (typeof origin['exact'] !== 'string') throw new Unsayable('a route compares origins by a pattern')
    return origin['exact']
  })
  return {
    origins,
    ...(allowMethods !== undefined && { methods: allowMethods }),
    ...(allowHeaders !== undefined && { headers: allowHeaders }),
    ...(exposeHeaders !== undefined && { exposeHeaders }),
    ...(maxAge !== undefined && { maxAge }),
    ...(allowCredentials !== undefined && { credentials: allowCredentials }),
  }
}
