import { parseDuration } from '../../../mesh/duration.ts'
import { placeAt } from '../../../mesh/spec-place.ts'
import { findWrittenPlace, makeParty } from '../../places.ts'
import { defineRule } from '../../rule.ts'

/** A timeout counts all tries: those that do not fit into it are cut off, or never made. */
export const retriesInTime = defineRule<{ tries: number; perTry: string; timeout: string; total: number }>(
  {
    code: 'MESH3116',
    severity: 'error',
    summary: 'The tries of a request fit into its timeout',
    reads: ['defaults.timeout', 'defaults.retries'],
    message: p => {
      const tries = p.tries === 1 ? `one try of ${p.perTry} takes` : `${p.tries} tries of ${p.perTry} take`
      return `${tries} ${inWords(p.total)}, more than the timeout of ${p.timeout}`
    },
    help: p => `raise the timeout to ${inWords(p.total)}, or make a try shorter`,
  },
  function* (_, report, { times }) {
    for (const { timeout, retries } of times) {
      const { attempts, perTryTimeout } = retries
      if (timeout.value === 'none' || perTryTimeout === undefined) continue
      const tries = attempts.value + 1
      const total = tries * parseDuration(perTryTimeout.value)
      if (total <= parseDuration(timeout.value)) continue
      const place = findWrittenPlace(perTryTimeout)
      // A value that is not written for this timeout has been made to fit it.
      const isFitted = perTryTimeout.origins.some(origin => timeout.origins.includes(origin))
      if (place === undefined || isFitted) continue
      const params = { tries, perTry: perTryTimeout.value, timeout: timeout.value, total }
      yield report(placeAt(place), params, [
        ...makeParty(timeout, 'the timeout'),
        ...makeParty(attempts, `${attempts.value} more after the first`),
      ])
    }
  },
)

const inWords = (total: number) => (total % 1000 === 0 ? `${total / 1000}s` : `${total}ms`)
