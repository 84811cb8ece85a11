import type {
  CountedRequests,
  LimiterConfig,
  LimiterFilter,
  LocalLimit,
  LocalRate,
  RateLimit,
} from '../behavior/model.ts'
import type { Claim, Field, Proposal, Unsaid } from './claim.ts'
import type { ForeignMesh } from './foreign-mesh.ts'
import type { ForeignGateway } from './gateways.ts'
import { Unsayable } from './matches.ts'
import { findOwner, type PolicyOwner } from './policy-owner.ts'
import type { Tree } from './read-object-spec.ts'
import { printDuration } from './rules.ts'

/** The field of a service in a draft that holds the limits of its routes by their names, until the routes are there. */
export const routeLimits = 'routes.rateLimit'

/** Claims the EnvoyFilters that are nothing but rate limits of the form that the language writes. */
export function claimRateLimits(mesh: ForeignMesh, gateways: ReadonlyMap<string, ForeignGateway>): Proposal {
  const claims: Claim[] = []
  const unsaid: Unsaid[] = []
  const claimed = new Set<string>()
  // The limits of a rate limiter are in one object, so all filters that call it are accepted or rejected together.
  const counted = new Map<LimiterConfig, Pick<Claim, 'objects' | 'fields'>>()
  for (const object of mesh.model.rateLimits)
    try {
      const owner = findOwner(mesh, { ...object, selector: object.workloads }, gateways, 'rateLimit')
      const place = `${owner.section}.${owner.key}`
      if (claimed.has(place)) throw new Unsayable('another one has its pods')
      const fields = describeLimits(mesh, object, owner)
      const limiter = findLimiter(mesh, object)
      if (limiter === undefined) claims.push({ objects: [object], fields, isExact: true })
      else {
        const { config } = limiter
        const together = counted.get(config) ?? { objects: [config], fields: [] }
        counted.set(config, {
          objects: [...together.objects, object],
          fields: [...together.fields, ...describeLimiter(limiter), ...fields],
        })
      }
      claimed.add(place)
    } catch (error) {
      if (!(error instanceof Unsayable)) throw error
      unsaid.push({ object, reason: error.message })
    }
  const together = [...counted.values()].map(claim => ({ ...claim, isExact: true }))
  return { claims: [...claims, ...together], unsaid, ineffective: [] }
}

function describeLimits(mesh: ForeignMesh, object: RateLimit, owner: PolicyOwner): readonly Field[] {
  const { limits, sharedLimits } = object
  const way = owner.section === 'services' ? 'inbound' : 'gateway'
  if ([...limits, ...sharedLimits].some(limit => limit.way !== way))
    throw new Unsayable('it is about other requests of its pods')
  const filters = limits.filter(({ route }) => route === undefined)
  const [filter] = filters
  const limiter = findLimiter(mesh, object)
  const entries = sharedLimits.flatMap(limit => (limit.kind === 'entries' ? [limit] : []))
  const all = entries.filter(({ route }) => route === undefined)
  if (filters.length > 1 || all.length > 1 || (filter === undefined && limiter === undefined))
    throw new Unsayable('it counts requests several times')
  const path = [owner.section, owner.key, 'rateLimit']
  const values = [
    ...(filter === undefined ? [] : [describeLimit(filter)]),
    ...(limiter === undefined ? [] : all.map(limit => describeCounted(limiter, limit))),
  ].filter(value => value !== undefined)
  if (values.length > 1) throw new Unsayable('it counts requests several times')
  return [
    ...values.map(value => ({ path, value })),
    ...limits.flatMap(limit => describeRouteLimit(mesh, limit.route, () => describeLimit(limit))),
    ...(limiter === undefined
      ? []
      : entries.flatMap(limit =>
          describeRouteLimit(
            mesh,
            limit.route === undefined ? undefined : { virtualHost: limit.virtualHost, name: limit.route },
            () => describeCounted(limiter, limit),
          ),
        )),
  ]
}

/** A rate-limit service that some proxies ask, its filter there, and its limits. */
interface AskedLimiter {
  readonly name: string
  readonly filter: LimiterFilter
  readonly config: LimiterConfig
}

/** Finds the rate-limit service that the filters of an object call; undefined: none. */
function findLimiter({ model }: ForeignMesh, { sharedLimits }: RateLimit): AskedLimiter | undefined {
  if (sharedLimits.length === 0) return undefined
  const [filter, ...others] = sharedLimits.flatMap(limit => (limit.kind === 'filter' ? [limit] : []))
  if (filter === undefined || others.length > 0)
    throw new Unsayable('it asks another number of services than one')
  const namespace = filter.cluster.split('.')[1]
  const configs = model.limiterConfigs.filter(
    config => config.domain === filter.domain && config.namespace === namespace,
  )
  const [config] = configs
  const [, name] = /^(.+)\.rate-limits$/.exec(config?.name ?? '') ?? []
  if (config === undefined || configs.length > 1 || name === undefined)
    throw new Unsayable('its numbers are in no ConfigMap that the language writes')
  return { name, filter, config }
}

function describeLimiter({ name, filter }: AskedLimiter): readonly Field[] {
  const { cluster, domain, milliseconds, isClosed } = filter
  const [, port, , host = ''] = cluster.split('|')
  const value = {
    grpc: `${host.replace(/\.svc\.cluster\.local$/, '')}:${port}`,
    domain,
    ...(milliseconds !== 100 && { timeout: printDuration(milliseconds) }),
    ...(isClosed && { failOpen: false }),
  }
  return [{ path: ['rateLimiters', name], value }]
}

/** Describes a limit that a rate-limit service counts, by the descriptor of its subject. */
function describeCounted({ name, config }: AskedLimiter, { descriptors }: CountedRequests): Tree {
  const [subject] = descriptors[0] ?? []
  const limit = config.descriptors.find(
    ({ key, value }) => key === subject?.key && value === subject.value && value !== undefined,
  )
  if (limit === undefined) throw new Unsayable('it counts by other entries than those of the language')
  const perHeader = limit.descriptors.flatMap(({ key, rate }) =>
    rate === undefined ? [] : [[key, describeRate({ ...rate, burst: rate.requests })] as const],
  )
  return {
    limiter: name,
    ...(limit.rate !== undefined && {
      requests: describeRate({ ...limit.rate, burst: limit.rate.requests }),
    }),
    ...(perHeader.length > 0 && { perHeader: Object.fromEntries(perHeader) }),
  }
}

/** Describes the limit of a route of the services to which a gateway sends its requests. */
function describeRouteLimit(
  { model, services }: ForeignMesh,
  route: LocalLimit['route'],
  describe: () => Tree | string | undefined,
): readonly Field[] {
  if (route === undefined) return []
  const host = route.virtualHost?.replace(/:\d+$/, '')
  if (host === undefined) throw new Unsayable('it is about routes of all hosts')
  const rules = model.virtualServices
    .filter(({ hosts }) => hosts.includes(host))
    .flatMap(({ http }) => {
      const index = http.findIndex(({ name }) => name === route.name)
      // A redirect is of the service that the next rule leads to.
      return index === -1
        ? []
        : http
            .slice(index)
            .filter(each => each.destinations.length > 0)
            .slice(0, 1)
    })
  const destinations = new Set(rules.flatMap(rule => rule.destinations.map(each => each.host)))
  const name = route.name.replace(/-fault$/, '')
  return services
    .filter(({ service }) => destinations.has(service.host))
    .map(({ key }) => ({ path: ['services', key, routeLimits, name], value: describe() }))
}

function describeLimit({ whole, perHeader }: LocalLimit): Tree | string | undefined {
  const headers = Object.fromEntries(perHeader.map(rate => [rate.header, describeRate(rate)]))
  const rate = whole && describeRate(whole)
  if (perHeader.length === 0) return rate
  return { ...(typeof rate === 'string' ? { requests: rate } : rate), perHeader: headers }
}

function describeRate({ requests, milliseconds, burst }: LocalRate): Tree | string {
  const unit = units.get(milliseconds)
  if (unit === undefined) throw new Unsayable('it counts requests of another interval')
  const rate = `${requests}/${unit}`
  return burst === requests ? rate : { requests: rate, burst }
}

const units: ReadonlyMap<number, string> = new Map([
  [1000, 's'],
  [60_000, 'm'],
  [3_600_000, 'h'],
])
