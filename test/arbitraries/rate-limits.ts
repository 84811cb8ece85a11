import fc from 'fast-check'
import type { MeshFile } from '../../schema/spec/mesh.ts'
import type { ServiceSpec } from './services.ts'

type RateLimit = NonNullable<ServiceSpec['rateLimit']>
type RateLimiters = NonNullable<MeshFile['rateLimiters']>
type Services = Readonly<Record<string, ServiceSpec>>

const bursts = fc.constantFrom(5_000, 20_000)
/** Rates that are lower than the rates of all requests. */
const headerLimits = fc.oneof(
  fc.constantFrom('1/s', '20/m', '50/h'),
  fc.record({ requests: fc.constantFrom('1/s', '30/m'), burst: fc.constantFrom(40, 60) }),
)
const perHeader = fc.dictionary(fc.constantFrom('x-user', 'x-tenant', 'constructor'), headerLimits, {
  minKeys: 1,
  maxKeys: 2,
})

const limiterSettings = {
  timeout: fc.constantFrom('20ms', '1s'),
  failOpen: fc.boolean(),
}

/**
 * The rate limiters of a spec, in a namespace of another owner: one for all callers, and one that no gateway
 * calls.
 */
export const rateLimiters: fc.Arbitrary<RateLimiters> = fc.record({
  shared: fc.record(
    {
      grpc: fc.constantFrom('ratelimit.limits:8081', 'ratelimit.limits.svc.cluster.local:8081'),
      domain: fc.constantFrom('shop-all', 'Shop_1.eu'),
      ...limiterSettings,
    },
    { requiredKeys: ['grpc'] },
  ),
  constructor: fc.record(
    { grpc: fc.constant('counter.limits:9090'), ...limiterSettings },
    { requiredKeys: ['grpc'] },
  ),
})

/** The limit that a rate limiter counts. It has no bursts. */
const countedLimits: fc.Arbitrary<RateLimit> = fc.record(
  {
    limiter: fc.constantFrom('shared', 'constructor'),
    requests: fc.constantFrom('1000/s', '5000/m', '3600/h'),
    perHeader: fc.dictionary(
      fc.constantFrom('x-user', 'x-tenant', 'constructor'),
      fc.constantFrom('1/s', '20/m', '50/h'),
      { minKeys: 1, maxKeys: 2 },
    ),
  },
  { requiredKeys: ['limiter', 'requests'] },
)

/** The limit of a service, a gateway or a route. */
export const rateLimits: fc.Arbitrary<RateLimit> = fc.oneof(
  countedLimits,
  fc.constantFrom('100/s', '5000/m', '1/h'),
  fc.record(
    { requests: fc.constantFrom('1000/s', '5000/m', '3600/h'), burst: bursts, perHeader },
    { requiredKeys: ['requests'] },
  ),
  fc.record({ perHeader }),
)

/**
 * Adds a limit to the last written route of one service. A gateway of meshc must have the route, and no other
 * service on its hosts has a route with that name.
 */
export function limitRoute(
  services: Services,
  rateLimit: RateLimit | undefined,
  gateways: NonNullable<MeshFile['gateways']>,
): Services {
  if (rateLimit === undefined) return services
  // A gateway that passes connections on has no routes for them.
  const listEntrances = ({ expose }: ServiceSpec) =>
    (expose ?? []).filter(
      ({ gateway, host }) => host !== undefined && gateways[gateway]?.passthrough?.includes(host) !== true,
    )
  const listHosts = (service: ServiceSpec) =>
    listEntrances(service).map(({ gateway, host }) => `${gateway} ${host}`)
  for (const [key, service] of Object.entries(services)) {
    const route = service.routes?.at(-1)
    const entrances = listEntrances(service)
    const hosts = listHosts(service)
    if (route === undefined || hosts.length === 0) continue
    if (entrances.some(({ gateway }) => gateways[gateway]?.workload != null)) continue
    // A route that matches none of the exposed paths is at no gateway. The same is possible for a route with
    // conditions on claims.
    if (route.when !== undefined && !entrances.some(({ paths }) => paths === undefined)) continue
    if (route.when?.claims !== undefined) continue
    const isTaken = Object.entries(services).some(
      ([name, each]) =>
        name !== key &&
        listHosts(each).some(host => hosts.includes(host)) &&
        each.routes?.some(({ name: taken }) => taken === route.name),
    )
    if (isTaken) continue
    // A rate limiter cannot count redirected requests.
    const isCounted = typeof rateLimit === 'object' && rateLimit.limiter !== undefined
    if (isCounted && route.redirect !== undefined) continue
    const routes = [...service.routes!.slice(0, -1), { ...route, rateLimit }]
    return { ...services, [key]: { ...service, routes } }
  }
  return services
}

/** Adapts a limit to a gateway, whose proxies call only one rate limiter. */
export const limitAtGateway = (limit: RateLimit | undefined): RateLimit | undefined =>
  typeof limit === 'object' && limit.limiter !== undefined ? { ...limit, limiter: 'shared' } : limit

/** Lists the rate limiters that the limits of a spec name; undefined if there are none. */
export function listUsedLimiters(
  all: RateLimiters,
  services: Services,
  gateways: NonNullable<MeshFile['gateways']>,
): RateLimiters | undefined {
  const limits = [
    ...Object.values(services).flatMap(({ rateLimit, routes }) => [
      rateLimit,
      ...(routes ?? []).map(route => route.rateLimit),
    ]),
    ...Object.values(gateways).map(gateway => gateway?.rateLimit),
  ]
  const names = new Set(limits.map(limit => (typeof limit === 'object' ? limit?.limiter : undefined)))
  const used = Object.entries(all).filter(([name]) => names.has(name))
  return used.length === 0 ? undefined : Object.fromEntries(used)
}
