import { isMap } from '../source/document.ts'
import type { Field } from './claim.ts'
import { readMap, readMaps, type Tree } from './read-object-spec.ts'

/** Describes the settings of a `trafficPolicy` that the language can express: the others become a patch. */
export function claimTrafficPolicy(
  policy: Tree,
  set: (value: unknown, ...path: readonly string[]) => Field,
): readonly Field[] {
  return Object.entries(describePolicy(policy)).map(([section, value]) => set(value, section))
}

/** The sections of a spec that a `trafficPolicy` becomes. */
export interface Sections {
  readonly circuitBreaker?: Tree
  readonly connections?: Tree
  readonly loadBalancing?: Tree
}

/**
 * Describes a `trafficPolicy` or the settings of one port, without sections that the language cannot express.
 *
 * @param isEjecting whether instances that fail are ejected, if not by this policy
 */
export function describePolicy(policy: Tree, isEjecting = isMap(policy['outlierDetection'])): Sections {
  const { connectionPool, outlierDetection, loadBalancer } = policy
  const [loadBalancing] = isMap(loadBalancer) ? describeLoadBalancer(loadBalancer, isEjecting) : []
  return {
    ...(isMap(outlierDetection) && { circuitBreaker: describeOutliers(outlierDetection) }),
    ...(isMap(connectionPool) && { connections: describePool(connectionPool) }),
    ...(loadBalancing !== undefined && { loadBalancing }),
  }
}

/** Describes an outlier detection. A missing field has Istio's default. */
function describeOutliers(detection: Tree): Tree {
  const {
    consecutive5xxErrors = 5,
    interval = '10s',
    baseEjectionTime = '30s',
    maxEjectionPercent = 10,
    minHealthPercent,
  } = detection
  return {
    consecutiveErrors: consecutive5xxErrors,
    interval,
    ejectFor: baseEjectionTime,
    maxEjected: `${maxEjectionPercent}%`,
    // Zero is Istio's default.
    ...(minHealthPercent !== undefined && minHealthPercent !== 0 && { minHealthy: `${minHealthPercent}%` }),
  }
}

function describePool(pool: Tree): Tree {
  const tcp = readMap(pool, 'tcp')
  const http = readMap(pool, 'http')
  const fields = {
    max: tcp['maxConnections'] ?? 'unlimited',
    pending: http['http1MaxPendingRequests'] ?? 'unlimited',
    requestsPerConnection: http['maxRequestsPerConnection'],
    requests: http['http2MaxRequests'],
    connectTimeout: tcp['connectTimeout'] ?? '10s',
    idleTimeout: http['idleTimeout'] ?? tcp['idleTimeout'],
    keepalive: describeKeepalive(readMap(tcp, 'tcpKeepalive')),
  }
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
}

function describeKeepalive({ time, interval, probes }: Tree): unknown {
  if (interval === undefined && probes === undefined) return time
  return {
    ...(time !== undefined && { after: time }),
    ...(interval !== undefined && { interval }),
    ...(probes !== undefined && { probes }),
  }
}

/** Describes a load balancer. Slow start and locality are included only if they have an effect: the language refuses others. */
function describeLoadBalancer(loadBalancer: Tree, isEjecting: boolean): readonly Tree[] {
  const chosen = describeChoice(loadBalancer)
  const others = {
    ...(isWeighing(chosen[0]) && describeWarmup(readMap(loadBalancer, 'warmup'))),
    ...describeLocality(readMap(loadBalancer, 'localityLbSetting'), isEjecting),
  }
  if (Object.keys(others).length === 0) return chosen
  return [{ ...chosen[0], ...others }]
}

const isWeighing = (choice: Tree | undefined): boolean =>
  choice?.['policy'] !== 'random' && choice?.['policy'] !== 'consistent-hash'

function describeWarmup({ duration, minimumPercent, aggression }: Tree): Tree {
  if (duration === undefined) return {}
  if (minimumPercent === undefined && aggression === undefined) return { warmup: duration }
  return {
    warmup: {
      duration,
      ...(minimumPercent !== undefined && { from: `${minimumPercent}%` }),
      ...(aggression !== undefined && { aggression }),
    },
  }
}

/** Describes the localities that the language can express; the others become a patch. */
function describeLocality(setting: Tree, isEjecting: boolean): Tree {
  const { enabled } = setting
  if (enabled === false) return { locality: 'off' }
  const failover = readMaps(setting, 'failover').map(({ from, to }) => [String(from), to] as const)
  const distribute = readMaps(setting, 'distribute').map(
    each =>
      [
        String(each['from']),
        Object.fromEntries(Object.entries(readMap(each, 'to')).map(([to, share]) => [to, `${share}%`])),
      ] as const,
  )
  if (distribute.length === 0 && !isEjecting) return {}
  if (failover.length + distribute.length === 0) return enabled === true ? { locality: 'zone-first' } : {}
  return {
    locality: {
      ...(failover.length > 0 && { failover: Object.fromEntries(failover) }),
      ...(distribute.length > 0 && { distribute: Object.fromEntries(distribute) }),
    },
  }
}

function describeChoice(loadBalancer: Tree): readonly Tree[] {
  const { simple, consistentHash } = loadBalancer
  if (isMap(consistentHash)) {
    const { httpHeaderName, httpCookie, useSourceIp } = consistentHash
    const hashed = {
      ...(httpHeaderName !== undefined && { header: httpHeaderName }),
      ...(isMap(httpCookie) && { cookie: httpCookie['name'] }),
      ...(useSourceIp === true && { sourceAddress: true }),
    }
    return Object.keys(hashed).length === 1 ? [{ policy: 'consistent-hash', ...hashed }] : []
  }
  const policy = policies[String(simple)]
  return policy === undefined ? [] : [{ policy }]
}

const policies: Readonly<Record<string, string>> = {
  LEAST_REQUEST: 'least-request',
  LEAST_CONN: 'least-request',
  ROUND_ROBIN: 'round-robin',
  RANDOM: 'random',
}
