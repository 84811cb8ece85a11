import { parseDuration } from '../../../mesh/duration.ts'
import { latencyBuckets } from '../../../mesh/latency-buckets.ts'
import { placeAt } from '../../../mesh/spec-place.ts'
import { findWrittenPlace } from '../../places.ts'
import { defineRule } from '../../rule.ts'

/** A histogram counts request times: it has no count of requests faster than a value between two bounds. */
export const latencyBounds = defineRule<{
  duration: string
  lower: string | undefined
  upper: string | undefined
}>(
  {
    code: 'MESH3015',
    severity: 'error',
    summary: 'A promised latency is a bound of the histogram that proxies record',
    message: p => `no proxy counts the requests that take at most \`${p.duration}\``,
    help: p =>
      p.lower !== undefined && p.upper !== undefined
        ? `promise \`${p.lower}\` or \`${p.upper}\`: these are counted`
        : `promise \`${p.lower ?? p.upper}\`: that is counted`,
  },
  function* (_, report, { objectives }) {
    for (const { objective } of objectives) {
      for (const [, duration] of objective.latency) {
        const bound = parseDuration(duration.value)
        if (latencyBuckets.some(bucket => bucket === bound)) continue
        const lower = latencyBuckets.findLast(bucket => bucket < bound && bucket >= 1)
        const upper = latencyBuckets.find(bucket => bucket > bound)
        // Only the spec sets latencies.
        yield report(placeAt(findWrittenPlace(duration)!), {
          duration: duration.value,
          lower: lower === undefined ? undefined : printBound(lower),
          upper: upper === undefined ? undefined : printBound(upper),
        })
      }
    }
  },
)

/** Prints a bound in the form of a spec. */
function printBound(bound: number): string {
  if (bound % 3_600_000 === 0) return `${bound / 3_600_000}h`
  if (bound % 60_000 === 0) return `${bound / 60_000}m`
  return bound % 1000 === 0 ? `${bound / 1000}s` : `${bound}ms`
}
