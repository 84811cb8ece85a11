import type { Result, Unmodelled } from '../result.ts'
import type { IndexedModel } from '../symbolic/indexed-model.ts'

/** Lists the reasons why a request is not known to get through, though the space says so. */
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
