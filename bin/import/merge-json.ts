import { printSpecPath } from '../../compiler/provenance/paths.ts'
import type { MergeReport } from './merge-text.ts'

/** The result of a merge as JSON. */
export function mergeJson({ entry, merged, since, remaining, added, unknown, isMerged }: MergeReport) {
  return {
    ok: isMerged,
    file: entry,
    since,
    changes: merged.changes.map(({ path, before, after, file }) => ({
      path: printSpecPath(path),
      before,
      after,
      file,
    })),
    conflicts: merged.conflicts.map(({ path, ...values }) => ({ path: printSpecPath(path), ...values })),
    differences: remaining,
    newDifferences: added,
    unknown,
  }
}
