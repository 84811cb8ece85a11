import type { Ask } from '../behavior/budget.ts'
import { describeUnmodelledReason, isLimit } from '../behavior/index.ts'
import type { Reached } from '../behavior/reach/reach.ts'
import type { Unmodelled } from '../behavior/result.ts'
import type { Diagnostic, Place } from '../diagnostics/diagnostic.ts'
import { notKnown } from './diagnostics.ts'

/** Checks whether a claim is true; if the question passes a limit, the answer is unknown. */
export const askWhether = (
  ask: Ask,
  place: Place,
  claim: string,
  find: () => readonly Diagnostic[],
): readonly Diagnostic[] =>
  ask(find, reason => [
    notKnown(place, { expected: claim, because: describeUnmodelledReason(reason), isOverLimit: true }),
  ])

/** Reports the first part that is not known of some answers. */
export function listUnknown(
  place: Place,
  expected: string,
  reached: readonly Reached[],
): readonly Diagnostic[] {
  const [first] = reached.flatMap(({ unknown }) => unknown)
  if (first === undefined) return []
  const because = describeUnmodelled(first)
  return [notKnown(place, { expected, because, isOverLimit: isLimit(first.reason) })]
}

function describeUnmodelled({ object, path, reason }: Unmodelled): string {
  if (object.kind === 'MeshConfig' && reason !== undefined) return describeUnmodelledReason(reason)
  const part = path.length === 0 ? '' : ` (\`${path.join('.')}\`)`
  const what = `${object.kind} \`${object.namespace}/${object.name}\`${part}`
  return reason === undefined || reason.code === 'unmodelled-kind'
    ? `meshc does not model ${what}`
    : `${what}: ${describeUnmodelledReason(reason)}`
}
