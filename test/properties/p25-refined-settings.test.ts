import * as assert from 'uvu/assert'
import type {
  DestinationRuleSpec,
  LoadBalancer,
  PortTrafficPolicy,
  TrafficPolicy,
} from '../../schema/generated/destination-rule.ts'
import { hasServiceRule, isRefined, type Level, nearest, seesRequests } from '../support/declared.ts'
import { getBreaker, getPool, inMilliseconds } from '../support/declared-limits.ts'
import { listObjects } from '../support/output.ts'
import { property } from '../support/property.ts'
import { milliseconds, percent } from '../support/quantities.ts'

/**
 * P25. Callers of each version at each port have the settings of the nearest level, after Istio has merged
 * the rule.
 */
property(
  25,
  'versions and ports have the settings that the spec sets for them, and inherit the others',
  [
    'a port that sets something',
    'a version that sets something',
    'a version at a port that both set something',
    'a version that takes something away',
    'a port with near instances first',
  ],
  (compilation, { services, spec: { patches = [] } }, saw) => {
    const rules = new Map(listObjects(compilation, 'DestinationRule').map(rule => [rule.spec.host, rule]))
    for (const service of services) {
      const { host, name, namespace, ports, versions } = service
      const isPatched = patches.some(
        patch => patch.kind === 'DestinationRule' && patch.name === name && patch.namespace === namespace,
      )
      if (ports.length === 0 || !hasServiceRule(service) || isPatched) continue
      const rule = rules.get(host)!.spec
      for (const version of [undefined, ...Object.keys(versions)])
        for (const port of ports) {
          const refined = version === undefined ? {} : service.spec.versions![version]!
          const levels = isRefined(refined) ? [refined, ...port.levels] : port.levels
          if (port.isRefined) saw('a port that sets something')
          if (isRefined(refined)) saw('a version that sets something')
          if (isRefined(refined) && port.isRefined) saw('a version at a port that both set something')
          if (refined.circuitBreaker === 'none' && getBreaker(port.levels) !== undefined)
            saw('a version that takes something away')
          if (
            port.isRefined &&
            nearest(
              levels.map(level => level.loadBalancing),
              'locality',
            ) === 'zone-first'
          )
            saw('a port with near instances first')
          const { connectionPool, outlierDetection, loadBalancer } = mergeRule(rule, version, port.number)
          const place = `${host} ${version ?? ''} ${port.number}`
          assert.equal(inMilliseconds(outlierDetection), inMilliseconds(getBreaker(levels)), place)
          const isHttp = seesRequests(port.protocol)
          assert.equal(
            narrowPool(inMilliseconds(connectionPool), isHttp),
            narrowPool(inMilliseconds(getPool(levels, isHttp)), isHttp),
            place,
          )
          assert.equal(readBalancer(loadBalancer!), getBalancer(levels), place)
        }
    }
  },
)

interface MergedSettings {
  readonly connectionPool?: TrafficPolicy['connectionPool'] | undefined
  readonly outlierDetection?: TrafficPolicy['outlierDetection'] | undefined
  readonly loadBalancer?: LoadBalancer | undefined
}

/** Merges the parts of a rule as istiod does. See MergeSubsetTrafficPolicy in pilot/pkg/networking/util/util.go of istio/istio. */
function mergeRule(
  { trafficPolicy, subsets = [] }: DestinationRuleSpec,
  version: string | undefined,
  port: number,
): MergedSettings {
  const findLevel = (policy: TrafficPolicy | undefined): PortTrafficPolicy | undefined =>
    policy?.portLevelSettings?.find(level => level.port.number === port)
  const around = findLevel(trafficPolicy) ?? trafficPolicy ?? {}
  const refined = subsets.find(({ name }) => name === version)?.trafficPolicy
  const level = findLevel(refined)
  if (level !== undefined) return level
  return {
    connectionPool: refined?.connectionPool ?? around.connectionPool,
    outlierDetection: refined?.outlierDetection ?? around.outlierDetection,
    loadBalancer: refined?.loadBalancer ?? around.loadBalancer,
  }
}

/** Returns a pool without fields that have no effect at a port: limits of requests at a port without HTTP. */
function narrowPool(pool: unknown, isHttp: boolean): unknown {
  if (pool === undefined || isHttp) return pool
  const { tcp } = pool as { readonly tcp: Readonly<Record<string, unknown>> }
  return { ...tcp, idleTimeout: undefined }
}

/** Returns a load balancer with durations in milliseconds. */
function readBalancer({ warmup, ...others }: LoadBalancer) {
  return JSON.parse(
    JSON.stringify({ ...others, warmup: warmup && { ...warmup, duration: milliseconds(warmup.duration) } }),
  )
}

/** Returns the load balancer that levels declare, the nearest level first. */
function getBalancer(levels: readonly Level[]): unknown {
  const parts = levels.map(({ loadBalancing }) => loadBalancing)
  const policy = nearest(parts, 'policy') ?? 'least-request'
  const hash = parts.find(part => part?.policy ?? part?.header ?? part?.cookie ?? part?.sourceAddress)
  const weightless = policy === 'random' || policy === 'consistent-hash'
  const distance = parts.findIndex(part => part?.policy !== undefined)
  const warmup = nearest(weightless ? parts.slice(0, distance + 1) : parts, 'warmup')
  const choice = {
    'least-request': { simple: 'LEAST_REQUEST' },
    'round-robin': { simple: 'ROUND_ROBIN' },
    random: { simple: 'RANDOM' },
    'consistent-hash': {
      consistentHash:
        hash?.header !== undefined
          ? { httpHeaderName: hash.header }
          : hash?.cookie !== undefined
            ? { httpCookie: { name: hash.cookie, ttl: '0s' } }
            : { useSourceIp: true },
    },
  }[policy]
  return JSON.parse(
    JSON.stringify({
      ...choice,
      localityLbSetting: getLocality(levels),
      warmup:
        typeof warmup === 'object'
          ? {
              duration: milliseconds(warmup.duration!),
              minimumPercent: warmup.from && percent(warmup.from),
              aggression: warmup.aggression,
            }
          : warmup && { duration: milliseconds(warmup) },
    }),
  )
}

/** Returns the preference for near instances, unless a nearer level turns ejection off. */
function getLocality(levels: readonly Level[]): unknown {
  const distance = levels.findIndex(({ loadBalancing }) => loadBalancing?.locality !== undefined)
  const locality = levels[distance]?.loadBalancing?.locality
  if (locality === undefined) return undefined
  const ofBreaker = levels.findIndex(({ circuitBreaker }) => circuitBreaker !== undefined)
  const isNeedy = typeof locality === 'string' ? locality === 'zone-first' : locality.failover !== undefined
  if (isNeedy && levels[ofBreaker]?.circuitBreaker === 'none' && ofBreaker < distance) return undefined
  if (typeof locality === 'string') return { enabled: locality === 'zone-first' }
  const { failover, distribute } = locality
  return {
    enabled: true,
    distribute:
      distribute &&
      Object.entries(distribute)
        .toSorted(([a], [b]) => (a < b ? -1 : 1))
        .map(([from, to]) => ({
          from,
          to: Object.fromEntries(Object.entries(to).map(([place, share]) => [place, percent(share)])),
        })),
    failover:
      failover &&
      Object.entries(failover)
        .toSorted(([a], [b]) => (a < b ? -1 : 1))
        .map(([from, to]) => ({ from, to })),
  }
}
