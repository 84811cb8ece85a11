import { listQuoted } from '../../../diagnostics/suggest.ts'
import type { Match } from '../../../mesh/mesh.ts'
import { placeAt } from '../../../mesh/spec-place.ts'
import { findWrittenPlace } from '../../places.ts'
import { defineRule } from '../../rule.ts'

/** After these, the first try may have done its work, and only its answer was lost or bad. */
const maybeDone = ['5xx', 'gateway-error', 'reset', 'deadline-exceeded', 'internal', '502', '504']
/** See https://www.rfc-editor.org/rfc/rfc9110#section-9.2.2 */
const idempotent = ['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS', 'TRACE']

export const safeRetries = defineRule<{ conditions: readonly string[] }>(
  {
    code: 'MESH3117',
    severity: 'warning',
    summary: 'A request is retried after a possible success only if it is safe to repeat',
    message: p => `a retry after ${listQuoted(p.conditions, 'or')} may execute a request twice`,
    help: () =>
      'retry on `connect-failure`, `refused-stream` or `unavailable`, or in a route for `methods: [GET]`',
  },
  function* (_, report, { times }) {
    for (const { retries, when } of times) {
      const conditions = retries.on.value.filter(condition => maybeDone.includes(condition))
      if (conditions.length === 0 || retries.attempts.value === 0 || isIdempotent(when)) continue
      const place = findWrittenPlace(retries.on)
      if (place !== undefined) yield report(placeAt(place), { conditions })
    }
  },
)

const isIdempotent = (when: Match | undefined) =>
  when !== undefined &&
  when.methods.length > 0 &&
  when.methods.every(({ value }) => idempotent.includes(value))
