import fc from 'fast-check'
import type { z } from 'zod'
import type * as language from '../../schema/spec/traffic.ts'
import {
  counts,
  defined,
  duration,
  durations,
  headerNames,
  headerValues,
  maybe,
  methodSets,
  patterns,
  regexes,
  wholeSeconds,
  writableHeaderNames,
} from './names.ts'

type Retries = z.input<typeof language.Retries>
type Match = NonNullable<z.input<typeof language.Fault>['when']>
type Cors = z.input<typeof language.Cors>
type Fault = z.input<typeof language.Fault>
type LoadBalancing = z.input<typeof language.LoadBalancing>
type HeaderChanges = z.input<typeof language.HeaderChanges>
type Redirect = z.input<typeof language.Redirect>

/**
 * A timeout with retries that fit into it: all tries together take no longer than the caller waits. A missing
 * value is inherited, and an inherited value is reduced if necessary.
 */
interface Patience {
  readonly timeout?: string
  readonly retries?: Retries
}

const conditions = fc.uniqueArray(
  fc.constantFrom(
    '5xx',
    'gateway-error',
    'reset',
    'connect-failure',
    'refused-stream',
    'unavailable',
    'cancelled',
    'retriable-4xx',
    '503',
    '429',
  ),
  { minLength: 1, maxLength: 4 },
)

export const patience: fc.Arbitrary<Patience> = fc.oneof(
  fc.constant({}),
  fc.record({ timeout: durations(10, 600_000), retries: fc.constant('none' as const) }),
  fc.constant({ retries: 'none' as const }),
  fc.record({ timeout: fc.constant('none'), retries: fc.constant('none' as const) }),
  fc.record({ timeout: fc.constant('none'), retries: fc.constant('istio-default' as const) }),
  fc.record({ timeout: durations(10, 600_000), retries: fc.constant('istio-default' as const) }),
  fc.record({ timeout: durations(10, 600_000) }),
  fc
    .record({
      timeout: durations(10, 600_000),
      attempts: fc.integer({ min: 1, max: 5 }),
      on: maybe(conditions),
    })
    .map(({ timeout, attempts, on }) => ({ timeout, retries: { attempts, ...defined({ on }) } })),
  fc
    .record({ on: fc.oneof(conditions, fc.constant('istio-default' as const)) })
    .map(retries => ({ retries })),
  fc
    .record({
      attempts: fc.integer({ min: 1, max: 5 }),
      perTryTimeout: maybe(fc.oneof(durations(1, 20_000), fc.constant('none'))),
    })
    .map(({ attempts, perTryTimeout }) => ({
      timeout: 'none',
      retries: { attempts, ...defined({ perTryTimeout }) },
    })),
  fc
    .record({
      attempts: fc.integer({ min: 1, max: 5 }),
      perTry: fc.oneof(fc.constantFrom(100, 250, 1000, 2000, 10_000), fc.integer({ min: 1, max: 20_000 })),
      slack: fc.constantFrom(0, 1, 500, 5000),
      on: maybe(conditions),
    })
    .map(({ attempts, perTry, slack, on }) => ({
      timeout: duration(perTry * (attempts + 1) + slack),
      retries: { attempts, perTryTimeout: duration(perTry), ...defined({ on }) },
    })),
)

export const circuitBreakers = orWord('none', {
  consecutiveErrors: fc.integer({ min: 1, max: 100 }),
  interval: durations(1000, 300_000),
  ejectFor: durations(1000, 300_000),
  maxEjected: fc.integer({ min: 1, max: 100 }).map(percent => `${percent}%`),
  minHealthy: fc.integer({ min: 1, max: 100 }).map(percent => `${percent}%`),
})

const limits = fc.oneof({ weight: 4, arbitrary: counts }, fc.constant('unlimited' as const))

export const connections = orWord('unlimited', {
  max: limits,
  pending: limits,
  requestsPerConnection: counts,
  requests: counts,
  connectTimeout: durations(10, 30_000),
  idleTimeout: durations(1000, 3_600_000),
  keepalive: fc.oneof(
    durations(1000, 7_200_000),
    fc.record(
      {
        after: durations(1000, 7_200_000),
        interval: durations(1000, 600_000),
        probes: fc.integer({ min: 1, max: 9 }),
      },
      { requiredKeys: ['interval'] },
    ),
  ),
})

/** Draws some of the fields of a section, or the word that replaces the section. */
function orWord<const Word extends string, Fields extends object>(
  word: Word,
  fields: { [Key in keyof Fields]: fc.Arbitrary<Fields[Key]> },
) {
  const section = fc.record(fields, { requiredKeys: [] })
  return fc.oneof({ weight: 2, arbitrary: section }, { weight: 1, arbitrary: fc.constant(word) })
}

const warmups: fc.Arbitrary<LoadBalancing['warmup']> = fc.oneof(
  durations(1000, 600_000),
  fc.record(
    {
      duration: durations(1000, 600_000),
      from: fc.integer({ min: 1, max: 100 }).map(percent => `${percent}%`),
      aggression: fc.constantFrom(0.5, 1, 2.5),
    },
    { requiredKeys: ['duration', 'from'] },
  ),
)

/** Preferences that hold with and without a circuit breaker: `zone-first` and `failover` need one. */
const localities: fc.Arbitrary<LoadBalancing['locality']> = fc.oneof(
  fc.constant('off' as const),
  fc.constant({
    distribute: {
      'eu-west-1/a/*': { 'eu-west-1/a/*': '80%', 'eu-west-1/b/*': '20%' },
      'us/*': { 'us/*': '100%' },
    },
  }),
)

/** The preferences that need a circuit breaker. */
export const ejectingLocalities: fc.Arbitrary<LoadBalancing['locality']> = fc.oneof(
  fc.constant('zone-first' as const),
  fc.constant({ failover: { 'eu-west-1': 'eu-central-1', us: 'eu-west-1' } }),
)

const choices: fc.Arbitrary<LoadBalancing> = fc.oneof(
  fc.record(
    { policy: fc.constantFrom('least-request' as const, 'round-robin' as const), warmup: warmups },
    { requiredKeys: ['policy'] },
  ),
  fc.record({ policy: fc.constant('random' as const) }),
  fc.record({ policy: fc.constant('consistent-hash' as const), header: headerNames }),
  fc.record({
    policy: fc.constant('consistent-hash' as const),
    cookie: fc.constantFrom('session', 'cart_id'),
  }),
  fc.record({ policy: fc.constant('consistent-hash' as const), sourceAddress: fc.constant(true as const) }),
)

export const loadBalancings: fc.Arbitrary<LoadBalancing> = fc
  .record({ choice: choices, locality: maybe(localities) })
  .map(({ choice, locality }) => ({ ...choice, ...defined({ locality }) }))

/** The settings of a port or a version. */
export const refinementDrafts = fc.record({
  circuitBreaker: maybe(circuitBreakers),
  connections: maybe(connections),
  loadBalancing: maybe(loadBalancings),
  /** A preference for near instances that needs a circuit breaker. */
  nearness: maybe(ejectingLocalities),
})
type RefinementDraft = typeof refinementDrafts extends fc.Arbitrary<infer Draft> ? Draft : never

/**
 * Returns the settings of a port or version. A port of connections has no limits on requests and no hash keys
 * of requests.
 */
export function finishRefinement(
  { circuitBreaker, connections, loadBalancing, nearness }: RefinementDraft,
  seesRequests: boolean,
) {
  const {
    pending: _,
    requests: __,
    requestsPerConnection: ___,
    ...ofConnections
  } = typeof connections === 'object' ? connections : {}
  // A port and a version that both set a breaker without a common panic threshold need a patch.
  const { minHealthy: ____, ...breaker } = typeof circuitBreaker === 'object' ? circuitBreaker : {}
  return defined({
    circuitBreaker: typeof circuitBreaker === 'object' ? breaker : circuitBreaker,
    connections: typeof connections !== 'object' || seesRequests ? connections : ofConnections,
    loadBalancing: finishBalancing({ circuitBreaker, loadBalancing, nearness }, seesRequests),
  })
}

/**
 * Returns the load balancing of a port or version. Connections have no hash keys. The preference `nearness`
 * needs a circuit breaker.
 */
export function finishBalancing(
  {
    loadBalancing,
    nearness,
    circuitBreaker,
  }: Pick<RefinementDraft, 'loadBalancing' | 'nearness' | 'circuitBreaker'>,
  seesRequests: boolean,
): LoadBalancing | undefined {
  const chosen = seesRequests || loadBalancing?.policy !== 'consistent-hash' ? loadBalancing : undefined
  return nearness === undefined || typeof circuitBreaker !== 'object'
    ? chosen
    : { ...chosen, locality: nearness }
}

const stringMatches = fc.oneof(
  patterns,
  regexes.map(regex => ({ regex })),
)

/**
 * Draws matches of one kind of requests. Matches with different `name` do not cover each other: a header
 * value or a path contains the name.
 *
 * @param name the difference from the requests of other routes
 */
export const matchDrafts = fc.record({
  by: fc.constantFrom('header', 'path', 'exact path', 'wide path', 'narrow path', 'regex', 'query'),
  headers: maybe(fc.dictionary(headerNames, stringMatches, { minKeys: 1, maxKeys: 2 })),
  withoutHeaders: maybe(fc.constantFrom<string[]>(['x-internal'], ['x-internal', 'x-debug'])),
  query: maybe(
    fc.dictionary(fc.constantFrom('beta', 'lang', 'page_size'), stringMatches, { minKeys: 1, maxKeys: 1 }),
  ),
  methods: maybe(methodSets),
  morePaths: fc.boolean(),
})
type MatchDraft = typeof matchDrafts extends fc.Arbitrary<infer Draft> ? Draft : never

export function finishMatch(draft: MatchDraft, name: string): Match {
  const common = {
    headers: draft.headers,
    withoutHeaders: draft.withoutHeaders,
    query: draft.query,
    methods: draft.methods && [...draft.methods],
  }
  switch (draft.by) {
    case 'header':
      return defined({ ...common, headers: { ...draft.headers, 'x-route': name } })
    case 'query':
      return defined({ ...common, query: { ...draft.query, route: name } })
    case 'path':
      return defined({
        ...common,
        paths: draft.morePaths ? [`/${name}/*`, `/api-${name}/*`] : [`/${name}/*`],
      })
    case 'wide path':
      // The match covers only some wide requests, so some requests remain for the narrow routes.
      return defined({ ...common, paths: ['/wide/*'], headers: { ...draft.headers, 'x-route': name } })
    case 'narrow path':
      return defined({ ...common, paths: [`/wide/${name}/*`] })
    case 'exact path':
      return defined({ ...common, paths: draft.morePaths ? [`/${name}`, `/${name}/index`] : [`/${name}`] })
    case 'regex':
      return defined({ ...common, paths: [{ regex: `/${name}/[a-z]+/[0-9]{1,8}` }] })
  }
}

export const headerChanges: fc.Arbitrary<HeaderChanges> = fc
  .record({
    set: maybe(fc.dictionary(writableHeaderNames, headerValues, { minKeys: 1, maxKeys: 2 })),
    added: maybe(headerValues),
    removed: fc.constantFrom('server', 'x-internal', 'x-powered-by'),
    request: fc.boolean(),
    response: fc.boolean(),
  })
  .map(({ set, added, removed, request, response }) => {
    const operations = {
      ...defined({ set }),
      ...(added !== undefined && { add: { 'x-added': added } }),
      remove: [removed],
    }
    return request || !response
      ? { request: operations, ...(response && { response: operations }) }
      : { response: operations }
  })

export const corses: fc.Arbitrary<Cors> = fc.record(
  {
    origins: fc.uniqueArray(
      fc.constantFrom('https://app.example.com', 'https://shop.example.com:8443', 'http://localhost:3000'),
      { minLength: 1, maxLength: 3 },
    ),
    methods: fc.uniqueArray(fc.constantFrom('GET', 'POST', 'PUT', 'DELETE', 'OPTIONS'), {
      minLength: 1,
      maxLength: 3,
    }),
    headers: fc.constantFrom<string[]>(['authorization'], ['authorization', 'content-type', 'x-request-id']),
    exposeHeaders: fc.constantFrom<string[]>(['x-request-id'], ['etag', 'x-total-count']),
    maxAge: wholeSeconds(1, 86_400),
    credentials: fc.boolean(),
  },
  { requiredKeys: ['origins', 'methods'] },
)

/**
 * The requests of a fault. Their conditions use only values, so that each route can describe its own
 * requests.
 */
const faultMatches: fc.Arbitrary<Match> = fc
  .record({
    value: patterns,
    tenant: maybe(patterns),
    withoutHeaders: maybe(fc.constant<string[]>(['x-no-fault'])),
    query: maybe(patterns),
    methods: maybe(methodSets),
  })
  .map(({ value, tenant, withoutHeaders, query, methods }) => ({
    headers: { 'x-fault': value, ...defined({ 'x-fault-tenant': tenant }) },
    ...defined({
      withoutHeaders,
      query: query === undefined ? undefined : { fault: query },
      methods: methods && [...methods],
    }),
  }))

export const faultDrafts = fc.record({
  kind: fc.constantFrom('delay', 'abort', 'both'),
  delay: durations(1, 30_000),
  abort: fc.integer({ min: 400, max: 599 }),
  share: maybe(fc.oneof(fc.integer({ min: 1, max: 100 }), fc.constantFrom(0.01, 0.1, 0.25, 12.5))),
  when: maybe(faultMatches),
  /** True if the fault also selects requests by their path. */
  path: fc.boolean(),
})
type FaultDraft = typeof faultDrafts extends fc.Arbitrary<infer Draft> ? Draft : never

export function finishFault(draft: FaultDraft, name: string, onlyGrpc: boolean): Fault {
  const { kind, delay, abort, share, path } = draft
  const when: Match | undefined =
    draft.when?.methods && onlyGrpc ? { ...draft.when, methods: ['POST'] } : draft.when
  return defined({
    delay: kind === 'abort' ? undefined : delay,
    abort: kind === 'delay' ? undefined : abort,
    share: share === undefined ? undefined : `${share}%`,
    when: path ? { ...when, paths: [`/${name}/*`] } : when,
  })
}

export const redirects: fc.Arbitrary<Redirect> = fc.oneof(
  fc.record(
    {
      path: fc.constantFrom('/v2/', '/maintenance', '/'),
      code: fc.constantFrom(301, 302, 303, 307, 308),
      host: fc.constant('www.example.com'),
      scheme: fc.constantFrom('https', 'http'),
      port: fc.constantFrom(443, 8443),
    },
    { requiredKeys: ['path'] },
  ),
  fc.record({ host: fc.constant('www.example.com') }),
)

/** Returns a redirect that keeps the rest of the path after the matched prefix. */
export const keepingRest = ({ path, ...redirect }: Redirect): Redirect =>
  path === undefined ? redirect : { ...redirect, path: '/v2/*' }

/**
 * Returns shares with a sum of 100%, one for each number. The sum of the numbers selects whole percents,
 * tenths or hundredths.
 */
export function weights(parts: readonly number[]): readonly number[] {
  const total = parts.reduce((sum, part) => sum + part, 0)
  if (total === 0) return parts.map((_, index) => (index === 0 ? 100 : 0))
  const unit = [10, 100, 1, 1, 1][total % 5]!
  const shares = parts.map(part => Math.floor((part * 100 * unit) / total))
  const rest = 100 * unit - shares.reduce((sum, share) => sum + share, 0)
  const largest = shares.indexOf(Math.max(...shares))
  return shares.map((share, index) => (index === largest ? share + rest : share) / unit)
}
