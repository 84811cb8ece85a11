import type { Rate } from '../../../mesh/mesh.ts'
import { parseRate } from '../../../mesh/rate.ts'
import { makeKeyParty, placeAtKey } from '../../../mesh/spec-place.ts'
import { listLimits } from '../../list-limits.ts'
import { defineRule } from '../../rule.ts'

export const narrowHeaderLimits = defineRule<{ header: string }>(
  {
    code: 'MESH3453',
    severity: 'warning',
    summary: 'The limit of the values of a header is below that of all requests',
    message: p => `the limit of \`${p.header}\` refuses nothing: that of all requests is not above it`,
    help: () => 'lower it, or remove it',
  },
  function* (mesh, report, parts) {
    for (const { whole, perHeader } of listLimits(mesh, parts)) {
      if (whole === undefined) continue
      for (const { header, rate } of perHeader)
        if (isAsWide(rate, whole))
          yield report(placeAtKey(rate.origin), { header: header.value }, [
            makeKeyParty(whole.origin, 'the limit of all requests'),
          ])
    }
  },
)

/** Tells whether every request that passes one limit passes another. */
function isAsWide(rate: Rate, whole: Rate): boolean {
  const [inner, outer] = [rate, whole].map(({ requests, burst }) => {
    const { requests: count, seconds } = parseRate(requests.value)
    return { perSecond: count / seconds, burst: burst?.value ?? count }
  })
  return inner!.perSecond >= outer!.perSecond && inner!.burst >= outer!.burst
}
