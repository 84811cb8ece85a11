import type {
  ConfigPatch,
  LocalDescriptor,
  LocalRateLimit,
  RateLimitActions,
  TokenBucket,
} from '../../../schema/generated/envoy-filter.ts'
import { listListeners } from '../../mesh/gateway-listeners.ts'
import { type Counted, countGateway, countRoute, countService } from '../../mesh/limit-descriptors.ts'
import type { Gateway, Mesh, Rate, RateLimit, Route, Service, SharedMesh } from '../../mesh/mesh.ts'
import { parseRate } from '../../mesh/rate.ts'
import { because, type Sourced, type SpecNode, text, unwrap } from '../../mesh/sourced.ts'
import { labelRecord, type Manifest, makeManifest } from '../manifest.ts'
import type { Sourceable } from '../sourceable.ts'
import { type Exposed, makeExposedRules } from './gateway-virtual-service.ts'
import { countAll, countRoutes, makeLimiterFilter } from './limiter-patches.ts'

/** Emits the rate limit of a service: its sidecars count requests to its pods that policies have allowed. */
export function emitServiceRateLimit(mesh: SharedMesh, service: Service): readonly Manifest[] {
  const { rateLimit, name, namespace, selector } = service
  if (rateLimit === undefined || !isFirstToLimit(service)) return []
  const spec = because(
    {
      workloadSelector: { labels: labelRecord(selector) },
      priority,
      configPatches: limitAll('SIDECAR_INBOUND', rateLimit, countService(service)),
    } as const,
    rateLimit.origin,
  )
  const identity = {
    name: name.map(value => `${value}.rate-limit`),
    namespace,
    policy: 'policy:rate-limit',
    reasons: [rateLimit.origin],
  } as const
  return [makeManifest(mesh, 'EnvoyFilter', identity, spec)]
}

/** Tells whether the limit of the pods is written under the name of this service: all of their services that set one agree. */
const isFirstToLimit = (service: Service): boolean =>
  service.samePods.find(({ rateLimit }) => rateLimit !== undefined)?.key === service.key

/**
 * Emits the rate limits of a gateway and of its routes. Envoy reads the limits of routes only if the proxy has a filter, so there is
 * one even without a limit of its own.
 */
export function emitGatewayRateLimit(
  mesh: Mesh,
  gateway: Gateway,
  exposed: readonly Exposed[],
): readonly Manifest[] {
  const { rateLimit, name, workloadNamespace: namespace, selector } = gateway
  const limited = listLimitedRoutes(exposed)
  const routes = limitRoutes(gateway, limited)
  if (rateLimit === undefined && routes.length === 0) return []
  const limits = limited.map(({ rateLimit }) => rateLimit)
  const reasonsOfRoutes = limited.flatMap(({ rateLimit, reason }) => [rateLimit.origin, reason])
  const reasons = rateLimit === undefined ? reasonsOfRoutes : [rateLimit.origin]
  const isLocal = ({ counted }: RateLimit) => counted === undefined
  const limiter = limits.find(limit => limit.counted !== undefined)?.counted?.limiter
  const spec = because(
    {
      workloadSelector: { labels: labelRecord(selector) },
      priority,
      configPatches: [
        ...(rateLimit === undefined ? [] : limitAll('GATEWAY', rateLimit, countGateway(gateway))),
        ...(limits.some(isLocal) && (rateLimit === undefined || !isLocal(rateLimit))
          ? [
              because(
                insertFilter('GATEWAY', makeFilter({ '@type': configType, stat_prefix: statPrefix })),
                ...reasonsOfRoutes,
              ),
            ]
          : []),
        ...(limiter !== undefined && (rateLimit === undefined || isLocal(rateLimit))
          ? [because(insertFilter('GATEWAY', makeLimiterFilter(limiter)), ...reasonsOfRoutes)]
          : []),
        ...routes,
      ],
    } as const,
    ...reasons,
  )
  const identity = {
    name: name.map(value => `${value}.gateway-rate-limit`),
    namespace,
    policy: 'policy:rate-limit',
    reasons,
  } as const
  return [makeManifest(mesh, 'EnvoyFilter', identity, spec)]
}

/** A route with a limit, as a gateway shows it. */
interface LimitedRoute extends Exposed {
  readonly route: Route
  readonly rateLimit: RateLimit
  /** The word that names the gateway. */
  readonly reason: SpecNode
}

const listLimitedRoutes = (exposed: readonly Exposed[]): readonly LimitedRoute[] =>
  exposed.flatMap(({ service, exposure }) =>
    service.routes.flatMap(route =>
      route.rateLimit === undefined
        ? []
        : [{ service, exposure, route, rateLimit: route.rateLimit, reason: exposure.origin.at('gateway') }],
    ),
  )

/** Makes the patches for a limit of all requests of a proxy: it counts them, or asks a rate-limit service that does. */
function limitAll(
  context: Context,
  rateLimit: RateLimit,
  subject: Counted,
): readonly Sourceable<ConfigPatch>[] {
  const { counted } = rateLimit
  if (counted === undefined) return [insertFilter(context, makeFilter(makeConfig(rateLimit)))]
  return [
    insertFilter(context, makeLimiterFilter(counted.limiter)),
    countAll(context, rateLimit, subject),
  ].map(patch => because(patch, counted.by))
}

/** Filters of others that name no priority come before. Istio warns of a relative place without one (IST0151). */
const priority = 10

const filterName = 'envoy.filters.http.local_ratelimit'
const configType =
  'type.googleapis.com/envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit' as const
const statPrefix = 'rate_limit'

type Context = 'SIDECAR_INBOUND' | 'GATEWAY'
type FilterValue = ConfigPatch['patch']['value']

const insertFilter = (context: Context, value: Sourceable<FilterValue>): Sourceable<ConfigPatch> => ({
  applyTo: 'HTTP_FILTER',
  match: {
    context,
    listener: {
      filterChain: {
        filter: {
          name: 'envoy.filters.network.http_connection_manager',
          subFilter: { name: 'envoy.filters.http.router' },
        },
      },
    },
  },
  patch: { operation: 'INSERT_BEFORE', value },
})

const makeFilter = (config: Sourceable<LocalRateLimit>): Sourceable<FilterValue> => ({
  name: filterName,
  typed_config: config,
})

/**
 * Gives the routes of the services at the hosts of a gateway their limits, each once: a service may be exposed several times on
 * one host. Istio names a virtual host `host:port`.
 */
function limitRoutes(gateway: Gateway, limited: readonly LimitedRoute[]): readonly Sourceable<ConfigPatch>[] {
  return limited.flatMap(each => {
    const { service, exposure, route, rateLimit } = each
    const same = limited.filter(
      candidate => candidate.route === route && candidate.exposure.host.value === exposure.host.value,
    )
    if (same[0] !== each) return []
    const names = findNames(same.flatMap(makeExposedRules), route.name)
    return listListeners(gateway).flatMap(({ scheme, number }) =>
      names.map(routeName =>
        because(
          limitRoute(
            text`${exposure.host}:${number.map(String)}`,
            routeName,
            rateLimit,
            countRoute(service, route),
          ),
          rateLimit.origin,
          ...(scheme === 'http' ? [gateway.http] : []),
        ),
      ),
    )
  })
}

/** Finds the names of the rules of a route, each once and for the reasons of the rules: one with a fault has a rule of its own. */
function findNames(
  rules: ReturnType<typeof makeExposedRules>,
  route: Sourced<string>,
): readonly Sourced<string>[] {
  return [route.value, `${route.value}-fault`].flatMap(name => {
    const named = rules.filter(rule => nameRule(rule) === name)
    return named.length === 0 ? [] : [because(name, route, ...named)]
  })
}

/** The name of a rule, without its reasons. */
const nameRule = (rule: Sourced<unknown>): unknown =>
  unwrap((unwrap(rule) as { readonly name: unknown }).name)

const limitRoute = (
  virtualHost: Sourced<string>,
  route: Sourced<string>,
  rateLimit: RateLimit,
  subject: Counted,
): Sourceable<ConfigPatch> =>
  rateLimit.counted === undefined
    ? {
        applyTo: 'HTTP_ROUTE',
        match: {
          context: 'GATEWAY',
          routeConfiguration: { vhost: { name: virtualHost, route: { name: route } } },
        },
        patch: {
          operation: 'MERGE',
          value: { typed_per_filter_config: { [filterName]: makeConfig(rateLimit, unlimited) } },
        },
      }
    : because(countRoutes(virtualHost, route, rateLimit, subject), rateLimit.counted.by)

const always = { default_value: { numerator: 100, denominator: 'HUNDRED' } } as const

/** The most values of a header for which one proxy counts; it forgets the value that it has not seen for the longest time. */
const mostValues = 10_000

/** A bucket that refuses nothing: Envoy asks for one in the configuration of a route. */
const unlimited = {
  max_tokens: 4_294_967_295,
  tokens_per_fill: 4_294_967_295,
  fill_interval: '1s',
} as const

/** @param otherwise the bucket where only the values of headers are limited */
function makeConfig(
  { whole, perHeader }: RateLimit,
  otherwise?: Sourceable<TokenBucket>,
): Sourceable<LocalRateLimit> {
  const config = {
    '@type': configType,
    stat_prefix: statPrefix,
    token_bucket: whole === undefined ? otherwise : makeBucket(whole),
    filter_enabled: always,
    filter_enforced: always,
  } as const
  if (perHeader.length === 0) return config
  return {
    ...config,
    max_dynamic_descriptors: mostValues,
    rate_limits: perHeader.map(
      ({ header }): Sourceable<RateLimitActions> =>
        because({ actions: [{ request_headers: { header_name: header, descriptor_key: header } }] }, header),
    ),
    descriptors: perHeader.map(
      ({ header, rate }): Sourceable<LocalDescriptor> =>
        because({ entries: [{ key: header }], token_bucket: makeBucket(rate) }, header),
    ),
  }
}

const makeBucket = ({ requests, burst }: Rate): Sourceable<TokenBucket> => ({
  max_tokens: burst ?? requests.map(rate => parseRate(rate).requests),
  tokens_per_fill: requests.map(rate => parseRate(rate).requests),
  fill_interval: requests.map(rate => `${parseRate(rate).seconds}s`),
})
