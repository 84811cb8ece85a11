import type { Gate } from '../../schema/gates.ts'
import type { Finding, UnknownFinding } from './findings.ts'
import { type Notice, noticeContradiction } from './notices.ts'
import type { EnvironmentReview } from './review.ts'
import { listFew, listOutcomes, makeTitle } from './summary.ts'
import type { Waiver, Waivers } from './waivers.ts'

/** The subject of a gate: a change of behavior, requests with an unknown result, or a change without effect on requests. */
export type Subject = Finding | UnknownFinding | Notice

/** A change with a closed gate. */
interface Denied {
  readonly gate: Gate
  readonly subject: Subject
  /** The reason in a sentence. */
  readonly reason: string
  /** The waiver that would let it pass if it did not come with the change itself. */
  readonly ownWaiver?: Waiver
}

/** A subject that the spec lets pass all the same. */
interface Waived {
  readonly gate: Gate
  readonly subject: Subject
  readonly waiver: Waiver
}

/** The rest of a review when gates are closed. */
export interface Judgement {
  readonly denied: readonly Denied[]
  readonly waived: readonly Waived[]
  /** Waivers that were there before, and that nothing of this change needs. */
  readonly unused: readonly Waiver[]
}

/** Judges a review by the closed gates. A waiver opens its gate for a subject if it names all callers and destinations of the subject. */
export function judge(
  review: EnvironmentReview,
  closed: readonly Gate[],
  { counting, ownWaivers: waivers }: Waivers,
): Judgement {
  const used = new Set<Waiver>()
  const denied: Denied[] = []
  const waived: Waived[] = []
  for (const { gate, subject, reason } of passages(review)) {
    const isMeant = (waiver: Waiver) => waiver.gate === gate && namesParties(waiver, subject)
    const waiver = counting.find(isMeant)
    if (waiver !== undefined) used.add(waiver)
    if (!closed.includes(gate)) continue
    if (waiver !== undefined) waived.push({ gate, subject, waiver })
    else {
      const ownWaiver = waivers.find(isMeant)
      denied.push({
        gate,
        subject,
        reason: reason(),
        ...(ownWaiver !== undefined && { ownWaiver }),
      })
    }
  }
  return { denied, waived, unused: counting.filter(waiver => !used.has(waiver)) }
}

interface Passage {
  readonly gate: Gate
  readonly subject: Subject
  reason(): string
}

function passages({ findings, unknown, notices, defects }: EnvironmentReview): readonly Passage[] {
  return [
    ...notices.flatMap(notice =>
      notice.gate === undefined ? [] : [{ gate: notice.gate, subject: notice, reason: () => notice.words }],
    ),
    ...findings.flatMap(finding =>
      finding.gates.map(gate => ({ gate, subject: finding, reason: () => describeFinding(finding) })),
    ),
    ...unknown.map(part => ({ gate: 'unknown' as const, subject: part, reason: () => unknownReason(part) })),
    ...defects
      .map(noticeContradiction)
      .map(subject => ({ gate: 'unknown' as const, subject, reason: () => subject.words })),
  ]
}

function namesParties({ from, to }: Waiver, { parties }: Subject): boolean {
  const isAll = (name: string | undefined, all: readonly string[]) =>
    name === undefined || all.every(party => party === name)
  return isAll(from, parties.callers) && isAll(to, parties.destinations)
}

const unknownReason = ({ callers, destinations, because }: UnknownFinding) =>
  `${listFew(callers)} → ${listFew(destinations)}: ${listFew(because)}`

/** A change of behavior in one line. */
export function describeFinding(finding: Finding): string {
  const { pair, requests } = makeTitle(finding)
  return `${pair}  ${requests}: ${listOutcomes(finding).join(' → ')}`
}
