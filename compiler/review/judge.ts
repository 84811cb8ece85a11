import type { Gate } from '../../schema/gates.ts'
import type { EnvironmentReview, Finding } from './review.ts'
import { few, outcomeOf, titleOf } from './summary.ts'
import type { Waiver, Waivers } from './waivers.ts'

/** A change of behavior that goes through a gate that shall be closed. */
export interface Denied {
  readonly gate: Gate
  /** Undefined for what is not known. */
  readonly finding: Finding | undefined
  /** In a sentence. */
  readonly reason: string
  /** The waiver that would let it pass if it did not come with the change itself. */
  readonly own?: Waiver
}

/** One that the spec lets pass all the same. */
export interface Waived {
  readonly gate: Gate
  readonly finding: Finding
  readonly waiver: Waiver
}

/** What is left of a review when gates are closed. */
export interface Judgement {
  readonly denied: readonly Denied[]
  readonly waived: readonly Waived[]
  /** Waivers that were there before, and that nothing of this change needs. */
  readonly unused: readonly Waiver[]
}

/** Holds a review against the gates that shall be closed. A waiver opens its gate for a finding all of whose callers and destinations it names. */
export function judge(
  { findings, unknown }: EnvironmentReview,
  closed: readonly Gate[],
  { counting, own }: Waivers,
): Judgement {
  const used = new Set<Waiver>()
  const denied: Denied[] = []
  const waived: Waived[] = []
  for (const finding of findings) {
    for (const gate of finding.gates) {
      const isMeant = (waiver: Waiver) => waiver.gate === gate && names(waiver, finding)
      const waiver = counting.find(isMeant)
      if (waiver !== undefined) used.add(waiver)
      if (!closed.includes(gate)) continue
      if (waiver !== undefined) waived.push({ gate, finding, waiver })
      else {
        const ownWaiver = own.find(isMeant)
        denied.push({
          gate,
          finding,
          reason: reasonOf(finding),
          ...(ownWaiver !== undefined && { own: ownWaiver }),
        })
      }
    }
  }
  if (closed.includes('unknown'))
    for (const { because, callers, destinations } of unknown)
      denied.push({
        gate: 'unknown',
        finding: undefined,
        reason: `${callers.length === 0 ? '' : `${few(callers)} → `}${few(destinations)}: ${few(because)}`,
      })
  return { denied, waived, unused: counting.filter(waiver => !used.has(waiver)) }
}

function names({ from, to }: Waiver, { parties }: Finding): boolean {
  const isAll = (name: string | undefined, all: readonly string[]) =>
    name === undefined || all.every(party => party === name)
  return isAll(from, parties.callers) && isAll(to, parties.destinations)
}

/** A change of behavior in one line. */
export function reasonOf(finding: Finding): string {
  const { pair, requests } = titleOf(finding)
  return `${pair}  ${requests}: ${outcomeOf(finding).join(' → ')}`
}
