import { type Level, nearest, readLimit, readSections } from './declared.ts'
import { milliseconds, percent } from './quantities.ts'

type Levels = readonly Level[]

/**
 * Returns the outlier detection that levels declare, the nearest level first; undefined if they declare none.
 */
export function getBreaker(levels: Levels) {
  const parts = readSections(levels.map(({ circuitBreaker }) => circuitBreaker))
  if (parts === undefined) return undefined
  return {
    consecutive5xxErrors: nearest(parts, 'consecutiveErrors') ?? 5,
    interval: nearest(parts, 'interval') ?? '30s',
    baseEjectionTime: nearest(parts, 'ejectFor') ?? '30s',
    maxEjectionPercent: percent(nearest(parts, 'maxEjected') ?? '50%'),
    ...getMinimum(nearest(parts, 'minHealthy')),
  }
}

const getMinimum = (share: string | undefined) =>
  share === undefined ? {} : { minHealthPercent: percent(share) }

function getKeepalive(
  written:
    | string
    | {
        readonly after?: string | undefined
        readonly interval?: string | undefined
        readonly probes?: number | undefined
      }
    | undefined,
) {
  if (written === undefined) return undefined
  const {
    after: time,
    interval,
    probes,
  } = typeof written === 'string' ? { after: written, interval: undefined, probes: undefined } : written
  return { probes, time, interval }
}

/** Returns the connection pool that levels declare; undefined if no limit is set. */
export function getPool(levels: Levels, isHttp: boolean) {
  const parts = readSections(levels.map(({ connections }) => connections))
  if (parts === undefined) return undefined
  const idleTimeout = nearest(parts, 'idleTimeout')
  const tcp = {
    maxConnections: readLimit(parts, 'max'),
    connectTimeout: nearest(parts, 'connectTimeout') ?? '5s',
    tcpKeepalive: getKeepalive(nearest(parts, 'keepalive')),
  }
  if (!isHttp) return { tcp: { ...tcp, idleTimeout } }
  const http = {
    http1MaxPendingRequests: readLimit(parts, 'pending'),
    http2MaxRequests: nearest(parts, 'requests'),
    maxRequestsPerConnection: nearest(parts, 'requestsPerConnection'),
    idleTimeout,
  }
  // Istio's schema refuses an empty `http`.
  return Object.values(http).every(limit => limit === undefined) ? { tcp } : { tcp, http }
}

const isMap = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Replaces durations by milliseconds, so that two notations of one duration are equal. */
export function inMilliseconds(value: unknown): unknown {
  if (typeof value === 'string') return milliseconds(value)
  if (!isMap(value)) return value
  const entries = Object.entries(value).filter(([, entry]) => entry !== undefined)
  return Object.fromEntries(entries.map(([key, entry]) => [key, inMilliseconds(entry)]))
}
