import type { Result, Unmodelled } from '../result.ts'
import type { Side } from '../symbolic/side.ts'

/** Lists the reasons why a request is not known to get through, though the space says so. */
export function listUnknownParts(side: Side, { unknown, outcomes }: Result): readonly Unmodelled[] {
  const unmodelledParts = [...unknown, ...outcomes.flatMap(outcome => outcome.unknown)]
  if (unmodelledParts.length > 0) return unmodelledParts
  return [
    {
      object: side.model.settings.object,
      path: [],
      reason: { code: 'engines-disagree' },
    },
  ]
}
