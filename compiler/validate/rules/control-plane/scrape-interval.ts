import { parseDuration } from '../../../mesh/duration.ts'
import { placeAt } from '../../../mesh/spec-place.ts'
import { findWrittenPlace } from '../../places.ts'
import { defineRule } from '../../rule.ts'

/** The alerts look at how much counters grow within five minutes: that takes two samples, and one may be late. */
export const scrapeInterval = defineRule<{ interval: string }>(
  {
    code: 'MESH3605',
    severity: 'error',
    summary: 'Metrics are scraped often enough for the alerts',
    message: p => `an interval of \`${p.interval}\` gives the alerts too few samples in five minutes`,
    help: () => 'scrape at least every `2m`',
  },
  function* ({ observability }, report) {
    const { interval } = observability.prometheus
    if (parseDuration(interval.value) <= 120_000) return
    // The default of meshc is shorter.
    yield report(placeAt(findWrittenPlace(interval)!), { interval: interval.value })
  },
)
