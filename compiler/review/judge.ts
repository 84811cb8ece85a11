import type { Gate } from '../../schema/gates.ts'
import type { EnvironmentReview, Finding } from './review.ts'
import { few, outcomeOf, titleOf } from './summary.ts'

/** A change of behavior that the spec lets pass: an entry of `waive`. */
export interface Waiver {
  readonly gate: Gate
  readonly from?: string
  readonly to?: string
  readonly because: string
  readonly owner: string
  readonly until: string
}

/** A change of behavior that goes through a gate that shall be closed. */
export interface Denied {
  readonly gate: Gate
  /** Undefined for what is not known. */
  readonly finding: Finding | undefined
  /** In a sentence. */
  readonly reason: string
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
  /** Waivers that nothing of this change needs. */
  readonly unused: readonly Waiver[]
}

/** Holds a review against the gates that shall be closed. A waiver opens its gate for a finding all of whose callers and destinations it names. */
export function judge(
  { findings, unknown }: EnvironmentReview,
  closed: readonly Gate[],
  waivers: readonly Waiver[],
): Judgement {
  const used = new Set<Waiver>()
  const denied: Denied[] = []
  const waived: Waived[] = []
  for (const finding of findings) {
    for (const gate of finding.gates) {
      const waiver = waivers.find(waiver => waiver.gate === gate && names(waiver, finding))
      if (waiver !== undefined) used.add(waiver)
      if (!closed.includes(gate)) continue
      if (waiver !== undefined) waived.push({ gate, finding, waiver })
      else denied.push({ gate, finding, reason: reasonOf(finding) })
    }
  }
  if (closed.includes('unknown'))
    for (const { because, callers, destinations } of unknown)
      denied.push({
        gate: 'unknown',
        finding: undefined,
        reason: `${few(callers)} → ${few(destinations)}: ${few(because)}`,
      })
  return { denied, waived, unused: waivers.filter(waiver => !used.has(waiver)) }
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
