import type {
  ConnectionPool,
  LoadBalancer,
  OutlierDetection,
} from '../../../schema/generated/destination-rule.ts'
import { printIstioDuration } from '../../mesh/duration.ts'
import type { LocalityPreference, TrafficPolicy } from '../../mesh/mesh.ts'
import { because, type Sourced } from '../../mesh/sourced.ts'
import type { Sourceable } from '../sourceable.ts'

/** The connection pool of a destination, if it has limits; `http` is true if its protocol has requests. */
export function makeConnectionPool(
  { connections }: TrafficPolicy,
  http: boolean,
): Sourceable<ConnectionPool> | undefined {
  if (connections === undefined) return undefined
  return {
    tcp: {
      maxConnections: findLimit(connections.max),
      connectTimeout: connections.connectTimeout.map(printIstioDuration),
      idleTimeout: http ? undefined : connections.idleTimeout?.map(printIstioDuration),
      tcpKeepalive: connections.keepalive && {
        probes: connections.keepalive.probes,
        time: connections.keepalive.after?.map(printIstioDuration),
        interval: connections.keepalive.interval?.map(printIstioDuration),
      },
    },
    http: http ? makeHttpPool(connections) : undefined,
  }
}

/** Makes the limits of requests; undefined without limits, since Istio's schema refuses an empty `http`. */
function makeHttpPool(
  connections: NonNullable<TrafficPolicy['connections']>,
): Sourceable<NonNullable<ConnectionPool['http']>> | undefined {
  const pool = {
    http1MaxPendingRequests: findLimit(connections.pending),
    http2MaxRequests: connections.requests,
    maxRequestsPerConnection: connections.requestsPerConnection,
    idleTimeout: connections.idleTimeout?.map(printIstioDuration),
  }
  return Object.values(pool).every(limit => limit === undefined) ? undefined : pool
}

const findLimit = (limit: Sourced<number | 'unlimited'>): Sourced<number> | undefined => {
  const { value } = limit
  return value === 'unlimited' ? undefined : limit.map(() => value)
}

/**
 * Emits when an instance is taken out, if it ever is. See
 * https://istio.io/latest/docs/reference/config/networking/destination-rule/#OutlierDetection
 */
export function makeOutlierDetection({
  circuitBreaker,
}: TrafficPolicy): Sourceable<OutlierDetection> | undefined {
  if (circuitBreaker === undefined) return undefined
  return {
    consecutive5xxErrors: circuitBreaker.consecutiveErrors,
    interval: circuitBreaker.interval.map(printIstioDuration),
    baseEjectionTime: circuitBreaker.ejectFor.map(printIstioDuration),
    maxEjectionPercent: circuitBreaker.maxEjected,
    minHealthPercent: circuitBreaker.minHealthy,
  }
}

/** Emits the way to choose an instance. */
export function loadBalancer(policy: TrafficPolicy): Sourceable<LoadBalancer> {
  const { warmup, locality } = policy.loadBalancing
  return {
    ...chooseInstance(policy),
    localityLbSetting: locality && localitySetting(locality),
    warmup: warmup?.duration && {
      duration: warmup.duration.map(printIstioDuration),
      minimumPercent: warmup.from,
      aggression: warmup.aggression,
    },
  }
}

/** The preference of Istio itself is for near instances; a map that the spec sets is switched on for good. */
function localitySetting({
  origin,
  word,
  failover,
  distribute,
}: LocalityPreference): Sourceable<NonNullable<LoadBalancer['localityLbSetting']>> {
  if (word !== undefined) return { enabled: word.map(value => value === 'zone-first') }
  return {
    enabled: because(true, origin),
    distribute:
      distribute.length > 0
        ? distribute.map(({ from, to }) => ({ from, to: Object.fromEntries(to) }))
        : undefined,
    failover:
      failover.length > 0 ? failover.map(([from, to]) => ({ from: because(from, to), to })) : undefined,
  }
}

function chooseInstance({
  loadBalancing,
}: TrafficPolicy): Pick<Exclude<Sourceable<LoadBalancer>, Sourced<unknown>>, 'simple' | 'consistentHash'> {
  const { policy, header, cookie, sourceAddress } = loadBalancing
  if (policy.value !== 'consistent-hash') {
    const simple =
      policy.value === 'least-request'
        ? 'LEAST_REQUEST'
        : policy.value === 'random'
          ? 'RANDOM'
          : 'ROUND_ROBIN'
    return { simple: policy.map(() => simple) }
  }
  if (header !== undefined) return { consistentHash: because({ httpHeaderName: header }, policy) }
  if (cookie !== undefined) {
    return { consistentHash: because({ httpCookie: { name: cookie, ttl: sessionCookie(cookie) } }, policy) }
  }
  return { consistentHash: because({ useSourceIp: sourceAddress ?? true }, policy) }
}

/** A cookie that Envoy makes if the caller sends none. It ends with the session. */
const sessionCookie = (cookie: Sourced<string>) => because('0s', cookie)
