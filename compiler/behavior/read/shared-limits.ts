import type { CountedRequests, LimiterEntry, LimiterFilter } from '../model.ts'
import { hasOnly } from './has-only.ts'
import { readDuration } from './values.ts'

const sharedFilterType = 'type.googleapis.com/envoy.extensions.filters.http.ratelimit.v3.RateLimit'

/**
 * Reads the configuration of a filter that asks a rate-limit service; undefined: it has a form that is not known. A service that
 * does not answer lets requests pass, or they get 500. See source/extensions/filters/http/ratelimit of envoyproxy/envoy.
 */
export function readLimiterFilter(
  typed: unknown,
): Omit<LimiterFilter, 'kind' | 'port' | 'isFirst'> | undefined {
  if (!hasOnly(typed, filterFields) || typed['@type'] !== sharedFilterType) return undefined
  const {
    domain,
    failure_mode_deny: isClosed = false,
    rate_limit_service: service,
    timeout = '0.02s',
  } = typed
  if (typeof domain !== 'string' || domain === '' || typeof isClosed !== 'boolean') return undefined
  const isDuration = typeof timeout === 'string' && /^\d+(\.\d+)?s$/.test(timeout)
  const milliseconds = isDuration ? readDuration({ timeout }, 'timeout') : undefined
  if (milliseconds === undefined) return undefined
  if (!hasOnly(service, ['grpc_service', 'transport_api_version'])) return undefined
  if (service['transport_api_version'] !== 'V3') return undefined
  const { grpc_service: grpc } = service
  if (!hasOnly(grpc, ['envoy_grpc', 'timeout'])) return undefined
  const { envoy_grpc: target } = grpc
  if (!hasOnly(target, ['cluster_name', 'authority'])) return undefined
  const { cluster_name: cluster, authority } = target
  if (typeof cluster !== 'string' || !/^outbound\|\d+\|\|[-.a-z0-9]+$/.test(cluster)) return undefined
  if (authority !== undefined && (typeof authority !== 'string' || authority === '')) return undefined
  const hasHeaders = (typed['enable_x_ratelimit_headers'] ?? 'OFF') !== 'OFF'
  return { domain, cluster, authority, milliseconds, isClosed, hasHeaders }
}

/** The fields that decide which requests are limited, and the field for the headers of responses, which affects nothing else. */
const filterFields = [
  '@type',
  'domain',
  'failure_mode_deny',
  'timeout',
  'rate_limit_service',
  'enable_x_ratelimit_headers',
]

type Counted = Omit<CountedRequests, 'kind'>

/** Reads a patch that gives virtual hosts entries, by which all of their requests are counted. */
export function readCountedHost(match: unknown, patch: unknown): Counted | undefined {
  if (!hasOnly(match, ['context', 'routeConfiguration']) || !hasOnly(patch, ['operation', 'value']))
    return undefined
  if (patch['operation'] !== 'MERGE' || !hasOnly(patch['value'], ['rate_limits'])) return undefined
  const descriptors = readActions(patch['value']['rate_limits'])
  if (descriptors === undefined) return undefined
  const { routeConfiguration } = match
  if (routeConfiguration === undefined) return { virtualHost: undefined, route: undefined, descriptors }
  if (!hasOnly(routeConfiguration, ['vhost'])) return undefined
  const { vhost = {} } = routeConfiguration
  if (!hasOnly(vhost, ['name', 'route'])) return undefined
  // A virtual host matches by its name only.
  const { name = '', route = {} } = vhost
  if (typeof name !== 'string' || !hasOnly(route, ['action']) || (route['action'] ?? 'ANY') !== 'ANY')
    return undefined
  return { virtualHost: name === '' ? undefined : name, route: undefined, descriptors }
}

/** Reads the patch for the action of a route; undefined: it has more than entries. */
export function readCountedRoute(value: unknown): CountedRequests['descriptors'] | undefined {
  if (!hasOnly(value, ['route']) || !hasOnly(value['route'], ['rate_limits'])) return undefined
  return readActions(value['route']['rate_limits'])
}

function readActions(limits: unknown): CountedRequests['descriptors'] | undefined {
  if (!Array.isArray(limits) || limits.length === 0) return undefined
  const descriptors = limits.flatMap(limit => {
    if (!hasOnly(limit, ['actions'])) return []
    const { actions } = limit
    if (!Array.isArray(actions) || actions.length === 0) return []
    const entries = actions.flatMap(action => readEntry(action) ?? [])
    return entries.length === actions.length ? [entries] : []
  })
  return descriptors.length === limits.length ? descriptors : undefined
}

function readEntry(action: unknown): LimiterEntry | undefined {
  if (hasOnly(action, ['generic_key'])) {
    const fields = action['generic_key']
    if (!hasOnly(fields, ['descriptor_key', 'descriptor_value'])) return undefined
    const { descriptor_key: key = 'generic_key', descriptor_value: value } = fields
    return isFilledText(key) && isFilledText(value) ? { key, value, header: undefined } : undefined
  }
  if (hasOnly(action, ['request_headers'])) {
    const fields = action['request_headers']
    if (!hasOnly(fields, ['header_name', 'descriptor_key'])) return undefined
    const { header_name: header, descriptor_key: key } = fields
    return isFilledText(key) && isFilledText(header)
      ? { key, value: undefined, header: header.toLowerCase() }
      : undefined
  }
  if (hasOnly(action, ['remote_address']) && hasOnly(action['remote_address'], []))
    return { key: 'remote_address', value: undefined, header: undefined }
  return undefined
}

const isFilledText = (value: unknown): value is string => typeof value === 'string' && value !== ''
