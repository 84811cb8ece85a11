import fc from 'fast-check'
import type { MeshFile } from '../../schema/spec/mesh.ts'
import {
  defined,
  durations,
  freeLabels,
  maybe,
  methodSets,
  namespaceNames,
  patterns,
  pick,
  reasons,
  seldom,
  serviceNames,
  versionNames,
} from './names.ts'
import { finishPorts, isHttp, type PortDraft, portDrafts } from './ports.ts'
import {
  circuitBreakers,
  connections,
  corses,
  faultDrafts,
  finishFault,
  finishMatch,
  headerChanges,
  loadBalancings,
  matchDrafts,
  patience,
  redirects,
  weights,
} from './traffic.ts'

export type ServiceSpec = NonNullable<NonNullable<MeshFile['services']>[string]>
type Allow = NonNullable<ServiceSpec['allow']>[number]
type Expose = NonNullable<ServiceSpec['expose']>[number]
type Route = NonNullable<ServiceSpec['routes']>[number]
type Match = NonNullable<Route['when']>
type Rewrite = NonNullable<Route['rewrite']>
type Gateways = NonNullable<MeshFile['gateways']>

const versionDrafts = fc.uniqueArray(
  fc.record({
    name: fc.constantFrom(...versionNames),
    spec: fc.constantFrom('empty', 'version', 'labels'),
    weight: fc.integer({ min: 0, max: 10 }),
  }),
  { selector: ({ name }) => name, maxLength: 3 },
)

const rewrites = fc.constantFrom<Rewrite>(
  { path: '/' },
  { path: '/v2/', host: 'backend.example.com' },
  { host: 'backend.example.com' },
)

const routeDrafts = fc.record({
  match: matchDrafts,
  weights: fc.array(fc.integer({ min: 0, max: 10 }), { minLength: 3, maxLength: 3 }),
  redirect: seldom(redirects),
  rewrite: seldom(rewrites),
  headers: maybe(headerChanges),
  mirror: maybe(fc.record({ version: fc.nat({ max: 2 }), share: fc.integer({ min: 1, max: 100 }) })),
  patience,
})
type RouteDraft = typeof routeDrafts extends fc.Arbitrary<infer Draft> ? Draft : never

const conditions = fc.record({
  methods: maybe(methodSets),
  paths: maybe(fc.constantFrom<string[]>(['/api/*'], ['/healthz', '/v1/*'], ['/'])),
  ports: fc.boolean(),
  jwt: fc.boolean(),
  claims: maybe(
    fc.dictionary(
      fc.constantFrom('role', 'scope', 'realm_access.roles', 'https://example.com/tenant'),
      fc.uniqueArray(patterns, { minLength: 1, maxLength: 2 }),
      { minKeys: 1, maxKeys: 2 },
    ),
  ),
  because: maybe(reasons),
})
type Conditions = typeof conditions extends fc.Arbitrary<infer Draft> ? Draft : never

export const serviceDrafts = fc.record({
  name: fc.constantFrom(...serviceNames),
  /** Which of the namespaces of the mesh. */
  namespace: fc.nat({ max: namespaceNames.length - 1 }),
  renamed: seldom(fc.constant(true)),
  owner: maybe(fc.constantFrom('team-reviews', 'Payments @ Berlin', '0755', 'no')),
  labels: maybe(fc.constantFrom('app', 'app.kubernetes.io/name')),
  moreLabels: maybe(freeLabels),
  account: fc.boolean(),
  ports: portDrafts,
  versions: versionDrafts,
  routing: fc.constantFrom('none', 'traffic', 'active', 'routes'),
  active: fc.nat({ max: 2 }),
  mirror: maybe(fc.record({ version: fc.nat({ max: 2 }), share: fc.integer({ min: 1, max: 100 }) })),
  routes: fc.array(routeDrafts, { minLength: 1, maxLength: 3 }),
  /** Whether the last route takes what the others leave. */
  rest: fc.boolean(),
  fault: maybe(faultDrafts),
  expose: fc.array(
    fc.record({
      gateway: fc.nat({ max: 1 }),
      host: fc.nat({ max: 2 }),
      whole: fc.boolean(),
      exact: fc.boolean(),
      rewrite: maybe(rewrites),
      headers: maybe(headerChanges),
      cors: maybe(corses),
      port: fc.boolean(),
      allow: conditions,
    }),
    { maxLength: 2 },
  ),
  jwt: maybe(
    fc.record(
      {
        issuer: fc.constantFrom('https://login.example.com', 'accounts@example.com'),
        jwks: fc.constant('https://login.example.com/.well-known/jwks.json'),
        audiences: fc.constantFrom<string[]>(['shop'], ['shop', 'https://api.example.com']),
        header: fc.constantFrom('x-token', 'x-forwarded-token'),
        forward: fc.boolean(),
      },
      { requiredKeys: ['issuer', 'jwks'] },
    ),
  ),
  allow: fc.array(
    fc.record({
      from: fc.oneof(
        {
          weight: 6,
          arbitrary: fc.record({
            kind: fc.constant('service'),
            index: fc.nat({ max: serviceNames.length - 1 }),
          }),
        },
        fc.record({ kind: fc.constant('namespace'), index: fc.nat({ max: namespaceNames.length }) }),
        fc.record({ kind: fc.constant('external-caller'), index: fc.nat({ max: 1 }) }),
        fc.record({ kind: fc.constant('anyone'), index: fc.constant(0) }),
      ),
      conditions,
    }),
    { maxLength: 4 },
  ),
  patience,
  circuitBreaker: maybe(circuitBreakers),
  connections: maybe(connections),
  loadBalancing: maybe(loadBalancings),
  objective: maybe(
    fc.record(
      {
        availability: fc.constantFrom('99%', '99.9%', '99.95%'),
        latency: fc.record(
          {
            p50: durations(5, 100),
            p90: durations(100, 500),
            p95: durations(500, 1000),
            p99: durations(1000, 10_000),
          },
          { requiredKeys: ['p50'] },
        ),
      },
      { requiredKeys: ['availability'] },
    ),
  ),
})
export type ServiceDraft = typeof serviceDrafts extends fc.Arbitrary<infer Draft> ? Draft : never

/** What a service of a draft may refer to. */
export interface Surroundings {
  /** Names in the order of the drafts, with the namespace of each. */
  readonly services: readonly { readonly name: string; readonly namespace: string }[]
  readonly namespaces: readonly string[]
  readonly gateways: Gateways
  readonly faults: 'allowed' | 'forbidden'
  /** Whether the namespace goes without saying. */
  readonly oneNamespace: boolean
  /** Hosts with the paths that services have taken already: `gateway host` to paths. */
  readonly taken: Map<string, string[]>
}

/** A service that is right in its surroundings. */
export function finishService(draft: ServiceDraft, index: number, surroundings: Surroundings): ServiceSpec {
  const { name, namespace } = pick(surroundings.services, index)
  const { fields: portFields, ports } = finishPorts(draft.ports)
  const seesRequests = ports.some(port => isHttp(port.protocol))
  const versions = draft.versions.map(version => version.name)
  const exposures = seesRequests ? finishExposures(draft, name, ports, surroundings) : []
  const jwt = seesRequests ? draft.jwt : undefined
  const workload = defined({
    labels: draft.labels && { [draft.labels]: `${name}-pods`, ...draft.moreLabels },
    serviceAccount: draft.account ? `${name}-account` : undefined,
  })
  return defined({
    name: draft.renamed ? `${name}-svc` : undefined,
    namespace: surroundings.oneNamespace ? undefined : namespace,
    owner: draft.owner,
    workload: Object.keys(workload).length > 0 ? workload : undefined,
    ...portFields,
    versions:
      draft.versions.length === 0
        ? undefined
        : Object.fromEntries(
            draft.versions.map(({ name, spec }) => [
              name,
              spec === 'empty'
                ? {}
                : spec === 'version'
                  ? { version: `release-${name}` }
                  : { labels: { track: `${name}.0` } },
            ]),
          ),
    ...(seesRequests ? finishRouting(draft, versions, methodsOf(ports)) : finishRest(draft, versions, false)),
    fault:
      seesRequests && surroundings.faults === 'allowed' && draft.fault
        ? finishFault(draft.fault, name, methodsOf(ports))
        : undefined,
    expose: exposures.length > 0 ? exposures.map(({ expose }) => expose) : undefined,
    jwt,
    allow: finishAllow(draft, index, surroundings, {
      ports,
      hasJwt: jwt !== undefined,
      exposures,
    }),
    ...(seesRequests ? draft.patience : {}),
    circuitBreaker: draft.circuitBreaker,
    connections: draft.connections,
    loadBalancing:
      seesRequests || draft.loadBalancing?.policy !== 'consistent-hash' ? draft.loadBalancing : undefined,
    objective: seesRequests ? draft.objective : undefined,
  })
}

/** Where the requests of a service go. */
function finishRouting(
  draft: ServiceDraft,
  versions: readonly string[],
  methods: 'any' | 'POST',
): Partial<ServiceSpec> {
  if (draft.routing !== 'routes') return finishRest(draft, versions, true)
  const routes = finishRoutes(draft, versions, methods)
  const leavesOver = versions.length > 1 && routes.at(-1)?.when !== undefined
  return { routes, ...(leavesOver && finishRest(draft, versions, false)) }
}

/** The methods that a condition may name: every request of gRPC is a POST. */
const methodsOf = (ports: readonly PortDraft[]): 'any' | 'POST' =>
  ports.filter(({ protocol }) => isHttp(protocol)).every(({ protocol }) => protocol === 'grpc')
    ? 'POST'
    : 'any'

/** What every request, or connection, does that no route takes. */
function finishRest(
  draft: ServiceDraft,
  versions: readonly string[],
  mirrors: boolean,
): Partial<ServiceSpec> {
  if (versions.length === 0) return {}
  const mirror = mirrors && draft.mirror ? mirrorOf(draft.mirror, versions) : undefined
  if (draft.routing === 'active') {
    const active = pick(versions, draft.active)
    return { active, ...defined({ mirror: mirror?.version === active ? undefined : mirror?.shares }) }
  }
  const parts = draft.versions.map(version => version.weight)
  return { traffic: trafficOf(versions, parts, mirror), ...defined({ mirror: mirror?.shares }) }
}

/** Shares for these versions; the one that gets a copy gets nothing else. */
function trafficOf(
  versions: readonly string[],
  parts: readonly number[],
  mirror: Mirror | undefined,
): Record<string, string> {
  const others = versions.filter(version => version !== mirror?.version)
  const shares = weights(others.map(version => parts[versions.indexOf(version)] ?? 0))
  return Object.fromEntries(others.map((version, index) => [version, `${shares[index]}%`]))
}

interface Mirror {
  readonly version: string
  readonly shares: Record<string, string>
}

/** A copy for one of several versions. */
function mirrorOf(
  { version, share }: { readonly version: number; readonly share: number },
  versions: readonly string[],
): Mirror | undefined {
  if (versions.length < 2) return undefined
  const name = pick(versions, version)
  return { version: name, shares: { [name]: `${share}%` } }
}

function finishRoutes(draft: ServiceDraft, versions: readonly string[], methods: 'any' | 'POST'): Route[] {
  // A gateway narrows the paths of a route to those it exposes, which can be said of beginnings only.
  const match = ({ match }: RouteDraft) =>
    match.by === 'regex' && (draft.expose.length > 0 || draft.fault?.path)
      ? { ...match, by: 'path' as const }
      : match
  return draft.routes.map((route, index) => {
    const name = `route-${index + 1}`
    const isRest = draft.rest && index === draft.routes.length - 1
    const when = isRest ? undefined : asked(finishMatch(match(route), name), methods)
    if (route.redirect !== undefined && !isRest)
      return { name, ...defined({ when, redirect: route.redirect }) }
    const byPath = when?.paths?.every(path => typeof path === 'string') ?? false
    return { name, ...defined({ when, ...finishAction(route, versions, byPath) }) }
  })
}

/** A condition that a request can meet. */
const asked = (when: Match, methods: 'any' | 'POST'): Match =>
  methods === 'POST' && when.methods ? { ...when, methods: ['POST'] } : when

function finishAction(route: RouteDraft, versions: readonly string[], byPath: boolean): Partial<Route> {
  const mirror = route.mirror && mirrorOf(route.mirror, versions)
  return {
    ...(versions.length > 0 && { traffic: trafficOf(versions, route.weights, mirror) }),
    ...defined({
      rewrite: byPath || route.rewrite?.path === undefined ? route.rewrite : undefined,
      headers: route.headers,
      mirror: mirror?.shares,
    }),
    ...route.patience,
  }
}

/** Whether the service tells requests apart by paths, which a gateway must then leave as they are. */
const comparesPaths = ({ routing, routes, fault }: ServiceDraft) =>
  fault?.path === true || (routing === 'routes' && routes.some(({ match }) => /path|regex/.test(match.by)))

interface Exposure {
  readonly gateway: string
  readonly expose: Expose
  readonly allow: Conditions
}

function finishExposures(
  draft: ServiceDraft,
  name: string,
  ports: readonly PortDraft[],
  { gateways, taken }: Surroundings,
): readonly Exposure[] {
  const names = Object.keys(gateways)
  if (names.length === 0) return []
  const exposures: Exposure[] = []
  for (const expose of draft.expose) {
    const gateway = pick(names, expose.gateway)
    const host = pick(gateways[gateway]?.hosts ?? [], expose.host)
    const paths = taken.get(`${gateway} ${host}`) ?? []
    if (exposures.some(other => other.gateway === gateway && other.expose.host === host)) continue
    const whole = expose.whole && !paths.includes('/*')
    paths.push(whole ? '/*' : `/${name}`)
    taken.set(`${gateway} ${host}`, paths)
    const isHttpPort = (port: PortDraft) => isHttp(port.protocol)
    exposures.push({
      gateway,
      expose: {
        gateway,
        host,
        ...defined({
          paths: whole ? undefined : expose.exact ? [`/${name}`, `/${name}/index.html`] : [`/${name}/*`],
          rewrite: whole || comparesPaths(draft) ? undefined : expose.rewrite,
          headers: expose.headers,
          cors: expose.cors,
          port: expose.port ? ports.findLast(isHttpPort)?.name : undefined,
        }),
      },
      allow: expose.allow,
    })
  }
  return exposures
}

function finishAllow(
  draft: ServiceDraft,
  index: number,
  { services, namespaces }: Surroundings,
  own: {
    readonly ports: readonly PortDraft[]
    readonly hasJwt: boolean
    readonly exposures: readonly Exposure[]
  },
): Allow[] | undefined {
  const exception = own.ports.find(port => port.mtls !== undefined)
  const allows: Allow[] = []
  const seen = new Set<string>()
  const add = (from: string, conditions: Conditions) => {
    if (seen.has(from)) return
    seen.add(from)
    allows.push({ from, ...finishConditions(conditions, own) })
  }
  for (const { gateway, allow } of own.exposures) add(`gateway/${gateway}`, { ...allow, ports: false })
  for (const { from, conditions } of draft.allow) {
    if (from.kind === 'service') {
      const caller = pick(services, from.index)
      if (caller !== services[index]) add(caller.name, conditions)
    } else if (from.kind === 'namespace') {
      add(`namespace/${pick(namespaces, from.index)}`, conditions)
    } else if (from.kind === 'external-caller') {
      add(
        `external-caller/partner.example.com/ns/billing/sa/${pick(['exporter', 'web'], from.index)}`,
        conditions,
      )
    } else add('anyone', { ...conditions, because: conditions.because ?? 'everyone may look' })
  }
  if (exception !== undefined) {
    const reason = 'probes come from the nodes: they have no identity'
    if (!seen.has('anyone')) allows.push({ from: 'anyone', ports: [exception.name], because: reason })
  }
  return allows.length > 0 ? allows : undefined
}

function finishConditions(
  draft: Conditions,
  own: { readonly ports: readonly PortDraft[]; readonly hasJwt: boolean },
): Partial<Allow> {
  const http = own.ports.filter(port => isHttp(port.protocol))
  const jwt = own.hasJwt && draft.jwt
  const asksRequests = http.length > 0 && (draft.methods !== undefined || draft.paths !== undefined || jwt)
  const ports = draft.ports ? (asksRequests ? http : own.ports) : undefined
  return defined({
    methods:
      asksRequests && draft.methods
        ? methodsOf(own.ports) === 'POST'
          ? ['POST']
          : [...draft.methods]
        : undefined,
    paths: asksRequests ? draft.paths : undefined,
    ports: ports?.map(port => port.name),
    jwt: jwt && asksRequests ? ('required' as const) : undefined,
    claims: jwt && asksRequests ? draft.claims : undefined,
    because: draft.because,
  })
}
