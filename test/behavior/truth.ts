import type { Request } from '../../compiler/behavior/request.ts'
import type { Result } from '../../compiler/behavior/result.ts'

/** The fate of a request, in words that the engine and the real Envoys share. */
export interface Truth {
  readonly id: string
  readonly route?: TruthRoute
  /** The outcomes in the order of their clusters and workloads. */
  readonly outcomes: readonly TruthOutcome[]
}

interface TruthRoute {
  readonly virtualHost: string
  readonly index: number
  readonly name?: string
  /** Weights by cluster, in the order of the route. */
  readonly clusters: readonly (readonly [cluster: string, weight: number])[]
  /** The timeout in milliseconds; 0 is no timeout. */
  readonly timeout?: number
  readonly retries?: {
    readonly attempts: number
    readonly perTryTimeout?: number
    readonly retryOn: string
    readonly statusCodes?: readonly number[]
  }
  readonly rewrite?: Readonly<Record<string, string>>
  /** Percent by cluster. */
  readonly mirror?: readonly (readonly [cluster: string, percent: number])[]
  readonly fault?: {
    readonly delay?: { readonly percent: number; readonly milliseconds: number }
    readonly abort?: { readonly percent: number; readonly status: number }
  }
}

export interface TruthOutcome {
  readonly verdict: string
  readonly cluster?: string
  readonly workload?: string
  readonly transport?: string
  readonly peer?: string
  readonly status?: number
  readonly policy?: string
  readonly location?: string
  /** The path at the application, if it differs from the path of the caller. */
  readonly path?: string
  readonly host?: string
}

/** Reads the truth from a line of the oracle. */
export function getTruth(request: Request, line: string): Truth {
  // test/oracle/istio/cmd/behavior/README.md describes its shape.
  const { route, outcomes } = JSON.parse(line) as OracleResult
  return sorted({
    id: request.id ?? '',
    ...(route && { route: getRoute(route) }),
    outcomes: outcomes.map(outcome => getOutcome(request, listTold(outcome))),
  })
}

/** Returns the engine's answer in the words of the truth. */
export function getClaim(request: Request, { route, outcomes }: Result): Truth {
  return sorted({
    id: request.id ?? '',
    ...(route && {
      route: {
        virtualHost: route.virtualHost,
        index: route.index,
        ...(route.name && { name: route.name }),
        clusters: route.clusters.map(({ cluster, weight }) => [cluster, weight] as const),
        ...(route.timeout !== undefined && { timeout: route.timeout }),
        ...(route.retries && { retries: getRetries(route.retries) }),
        ...(route.rewrite && { rewrite: defined(route.rewrite) }),
        ...(route.mirror &&
          route.mirror.length > 0 && {
            mirror: route.mirror.map(({ cluster, percent }) => [cluster, percent] as const),
          }),
        ...(route.fault && { fault: route.fault }),
      },
    }),
    outcomes: outcomes.map(outcome => getOutcome(request, outcome)),
  })
}

interface OracleResult {
  readonly route?: OracleRoute
  readonly outcomes: readonly OracleOutcome[]
}

interface OracleRoute {
  readonly virtualHost: string
  readonly index: number
  readonly name?: string
  readonly clusters?: readonly { readonly cluster: string; readonly weight: number }[]
  readonly timeout?: string
  readonly retries?: {
    readonly attempts: number
    readonly retryOn: string
    readonly perTryTimeout?: string
    readonly statusCodes?: readonly number[]
  }
  readonly rewrite?: Readonly<Record<string, string>>
  readonly mirror?: readonly {
    readonly cluster: string
    readonly numerator: number
    readonly denominator: keyof typeof denominators
  }[]
  readonly fault?: {
    readonly delay?: { readonly fixedDelay: string; readonly percentage?: Fraction }
    readonly abort?: { readonly httpStatus?: number; readonly percentage?: Fraction }
  }
}

interface OracleOutcome {
  readonly cluster?: string | undefined
  readonly workload?: string | undefined
  readonly transport?: string | undefined
  readonly peer?: string | undefined
  readonly verdict: string
  readonly by?: string
  readonly status?: number | undefined
  readonly policy?: string | undefined
  readonly location?: string | undefined
  readonly upstream?: { readonly path: string; readonly host: string } | undefined
}

/** Lists an outcome with the workload that the oracle leaves out. */
const listTold = (outcome: OracleOutcome): OracleOutcome =>
  outcome.by?.startsWith('external') && outcome.workload === undefined
    ? { ...outcome, workload: 'external' }
    : outcome

interface Fraction {
  readonly numerator?: number
  readonly denominator?: keyof typeof denominators
}

const denominators = { HUNDRED: 100, TEN_THOUSAND: 10_000, MILLION: 1_000_000 } as const

function getRoute(route: OracleRoute): TruthRoute {
  const { virtualHost, index, name, clusters = [], timeout, retries, rewrite, mirror, fault } = route
  return {
    virtualHost,
    index,
    ...(name && { name }),
    clusters: clusters.map(({ cluster, weight }) => [cluster, weight] as const),
    ...(timeout !== undefined && { timeout: milliseconds(timeout) }),
    ...(retries && {
      retries: getRetries({
        attempts: retries.attempts,
        ...(retries.perTryTimeout !== undefined && { perTryTimeout: milliseconds(retries.perTryTimeout) }),
        retryOn: retries.retryOn,
        ...(retries.statusCodes && { statusCodes: retries.statusCodes }),
      }),
    }),
    ...(rewrite && { rewrite }),
    ...(mirror && { mirror: mirror.map(share => [share.cluster, percent(share)] as const) }),
    ...(fault && {
      fault: {
        ...(fault.delay && {
          delay: {
            percent: percent(fault.delay.percentage),
            milliseconds: milliseconds(fault.delay.fixedDelay),
          },
        }),
        ...(fault.abort && {
          abort: { percent: percent(fault.abort.percentage), status: fault.abort.httpStatus ?? 0 },
        }),
      },
    }),
  }
}

function getRetries({
  attempts,
  perTryTimeout,
  retryOn,
  statusCodes = [],
}: NonNullable<TruthRoute['retries']>): NonNullable<TruthRoute['retries']> {
  return {
    attempts,
    ...(perTryTimeout !== undefined && { perTryTimeout }),
    retryOn,
    ...(statusCodes.length > 0 && { statusCodes }),
  }
}

function getOutcome(request: Request, outcome: OracleOutcome): TruthOutcome {
  const { cluster, workload, transport, peer, status, policy, location, upstream } = outcome
  // A parser that refuses a method logs no reason.
  const verdict = outcome.verdict === 'OTHER' && status === 400 ? 'BAD_REQUEST' : outcome.verdict
  const sent = { path: request.path ?? '/', host: getHost(request) }
  // The answer to HEAD does not show the path, and a token in a query differs in each request.
  const isPathTold = upstream !== undefined && request.method !== 'HEAD' && request.jwt?.param === undefined
  return defined({
    verdict,
    cluster,
    // A system outside that resets a connection does not tell its name.
    workload: verdict === 'RESET' && workload === 'external' ? undefined : workload,
    // After a reset, the two ends report different transports.
    transport: verdict === 'RESET' ? undefined : transport,
    // The proxy whose connection is reset logs nothing about the request.
    peer: verdict === 'UPSTREAM_RESET' ? undefined : peer,
    status: status === 0 ? undefined : status,
    // The engine also names the provider of a CUSTOM policy.
    policy: verdict === 'DENY' && policy !== undefined && /^(ns\[|none$)/.test(policy) ? policy : undefined,
    location: request.jwt?.param === undefined ? location : undefined,
    path: isPathTold && upstream.path !== sent.path ? upstream.path : undefined,
    host:
      upstream !== undefined && request.method !== 'HEAD' && upstream.host !== sent.host
        ? upstream.host
        : undefined,
  })
}

/** Returns the Host header that the oracle sends. */
function getHost({ from, to, headers = {} }: Request): string {
  const named = Object.entries(headers).find(([name]) => /^(host|:authority)$/i.test(name))?.[1]
  if (named !== undefined) return named
  const standard = from.scheme === 'https' ? 443 : 80
  return to.port === undefined || to.port === standard ? to.host : `${to.host}:${to.port}`
}

/** Returns the milliseconds of a duration in Go's notation: `1m30s`, `2.5s`, `300ms`. */
function milliseconds(duration: string): number {
  const units = { h: 3_600_000, m: 60_000, s: 1000, ms: 1, µs: 0.001 } as const
  let sum = 0
  // The pattern accepts no other units.
  for (const [, number, unit] of duration.matchAll(/([\d.]+)(h|ms|m|s|µs)/g))
    sum += Number(number) * units[unit as keyof typeof units]
  return sum
}

const percent = ({ numerator = 0, denominator = 'HUNDRED' }: Fraction = {}): number =>
  (100 * numerator) / denominators[denominator]

/** Sorts clusters and workloads, and lists each once: a route may have a cluster twice, with two weights. */
function sorted(truth: Truth): Truth {
  const key = ({ cluster = '', workload = '' }: TruthOutcome) => `${cluster} ${workload}`
  const distinct = new Map(truth.outcomes.map(outcome => [JSON.stringify(outcome), outcome]))
  return {
    ...truth,
    outcomes: [...distinct.values()].toSorted((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0)),
  }
}

/** Returns an object without its undefined and empty fields. */
function defined<T extends object>(fields: T): { [Key in keyof T]: Exclude<T[Key], undefined> } {
  const entries = Object.entries(fields).filter(([, value]) => value !== undefined && value !== '')
  // The remaining entries have values. The other fields are optional for all callers of this function.
  return Object.fromEntries(entries) as { [Key in keyof T]: Exclude<T[Key], undefined> }
}
