import { parseDuration } from '../../mesh/duration.ts'
import type { Service } from '../../mesh/mesh.ts'
import { because, type Sourced, text } from '../../mesh/sourced.ts'

/** One thing that an objective promises, in the terms of Prometheus. */
export interface Promised {
  /** `availability`, or `latency-p99`. */
  readonly name: string
  /** The value in the spec. */
  readonly written: Sourced<number | string>
  /** The share of the requests that may miss it. */
  readonly budget: Sourced<number>
  /** Expressions for how many requests there are each second, and how many of them miss it. */
  readonly requests: Sourced<string>
  readonly missed: Sourced<string>
  /** The bound of a histogram that parts fast from slow; undefined for availability. */
  readonly bound: Sourced<number> | undefined
}

/** Lists the promises of a service. */
export function listPromises({ objective, host, ports }: Service): readonly Promised[] {
  if (objective === undefined) return []
  const { availability, latency } = objective
  // The callers report the metrics: the service itself does not see their waiting time or a missing response.
  const selector = text`reporter="source",destination_service="${host}"`
  const promises: Promised[] = []
  if (availability !== undefined) {
    const grpc = ports.find(({ protocol }) => protocol.value.startsWith('grpc'))
    const failed = makeRate('istio_requests_total', text`${selector},response_code=~"5.."`)
    // A failure of gRPC is answered with the HTTP status 200: unknown, too late, internal, unavailable, data lost.
    const failedInGrpc = makeRate(
      'istio_requests_total',
      text`${selector},response_code!~"5..",grpc_response_status=~"2|4|13|14|15"`,
    )
    promises.push({
      name: 'availability',
      written: availability,
      budget: availability.map(percent => (10_000 - Math.round(percent * 100)) / 10_000),
      requests: makeRate('istio_requests_total', selector),
      missed: grpc === undefined ? failed : because(text`${failed} + ${failedInGrpc}`, grpc.protocol),
      bound: undefined,
    })
  }
  for (const [quantile, duration] of latency) {
    const bound = duration.map(parseDuration)
    const requests = makeRate('istio_request_duration_milliseconds_count', selector)
    const inTime = makeRate(
      'istio_request_duration_milliseconds_bucket',
      text`${selector},le=~"${bound.map(boundExpression)}"`,
    )
    promises.push({
      name: `latency-p${quantile * 100}`,
      written: duration,
      budget: duration.map(() => (100 - quantile * 100) / 100),
      requests,
      missed: text`${requests} - ${inTime}`,
      bound,
    })
  }
  return promises
}

/** The growth of a counter; 0 without the counter, so that an average always has a value. */
const makeRate = (metric: string, selector: Sourced<string>) =>
  text`(sum(rate(${metric}{${selector}}[5m])) or vector(0))`

/** A bound as the proxy writes it, and as Prometheus 3 rewrites it. */
export const printBucketBounds = (bound: number): readonly [string, string] => [
  String(bound),
  bound < 1_000_000 ? `${bound}.0` : bound.toExponential().replace(/e\+(\d)$/, 'e+0$1'),
]

const boundExpression = (bound: number) =>
  printBucketBounds(bound)
    .map(text => text.replaceAll(/[.+]/g, '\\\\$&'))
    .join('|')
