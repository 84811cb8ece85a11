import { parseDuration } from '../../../mesh/duration.ts'
import { placeAt } from '../../../mesh/spec-place.ts'
import { findWrittenPlace, makeParty } from '../../places.ts'
import { defineRule } from '../../rule.ts'

/** A bound that 99 of 100 requests meet is met by half of them. */
export const orderedLatencies = defineRule<{ more: string; fewer: string }>(
  {
    code: 'MESH3018',
    severity: 'warning',
    summary: 'The latency of a lower percentile is not above that of a higher one',
    message: p => `\`${p.fewer}\` is slower than \`${p.more}\`, so it promises nothing`,
    help: p => `lower \`${p.fewer}\`, or raise \`${p.more}\``,
  },
  function* (_, report, { objectives }) {
    for (const { objective } of objectives) {
      const latency = objective.latency.toSorted(([a], [b]) => a - b)
      for (const [index, [quantile, duration]] of latency.entries()) {
        const faster = latency
          .slice(index + 1)
          .find(([, sourced]) => parseDuration(sourced.value) < parseDuration(duration.value))
        if (faster === undefined) continue
        const params = { fewer: printQuantile(quantile), more: printQuantile(faster[0]) }
        yield report(
          placeAt(findWrittenPlace(duration)!),
          params,
          makeParty(faster[1], 'this many are faster than that'),
        )
      }
    }
  },
)

const printQuantile = (quantile: number) => `p${quantile * 100}`
