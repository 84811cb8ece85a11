import type { UnknownPart } from '../behavior/compare/difference.ts'
import { describeUnmodelledReason } from '../behavior/index.ts'
import type { BehaviorModel, Refusal } from '../behavior/model.ts'
import { describeCaller, describeDestination, describeRegion } from '../behavior/request-words.ts'
import type { Unmodelled } from '../behavior/result.ts'
import { printPointer } from '../provenance/paths.ts'
import { nameParties } from './difference-findings.ts'
import type { UnknownFinding } from './findings.ts'
import type { Parties } from './parties.ts'

export function makeUnknownFinding(
  part: UnknownPart,
  parties: Parties | undefined,
): Omit<UnknownFinding, 'help'> {
  const { callers, destinations, regions, further, because, side } = part
  return {
    callers: callers.map(describeCaller),
    destinations: destinations.map(describeDestination),
    parties: nameParties(part, parties),
    requests: regions.map(region => describeRegion(region, destinations[0]?.protocol ?? 'HTTP')),
    further,
    because: because.map(describeUnknown),
    side,
  }
}

/** Objects that a cluster refuses only after a change: it keeps their older versions, which the review cannot know. */
export function listRefusedFindings(before: BehaviorModel, after: BehaviorModel): readonly UnknownFinding[] {
  const refusedBefore = new Set(before.refused.map(describeUnknown))
  return after.refused
    .filter(refusal => !refusedBefore.has(describeUnknown(refusal)))
    .map(refusal => ({
      callers: [],
      destinations: [`${refusal.object.kind} ${refusal.object.namespace}/${refusal.object.name}`],
      parties: { callers: ['*'], destinations: ['*'] },
      requests: ['which a cluster refuses'],
      further: 0,
      because: [describeUnknown(refusal)],
      help: [],
      side: 'after',
    }))
}

/** `VirtualService shop/cart: /spec/http/0 (a reason)` */
export function describeUnknown({
  object: { kind, namespace, name },
  path,
  reason,
}: Unmodelled | Refusal): string {
  const why =
    reason === undefined ? '' : ` (${typeof reason === 'string' ? reason : describeUnmodelledReason(reason)})`
  const part = path.length === 0 ? '' : `: ${printPointer(path)}`
  return `${kind} ${namespace}/${name}${part}${why}`
}
