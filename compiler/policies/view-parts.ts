import { nameCaller } from '../mesh/caller.ts'
import type {
  Allow,
  AskedRequests,
  Authorize,
  Authorizer,
  Deny,
  ExternalAllow,
  HeaderChanges,
  HeaderOperations,
  Issuer,
  LocalityPreference,
  Match,
  Rate,
  RateLimit,
  RateLimiter,
  Replicas,
  Resources,
  Retries,
  Rewrite,
  StringMatch,
  TrafficPolicy,
} from '../mesh/mesh.ts'
import { parseRate } from '../mesh/rate.ts'
import { from, type Sourced, SpecNode, text } from '../mesh/sourced.ts'
import { printMatch } from '../mesh/string-match.ts'
import { Absent } from './absent.ts'
import type { Views } from './view.ts'

/** The types of the settings that an instance of a service has. */
export const instanceFields = {
  circuitBreaker: 'CircuitBreaker',
  connections: 'Connections',
  loadBalancing: 'LoadBalancing',
} as const

/** The types of the settings that an entity has for the traffic to it. */
export const trafficPolicyFields = { timeout: 'string', retries: 'Retries', ...instanceFields } as const

/** `perSecond`: the requests as a number that can be compared. */
const rateFields = { requests: 'string', perSecond: 'double', burst: 'int' } as const

/** The types of the conditions of an entry of `allow`. */
export const allowFields = {
  from: 'string',
  methods: 'list<string>',
  paths: 'list<string>',
  ports: 'list<string>',
  jwt: 'string',
  issuers: 'list<string>',
  claims: 'map<string, list<string>>',
  headers: 'map<string, list<string>>',
  because: 'string',
} as const

/** The types of parts that several entities have. */
export const partTypes = {
  Replicas: { min: 'int', max: 'int' },
  Resources: { requests: 'Quantities', limits: 'Quantities' },
  Quantities: { cpu: 'string', memory: 'string' },
  Match: {
    headers: 'map<string, string>',
    withoutHeaders: 'list<string>',
    query: 'map<string, string>',
    methods: 'list<string>',
    paths: 'list<string>',
    claims: 'map<string, list<string>>',
  },
  Rewrite: { path: 'string', host: 'string' },
  HeaderChanges: { request: 'HeaderOperations', response: 'HeaderOperations' },
  HeaderOperations: { set: 'map<string, string>', add: 'map<string, string>', remove: 'list<string>' },
  Issuer: {
    name: 'string',
    issuer: 'string',
    jwks: 'string',
    audiences: 'list<string>',
    header: 'string',
    prefix: 'string',
    parameter: 'string',
    claimHeaders: 'map<string, string>',
    forward: 'bool',
  },
  Authorizer: {
    name: 'string',
    protocol: 'string',
    address: 'string',
    timeout: 'string',
    failOpen: 'bool',
    statusOnError: 'int',
    path: 'string',
    sendHeaders: 'list<string>',
    forwardHeaders: 'list<string>',
    refusalHeaders: 'list<string>',
    responseHeaders: 'list<string>',
  },
  RateLimiter: {
    name: 'string',
    address: 'string',
    domain: 'string',
    timeout: 'string',
    failOpen: 'bool',
  },
  Authorize: { by: 'string', requests: 'list<AskedRequests>' },
  AskedRequests: {
    methods: 'list<string>',
    exceptMethods: 'list<string>',
    paths: 'list<string>',
    exceptPaths: 'list<string>',
    ports: 'list<string>',
    headers: 'map<string, list<string>>',
  },
  Allow: allowFields,
  Deny: {
    from: 'string',
    methods: 'list<string>',
    paths: 'list<string>',
    ports: 'list<string>',
    headers: 'map<string, list<string>>',
    jwt: 'string',
    claims: 'map<string, list<string>>',
    clientAddresses: 'list<string>',
    exceptClientAddresses: 'list<string>',
    peerAddresses: 'list<string>',
    because: 'string',
  },
  Retries: { attempts: 'int', perTryTimeout: 'string', on: 'list<string>' },
  CircuitBreaker: {
    consecutiveErrors: 'int',
    interval: 'string',
    ejectFor: 'string',
    maxEjected: 'double',
    minHealthy: 'double',
  },
  Connections: {
    max: 'dyn',
    pending: 'dyn',
    requestsPerConnection: 'int',
    requests: 'int',
    connectTimeout: 'string',
    idleTimeout: 'string',
    keepalive: 'Keepalive',
  },
  Keepalive: { after: 'string', interval: 'string', probes: 'int' },
  LoadBalancing: {
    policy: 'string',
    header: 'string',
    cookie: 'string',
    sourceAddress: 'bool',
    warmup: 'Warmup',
    locality: 'Locality',
  },
  Warmup: { duration: 'string', from: 'double', aggression: 'double' },
  Locality: {
    preference: 'string',
    failover: 'map<string, string>',
    distribute: 'map<string, map<string, double>>',
  },
  RateLimit: { limiter: 'string', ...rateFields, perHeader: 'map<string, HeaderLimit>' },
  HeaderLimit: rateFields,
} as const

/** The fields of the policy for requests. `origin`: the place that has no field. */
export const viewPolicy = (views: Views, origin: SpecNode | undefined, policy: TrafficPolicy) => ({
  timeout: policy.timeout,
  retries: () => viewRetries(views, origin, policy.retries),
  ...viewInstances(views, origin, policy),
})

/** The fields of the policy for instances and connections. A port or a version without its own policy has none of them. */
export function viewInstances(views: Views, origin: SpecNode | undefined, policy: TrafficPolicy | undefined) {
  if (policy === undefined)
    return { circuitBreaker: undefined, connections: undefined, loadBalancing: undefined }
  const { make } = views
  const { circuitBreaker, connections, loadBalancing, limitless } = policy
  const makeAbsent = (field: string) => new Absent(limitless.find(({ key }) => key === field))
  return {
    circuitBreaker:
      circuitBreaker === undefined
        ? makeAbsent('circuitBreaker')
        : make('CircuitBreaker', origin, { ...circuitBreaker }),
    connections:
      connections === undefined
        ? makeAbsent('connections')
        : make('Connections', origin, {
            ...connections,
            keepalive: connections.keepalive && make('Keepalive', origin, { ...connections.keepalive }),
          }),
    loadBalancing: () =>
      make('LoadBalancing', origin, {
        ...loadBalancing,
        warmup:
          loadBalancing.warmup && make('Warmup', loadBalancing.warmup.origin, { ...loadBalancing.warmup }),
        locality: viewLocality(views, loadBalancing.locality),
      }),
  }
}

function viewLocality({ make, record }: Views, locality: LocalityPreference | undefined): object | undefined {
  if (locality === undefined) return undefined
  const { origin, word, failover, distribute } = locality
  return make('Locality', origin, {
    preference: word,
    failover: record(failover),
    distribute: record(distribute.map(({ from, to }) => [from.value, record(to, 'double')])),
  })
}

export function viewRateLimit(views: Views, rateLimit: RateLimit | undefined): object | undefined {
  if (rateLimit === undefined) return undefined
  const { origin, counted, whole, perHeader } = rateLimit
  return views.make('RateLimit', origin, {
    limiter: counted?.by,
    ...viewRate(whole),
    perHeader: views.record(
      perHeader.map(({ header, rate }) => [
        header.value,
        views.make('HeaderLimit', rate.origin, viewRate(rate)),
      ]),
    ),
  })
}

const viewRate = (rate: Rate | undefined) => ({
  requests: rate?.requests,
  perSecond: rate?.requests.map(text => {
    const { requests, seconds } = parseRate(text)
    return requests / seconds
  }),
  burst: rate?.burst,
})

export const viewAuthorize = (views: Views, authorize: Authorize | undefined): object | undefined =>
  authorize &&
  views.make('Authorize', authorize.origin, {
    by: authorize.by,
    requests: authorize.requests.map(requests => viewAskedRequests(views, requests)),
  })

const viewAskedRequests = (views: Views, requests: AskedRequests): object =>
  views.make('AskedRequests', requests.origin, {
    methods: views.list(requests.methods),
    exceptMethods: views.list(requests.exceptMethods),
    paths: listMatchTexts(views, requests.paths),
    exceptPaths: listMatchTexts(views, requests.exceptPaths),
    ports: views.list(requests.ports.map(({ origin, port }) => from(origin, port.key))),
    headers: viewHeaders(views, requests.headers),
  })

export const viewAuthorizer = ({ make, list }: Views, authorizer: Authorizer): object =>
  make('Authorizer', authorizer.origin, {
    name: authorizer.name,
    protocol: authorizer.protocol,
    address: text`${authorizer.host}:${authorizer.port}`,
    timeout: authorizer.timeout,
    failOpen: authorizer.failOpen,
    statusOnError: authorizer.statusOnError,
    path: authorizer.path,
    sendHeaders: list(authorizer.sendHeaders),
    forwardHeaders: list(authorizer.forwardHeaders),
    refusalHeaders: list(authorizer.refusalHeaders),
    responseHeaders: list(authorizer.responseHeaders),
  })

export const viewRateLimiter = ({ make }: Views, limiter: RateLimiter): object =>
  make('RateLimiter', limiter.origin, {
    name: limiter.name,
    address: text`${limiter.host}:${limiter.port}`,
    domain: limiter.domain,
    timeout: limiter.timeout,
    failOpen: limiter.failOpen,
  })

export const viewRetries = (
  { make, list }: Views,
  origin: SpecNode | undefined,
  { attempts, perTryTimeout, limitlessTry, on }: Retries,
): object =>
  make('Retries', origin, {
    attempts,
    perTryTimeout: perTryTimeout ?? new Absent(limitlessTry),
    on: list(listRetryConditions(on, attempts.value > 0)),
  })

/** Lists the conditions of retries, each with its place; Istio's default has its own word. */
function listRetryConditions(on: Retries['on'], isRetried: boolean): readonly Sourced<string>[] {
  if (on.value.length === 0 && isRetried) return [on.map(() => 'istio-default')]
  const { origins } = on
  return on.value.map((word, index) => {
    const place = origins.find(origin => origin instanceof SpecNode && origin.key === index)
    return place instanceof SpecNode ? from(place, word) : on.map(() => word)
  })
}

/** An entry of `allow`, whose conditions are empty for an external system. */
export function viewAllow(views: Views, rule: Allow | ExternalAllow) {
  const { list, record } = views
  const caller = { from: from(rule.from.origin, nameCaller(rule.from)), because: rule.reason }
  if (!('methods' in rule))
    return {
      ...caller,
      methods: list([]),
      paths: list([]),
      ports: list([]),
      jwt: undefined,
      issuers: list([]),
      claims: record([]),
      headers: record([]),
    }
  return {
    ...caller,
    methods: list(rule.methods),
    paths: listMatchTexts(views, rule.paths),
    ports: list(rule.ports.map(({ origin, port }) => from(origin, port.key))),
    jwt: rule.jwtRequired,
    issuers: list(rule.issuers),
    claims: viewClaims(views, rule.claims),
    headers: viewHeaders(views, rule.headers),
  }
}

export const viewDeny = (views: Views, rule: Deny): object => {
  const { make, list } = views
  return make('Deny', rule.origin, {
    from: rule.from && from(rule.from.origin, nameCaller(rule.from)),
    methods: list(rule.methods),
    paths: listMatchTexts(views, rule.paths),
    ports: list(rule.ports.map(({ origin, port }) => from(origin, port.key))),
    headers: viewHeaders(views, rule.headers),
    jwt: rule.jwtMissing,
    claims: viewClaims(views, rule.claims),
    clientAddresses: list(rule.clientAddresses),
    exceptClientAddresses: list(rule.exceptClientAddresses),
    peerAddresses: list(rule.peerAddresses),
    because: rule.reason,
  })
}

export const viewIssuer = ({ make, list, record }: Views, issuer: Issuer): object =>
  make('Issuer', issuer.origin, {
    ...issuer,
    name: issuer.name === undefined ? undefined : from(issuer.origin, issuer.name),
    audiences: list(issuer.audiences),
    claimHeaders: record(issuer.claimHeaders),
  })

export const viewMatch = (views: Views, match: Match | undefined): object | undefined => {
  if (match === undefined) return undefined
  const { make, list, record } = views
  return make('Match', match.origin, {
    headers: recordMatches(views, match.headers),
    withoutHeaders: list(match.withoutHeaders),
    query: recordMatches(views, match.query),
    methods: list(match.methods),
    paths: listMatchTexts(views, match.paths),
    claims: record(match.claims.map(([path, values]) => [path.join('.'), listMatchTexts(views, values)])),
  })
}

export const viewRewrite = ({ make }: Views, rewrite: Rewrite | undefined): object | undefined =>
  rewrite && make('Rewrite', rewrite.origin, { path: rewrite.path, host: rewrite.host })

export function viewHeaderChanges(
  { make, list, record }: Views,
  changes: HeaderChanges | undefined,
): object | undefined {
  if (changes === undefined) return undefined
  const { origin, request, response } = changes
  return make('HeaderChanges', origin, {
    request: viewOperations(request),
    response: viewOperations(response),
  })

  function viewOperations({ set, add, remove }: HeaderOperations): object | undefined {
    if (set.length + add.length + remove.length === 0) return undefined
    return make('HeaderOperations', origin, { set: record(set), add: record(add), remove: list(remove) })
  }
}

export const viewReplicas = ({ make }: Views, origin: SpecNode | undefined, replicas: Replicas): object =>
  make('Replicas', origin, { ...replicas })

export const viewResources = (
  { make }: Views,
  origin: SpecNode | undefined,
  { requests, limits }: Resources,
): object =>
  make('Resources', origin, {
    requests: make('Quantities', origin, { ...requests }),
    limits: make('Quantities', origin, { ...limits }),
  })

export const listMatchTexts = (
  { list }: Views,
  matches: readonly Sourced<StringMatch>[],
): readonly unknown[] => list(matches.map(match => match.map(printMatch)))

export const recordMatches = (
  { record }: Views,
  matches: readonly (readonly [string, Sourced<StringMatch>])[],
): object => record(matches.map(([name, match]) => [name, match.map(printMatch)]))

/** A nested claim has the names that lead to it, with dots between them. */
export const viewClaims = ({ list, record }: Views, claims: Allow['claims']): object =>
  record(claims.map(([path, values]) => [path.join('.'), list(values)]))

const viewHeaders = ({ list, record }: Views, headers: Allow['headers']): object =>
  record(headers.map(([name, values]) => [name, list(values)]))
