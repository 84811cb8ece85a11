import { placeAt } from '../../../mesh/spec-place.ts'
import { findWrittenPlace } from '../../places.ts'
import { defineRule } from '../../rule.ts'

/** An alert divides the errors by the error budget of the objective: without a budget, it divides by zero. */
export const objectives = defineRule<{ service: string }>(
  {
    code: 'MESH3014',
    severity: 'error',
    summary: 'An objective leaves room for some errors',
    message: p => `the availability of \`${p.service}\` leaves no room for an error`,
    help: () => 'promise less than 100%: `99.9%` is 43 minutes a month',
  },
  function* (_, report, parts) {
    for (const { service, objective } of parts.objectives) {
      const { availability } = objective
      if (availability === undefined || availability.value < 100) continue
      yield report(placeAt(findWrittenPlace(availability)!), { service: service.key })
    }
  },
)
