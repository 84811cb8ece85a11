import type {
  ConnectionPool,
  LoadBalancer,
  OutlierDetection,
} from '../../../schema/generated/destination-rule.ts'
import { printIstioDuration } from '../../mesh/duration.ts'
import type { TrafficPolicy } from '../../mesh/mesh.ts'
import { because, type Sourced } from '../../mesh/sourced.ts'
import type { Sourceable } from '../sourceable.ts'

/** The connection pool of a destination, if it has limits; `http` says whether it is spoken to by request. */
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
    },
    http: http ? makeHttpPool(connections) : undefined,
  }
}

/** Makes the limits of requests; undefined if there are none, since Istio's schema refuses an empty `http`. */
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
  }
}

/** Emits the way to choose an instance. */
export function loadBalancer({ loadBalancing }: TrafficPolicy): Sourceable<LoadBalancer> {
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

/** A cookie that Envoy makes, if the caller sends none, and that ends with the session. */
const sessionCookie = (cookie: Sourced<string>) => because('0s', cookie)
