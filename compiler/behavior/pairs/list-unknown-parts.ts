import type { Result, Unmodelled } from '../result.ts'
import type { IndexedModel } from '../symbolic/indexed-model.ts'

/** Lists the reasons why the arrival of a request is unknown although the space contains it. */
export function listUnknownParts(
  indexed: IndexedModel,
  { unknown, outcomes }: Result,
): readonly Unmodelled[] {
  const unmodelledParts = [...unknown, ...outcomes.flatMap(outcome => outcome.unknown)]
  if (unmodelledParts.length > 0) return unmodelledParts
  return [
    {
      object: indexed.model.settings.object,
      path: [],
      reason: { code: 'engines-disagree' },
    },
  ]
}
