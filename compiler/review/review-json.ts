import type { Subject } from './judge.ts'
import type { EnvironmentReview } from './review.ts'
import type { Review } from './reviewed.ts'
import { isUnchanged, isUnseen } from './summary.ts'

/** Tells whether anything changes: a request, a manifest, an environment, its expectations or its waivers. */
export const isChanged = ({ environments }: Review): boolean =>
  environments.some(({ review }) => !isUnchanged(review))

/** A review as `--json` prints it. */
export function reviewJson(review: Review): object {
  const { before, after, environments } = review
  return {
    ok: environments.every(({ denied }) => denied.length === 0),
    changed: isChanged(review),
    before,
    after,
    environments: environments.map(environment => {
      const { name, renamedFrom, review, denied, waived, unused } = environment
      const { findings, unknown, notices } = review
      return {
        environment: name,
        ...(renamedFrom !== undefined && { renamedFrom }),
        state: review.state === 'kept' ? (isUnchanged(review) ? 'same' : 'changed') : review.state,
        isProved: unknown.length + review.defects.length === 0 && !isUnseen(review),
        pairs: review.pairs,
        notices: notices.map(({ gate, words, at, move }) => ({
          ...(gate && { gate }),
          words,
          ...at,
          ...(move && { move }),
        })),
        findings,
        unknown,
        defects: review.defects,
        manifests: review.groups.map(({ edits, changes }) => ({
          ...(edits.length > 0
            ? { edits: edits.map(({ path, before, after, at }) => ({ path, before, after, ...at })) }
            : { unexplained: review.unexplained }),
          changes,
        })),
        denied: denied.map(({ gate, reason, ownWaiver }) => ({
          gate,
          reason,
          ...(ownWaiver !== undefined && { ownWaiver }),
        })),
        waived: waived.map(({ subject, waiver }) => ({ ...locateSubject(review, subject), ...waiver })),
        unusedWaivers: unused,
      }
    }),
  }
}

/** Gives the place of a subject in the printed document: its list, and its index there. */
function locateSubject({ findings, unknown, notices }: EnvironmentReview, subject: Subject): object {
  for (const [list, subjects] of Object.entries({ finding: findings, unknown, notice: notices })) {
    const index = (subjects as readonly Subject[]).indexOf(subject)
    if (index !== -1) return { [list]: index }
  }
  return {}
}
