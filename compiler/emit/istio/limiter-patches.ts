import type { ConfigPatch, RateLimitActions } from '../../../schema/generated/envoy-filter.ts'
import { parseDuration } from '../../mesh/duration.ts'
import type { Counted } from '../../mesh/limit-descriptors.ts'
import type { RateLimit, RateLimiter } from '../../mesh/mesh.ts'
import { because, type Sourced, text } from '../../mesh/sourced.ts'
import type { Sourceable } from '../sourceable.ts'

/** Prints a duration as protobuf reads one of an Envoy: in seconds. */
const printSeconds = (duration: string): string => `${parseDuration(duration) / 1000}s`

type Context = 'SIDECAR_INBOUND' | 'GATEWAY'

/** Makes the filter that asks a rate-limit service about each request that a route or a virtual host counts. */
export const makeLimiterFilter = ({
  domain,
  host,
  port,
  timeout,
  failOpen,
}: RateLimiter): Sourceable<NonNullable<ConfigPatch['patch']['value']>> => ({
  name: 'envoy.filters.http.ratelimit',
  typed_config: {
    '@type': 'type.googleapis.com/envoy.extensions.filters.http.ratelimit.v3.RateLimit',
    domain,
    failure_mode_deny: failOpen.map(isOpen => !isOpen),
    timeout: timeout.map(printSeconds),
    rate_limit_service: {
      grpc_service: {
        envoy_grpc: { cluster_name: text`outbound|${port.map(String)}||${host}`, authority: host },
      },
      transport_api_version: 'V3',
    },
  },
})

/** Counts all requests of a proxy. */
export const countAll = (context: Context, limit: RateLimit, counted: Counted): Sourceable<ConfigPatch> => ({
  applyTo: 'VIRTUAL_HOST',
  match: { context },
  patch: { operation: 'MERGE', value: { rate_limits: makeActions(limit, counted) } },
})

/** Counts the requests of a route of a gateway. They no longer count among all requests of the proxy. */
export const countRoutes = (
  virtualHost: Sourced<string>,
  route: Sourced<string>,
  limit: RateLimit,
  counted: Counted,
): Sourceable<ConfigPatch> => ({
  applyTo: 'HTTP_ROUTE',
  match: {
    context: 'GATEWAY',
    routeConfiguration: { vhost: { name: virtualHost, route: { name: route } } },
  },
  patch: { operation: 'MERGE', value: { route: { rate_limits: makeActions(limit, counted) } } },
})

/** Makes the counters of a request: one for its destination, and one for the value of each header. */
function makeActions(
  { whole, perHeader }: RateLimit,
  { key, value }: Counted,
): Sourceable<RateLimitActions>[] {
  const subject = { generic_key: { descriptor_key: key, descriptor_value: value } }
  return [
    ...(whole === undefined ? [] : [because({ actions: [subject] }, whole.requests)]),
    ...perHeader.map(({ header }) =>
      because(
        { actions: [subject, { request_headers: { header_name: header, descriptor_key: header } }] },
        header,
      ),
    ),
  ]
}
