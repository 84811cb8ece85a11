import { parseRate } from '../../../mesh/rate.ts'
import { placeAt } from '../../../mesh/spec-place.ts'
import { listLimits } from '../../list-limits.ts'
import { makeParty } from '../../places.ts'
import { defineRule } from '../../rule.ts'

/** A bucket that holds fewer tokens than it gets loses the rest: the burst would be the rate. */
export const fullBursts = defineRule<{ burst: number; rate: string }>(
  {
    code: 'MESH3452',
    severity: 'error',
    summary: 'A burst of a rate limit is not below the requests of an interval',
    message: p => `\`burst: ${p.burst}\` lets fewer requests pass than \`${p.rate}\``,
    help: p => `write at least ${parseRate(p.rate).requests}, or lower \`requests\``,
  },
  function* (mesh, report, parts) {
    for (const { whole, perHeader } of listLimits(mesh, parts))
      for (const rate of [whole, ...perHeader.map(each => each.rate)]) {
        if (rate?.burst === undefined) continue
        const { requests, burst } = rate
        if (burst.value < parseRate(requests.value).requests)
          yield report(
            placeAt(burst.place!),
            { burst: burst.value, rate: requests.value },
            makeParty(requests, 'the rate'),
          )
      }
  },
)
