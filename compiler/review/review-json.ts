import type { Review } from './reviewed.ts'
import { isUnchanged } from './summary.ts'

/** Whether anything changes: a request, a manifest, an environment. */
export const isChanged = ({ environments }: Review): boolean =>
  environments.some(({ review }) => typeof review === 'string' || !isUnchanged(review))

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
      const state = typeof review === 'string' ? review : isUnchanged(review) ? 'same' : 'changed'
      return {
        environment: name,
        ...(renamedFrom !== undefined && { renamedFrom }),
        state,
        ...(typeof review !== 'string' && {
          isProved: review.unknown.length + review.defects.length === 0,
          pairs: review.pairs,
          findings: review.findings,
          unknown: review.unknown,
          defects: review.defects,
          manifests: review.groups.map(({ edits, changes }) => ({
            ...(edits.length > 0
              ? { edits: edits.map(({ path, before, after, at }) => ({ path, before, after, ...at })) }
              : { unexplained: review.unexplained }),
            changes,
          })),
          denied: denied.map(({ gate, reason, own }) => ({
            gate,
            reason,
            ...(own !== undefined && { ownWaiver: own }),
          })),
          waived: waived.map(({ finding, waiver }) => ({
            finding: review.findings.indexOf(finding),
            ...waiver,
          })),
          unusedWaivers: unused,
        }),
      }
    }),
  }
}
