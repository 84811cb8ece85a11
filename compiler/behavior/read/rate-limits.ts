import type { ManifestObject } from '../manifest-object.ts'
import type {
  CountedRequests,
  LimiterFilter,
  LocalLimit,
  LocalRate,
  RateLimit,
  SharedLimit,
  VirtualService,
} from '../model.ts'
import { hasOnly } from './has-only.ts'
import { readObject } from './read-object.ts'
import { readCountedHost, readCountedRoute, readLimiterFilter } from './shared-limits.ts'
import {
  isMap,
  listAt,
  type ManifestMap,
  mapAt,
  numberAt,
  readDuration,
  readLabels,
  readText,
} from './values.ts'

/**
 * Reads an EnvoyFilter that contains only rate limits of a known form; undefined: it contains another patch. A limit answers some
 * requests with 429, and passes all others unchanged. See patchHTTPFilters and patchHTTPRoutes in
 * pilot/pkg/networking/core/envoyfilter of istio/istio, and source/extensions/filters/http/local_ratelimit of envoyproxy/envoy.
 */
export function readRateLimit(source: ManifestObject): RateLimit | undefined {
  const spec = mapAt(source.value, 'spec')
  const [group] = (readText(source.value, 'apiVersion') ?? '').split('/')
  if (group !== 'networking.istio.io' || readText(source.value, 'kind') !== 'EnvoyFilter') return undefined
  if (!hasOnly(spec, ['workloadSelector', 'priority', 'configPatches'])) return undefined
  if (spec['workloadSelector'] !== undefined && !hasOnly(spec['workloadSelector'], ['labels']))
    return undefined
  const patches = listAt(spec, 'configPatches')
  const limits = patches.flatMap((patch, index): readonly (LocalLimit | SharedLimit)[] => {
    const limit = readPatch(patch)
    return limit === undefined ? [] : [{ ...limit, path: ['spec', 'configPatches', index] }]
  })
  if (patches.length === 0 || limits.length < patches.length) return undefined
  return {
    ...readObject(source),
    workloads: readLabels(mapAt(spec, 'workloadSelector'), 'labels'),
    limits: limits.flatMap(limit => (isShared(limit) ? [] : [limit])),
    sharedLimits: limits.filter(isShared),
  }
}

const isShared = (limit: LocalLimit | SharedLimit): limit is SharedLimit => 'kind' in limit

/**
 * Tells whether a limit changes the action of routes that answer by themselves: Envoy forwards requests of a route with entries, so
 * the direct answer is lost.
 */
export const isChangingAnswers = (
  { sharedLimits }: RateLimit,
  virtualServices: readonly VirtualService[],
): boolean =>
  sharedLimits.some(
    limit =>
      limit.kind === 'entries' &&
      limit.route !== undefined &&
      virtualServices.some(({ http }) =>
        http.some(
          ({ name, destinations }) =>
            destinations.length === 0 && (limit.route === name || limit.route!.startsWith(`${name}.`)),
        ),
      ),
  )

type Patched = Omit<LocalLimit, 'path'> | (Pick<SharedLimit, 'way'> & (LimiterFilter | CountedRequests))

const ways = { SIDECAR_INBOUND: 'inbound', GATEWAY: 'gateway' } as const
const filterName = 'envoy.filters.http.local_ratelimit'
const localFilterType = 'type.googleapis.com/envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit'

function readPatch(patch: unknown): Patched | undefined {
  if (!hasOnly(patch, ['applyTo', 'match', 'patch'])) return undefined
  switch (patch['applyTo']) {
    case 'HTTP_FILTER':
      return readFilter(patch['match'], patch['patch'])
    case 'HTTP_ROUTE':
      return readRoute(patch['match'], patch['patch'])
    case 'VIRTUAL_HOST':
      return readVirtualHost(patch['match'], patch['patch'])
    default:
      return undefined
  }
}

/** Reads a patch that adds the filter to the HTTP filters: before the policy filters, or directly before the router. */
function readFilter(match: unknown, patch: unknown): Patched | undefined {
  if (!hasOnly(match, ['context', 'listener']) || !hasOnly(patch, ['operation', 'value'])) return undefined
  const way = findLimitWay(match)
  const { listener } = match
  if (way === undefined || !hasOnly(listener, ['portNumber', 'filterChain'])) return undefined
  const { filterChain } = listener
  const port = numberAt(listener, 'portNumber')
  // For a gateway, the port is that of its listener, which is not the port that a client dials.
  if (listener['portNumber'] !== undefined && (port === undefined || way === 'gateway')) return undefined
  if (!hasOnly(filterChain, ['filter'])) return undefined
  const { filter } = filterChain
  if (!hasOnly(filter, ['name', 'subFilter'])) return undefined
  if (filter['name'] !== 'envoy.filters.network.http_connection_manager') return undefined
  const { subFilter } = filter
  if (subFilter !== undefined && !(hasOnly(subFilter, ['name']) && subFilter['name'] === routerName))
    return undefined
  const isFirst = patch['operation'] === 'INSERT_FIRST' || subFilter === undefined
  if (patch['operation'] !== 'INSERT_BEFORE' && patch['operation'] !== 'INSERT_FIRST') return undefined
  const { value } = patch
  if (!hasOnly(value, ['name', 'typed_config'])) return undefined
  if (value['name'] === limiterName) {
    const limiter = readLimiterFilter(value['typed_config'])
    return limiter && { kind: 'filter', way, port, isFirst, ...limiter }
  }
  if (value['name'] !== filterName) return undefined
  const rate = readConfig(value['typed_config'])
  return rate && { way, port, route: undefined, isFirst, ...rate }
}

const limiterName = 'envoy.filters.http.ratelimit'
const routerName = 'envoy.filters.http.router'

/** Reads a patch that gives the routes of one name at a gateway a limit of their own. */
function readRoute(match: unknown, patch: unknown): Patched | undefined {
  if (!hasOnly(match, ['context', 'routeConfiguration']) || findLimitWay(match) !== 'gateway')
    return undefined
  const { routeConfiguration } = match
  if (!hasOnly(routeConfiguration, ['vhost'])) return undefined
  const { vhost } = routeConfiguration
  if (!hasOnly(vhost, ['name', 'route'])) return undefined
  const { route } = vhost
  if (!hasOnly(route, ['name'])) return undefined
  const [virtualHost, name] = [vhost['name'], route['name']]
  if (typeof name !== 'string' || name === '') return undefined
  if (virtualHost !== undefined && (typeof virtualHost !== 'string' || virtualHost === '')) return undefined
  if (!hasOnly(patch, ['operation', 'value']) || patch['operation'] !== 'MERGE') return undefined
  const { value } = patch
  const descriptors = readCountedRoute(value)
  if (descriptors !== undefined)
    return { kind: 'entries', way: 'gateway', virtualHost, route: name, descriptors }
  if (!hasOnly(value, ['typed_per_filter_config'])) return undefined
  const { typed_per_filter_config: configs } = value
  if (!hasOnly(configs, [filterName])) return undefined
  const rate = readConfig(configs[filterName])
  // Envoy refuses the configuration of a route without a bucket for all requests.
  if (rate?.whole === undefined) return undefined
  return {
    way: 'gateway',
    port: undefined,
    route: { virtualHost, name },
    isFirst: false,
    ...rate,
    whole: rate.whole.requests === mostRequests ? undefined : rate.whole,
  }
}

/** Reads a patch that gives virtual hosts the entries by which a rate-limit service counts their requests. */
function readVirtualHost(match: unknown, patch: unknown): Patched | undefined {
  const way = isMap(match) ? findLimitWay(match) : undefined
  const counted = readCountedHost(match, patch)
  return way && counted && { kind: 'entries', way, ...counted }
}

const findLimitWay = (match: ManifestMap) =>
  Object.hasOwn(ways, String(match['context'])) ? ways[match['context'] as keyof typeof ways] : undefined

/** Reads the configuration of the filter, as it is or in a struct. */
function readConfig(typed: unknown): Config | undefined {
  if (!isMap(typed)) return undefined
  const { '@type': type, ...fields } = typed
  if (type === localFilterType) return readFields(fields)
  const isStruct = type === 'type.googleapis.com/udpa.type.v1.TypedStruct' || type === structType
  if (!isStruct || !hasOnly(fields, ['type_url', 'value']) || fields['type_url'] !== localFilterType)
    return undefined
  return readFields(fields['value'])
}

type Config = Pick<LocalLimit, 'whole' | 'perHeader' | 'mostValues' | 'hasHeaders'>

const structType = 'type.googleapis.com/xds.type.v3.TypedStruct'

function readFields(config: unknown): Config | undefined {
  if (!hasOnly(config, configFields)) return undefined
  const { stat_prefix: prefix, token_bucket: bucket, max_dynamic_descriptors: values } = config
  if (typeof prefix !== 'string' || prefix === '') return undefined
  if (values !== undefined && !isLimitNumber(values)) return undefined
  const rest = {
    mostValues: values,
    hasHeaders: ['response_headers_to_add', 'enable_x_ratelimit_headers'].some(name => name in config),
  }
  const isEmpty = bucket === undefined && config['descriptors'] === undefined
  const switches = ['filter_enabled', 'filter_enforced'].map(name => config[name])
  // A filter without limits is for the routes that have some.
  if (!switches.every(each => (isEmpty && each === undefined) || isAlways(each))) return undefined
  const whole = bucket === undefined ? undefined : readBucket(bucket)
  if (bucket !== undefined && whole === undefined) return undefined
  if (config['rate_limits'] === undefined && config['descriptors'] === undefined)
    return { whole, perHeader: [], ...rest }
  const perHeader = readLocalDescriptors(config['rate_limits'], config['descriptors'])
  return perHeader && { whole, perHeader, ...rest }
}

/** The fields that decide which requests are limited, and fields for the headers of responses, which affect nothing else. */
const configFields = [
  'stat_prefix',
  'token_bucket',
  'filter_enabled',
  'filter_enforced',
  'rate_limits',
  'descriptors',
  'max_dynamic_descriptors',
  'response_headers_to_add',
  'enable_x_ratelimit_headers',
]

/** Tells whether a share is all requests, whatever a key of the runtime is called: nothing sets one. */
function isAlways(share: unknown): boolean {
  if (!hasOnly(share, ['runtime_key', 'default_value'])) return false
  const value = share['default_value']
  if (!hasOnly(value, ['numerator', 'denominator'])) return false
  return value['numerator'] === 100 && (value['denominator'] ?? 'HUNDRED') === 'HUNDRED'
}

/** Reads a token bucket. Envoy refuses a bucket with a fill interval below 50ms. */
function readBucket(bucket: unknown): LocalRate | undefined {
  if (!hasOnly(bucket, ['max_tokens', 'tokens_per_fill', 'fill_interval'])) return undefined
  const { max_tokens: burst, tokens_per_fill: requests = 1, fill_interval: interval } = bucket
  const milliseconds =
    typeof interval === 'string' && /^\d+(\.\d+)?s$/.test(interval)
      ? readDuration(bucket, 'fill_interval')
      : undefined
  if (!isLimitNumber(burst) || !isLimitNumber(requests) || milliseconds === undefined || milliseconds < 50)
    return undefined
  return { requests, milliseconds, burst }
}

/** Reads the one form of descriptors that is known: each value of a header has a bucket of its own. */
function readLocalDescriptors(limits: unknown, descriptors: unknown): LocalLimit['perHeader'] | undefined {
  if (!Array.isArray(limits) || !Array.isArray(descriptors)) return undefined
  const rates = new Map(descriptors.map(readLocalDescriptor))
  const headers = limits.map(readAction)
  // A descriptor without an action counts nothing, and an action without a descriptor limits nothing.
  const isPaired = headers.every(entry => entry !== undefined && rates.get(entry.key) !== undefined)
  const keys = new Set(headers.map(entry => entry?.key))
  if (!isPaired || keys.size < headers.length || rates.size !== keys.size || descriptors.length !== keys.size)
    return undefined
  return headers.map(entry => ({ header: entry!.header.toLowerCase(), ...rates.get(entry!.key)! }))
}

function readAction(limit: unknown): { readonly header: string; readonly key: string } | undefined {
  const action = hasOnly(limit, ['actions']) ? readOnlyEntry(limit['actions']) : undefined
  if (!hasOnly(action, ['request_headers'])) return undefined
  const fields = action['request_headers']
  if (!hasOnly(fields, ['header_name', 'descriptor_key'])) return undefined
  const { header_name: header, descriptor_key: key } = fields
  return typeof header === 'string' && header !== '' && typeof key === 'string' && key !== ''
    ? { header, key }
    : undefined
}

function readLocalDescriptor(descriptor: unknown): readonly [key: string, rate: LocalRate | undefined] {
  const unread = ['', undefined] as const
  if (!hasOnly(descriptor, ['entries', 'token_bucket'])) return unread
  const entry = readOnlyEntry(descriptor['entries'])
  if (!hasOnly(entry, ['key']) || typeof entry['key'] !== 'string') return unread
  return [entry['key'], readBucket(descriptor['token_bucket'])]
}

const readOnlyEntry = (list: unknown): unknown =>
  Array.isArray(list) && list.length === 1 ? list[0] : undefined

/** The most that a bucket holds: where Envoy asks for one, it limits nothing. */
const mostRequests = 4_294_967_295

const isLimitNumber = (value: unknown): value is number =>
  Number.isInteger(value) && Number(value) > 0 && Number(value) <= mostRequests
