import { printCount } from '../../compiler/diagnostics/counted.ts'
import { makePainter } from '../../compiler/diagnostics/frames.ts'
import { makeTextVisible } from '../../compiler/diagnostics/visible.ts'
import type { MergedSpec } from '../../compiler/import/merge-import.ts'
import { nameEntry } from '../../compiler/import/merge-trees.ts'
import { printSpecPath } from '../../compiler/provenance/paths.ts'
import { reviewText } from '../../compiler/review/index.ts'
import type { Review } from '../../compiler/review/reviewed.ts'
import { isMap } from '../../compiler/source/document.ts'
import { isEqual } from '../../compiler/source/is-equal.ts'

/** The report of a merge. */
export interface MergeReport {
  readonly entry: string
  readonly merged: MergedSpec
  /** The name of the manifests before the change. */
  readonly since: string
  /** The number of differences between the spec and the manifests, and of those that the spec did not have before. */
  readonly remaining: number
  readonly added: number
  readonly unknown: number
  /** The number of pairs of caller and destination that were compared. */
  readonly pairs: number
  /** True if all of the change is in the spec, and nothing new differs. */
  readonly isMerged: boolean
  /** The differences that are left, in words; made when they are first asked for. */
  readonly review: () => Review
}

/** The report of a merge for a person: the changes, the conflicts, and the proof. */
export function mergeText(report: MergeReport, color: boolean): string {
  const { entry, merged, since } = report
  const paint = makePainter(color)
  const { changes, conflicts } = merged
  return [
    `${paint('strong', entry)}: ${printCount(changes.length, 'value')} changed with the manifests since ${since}`,
    ...changes.flatMap(({ path, before, after, file }) =>
      describeChange(before, after).map(words =>
        makeTextVisible(`  ${printSpecPath(path)}${words}${file === entry ? '' : ` (${file})`}`),
      ),
    ),
    ...(conflicts.length === 0
      ? []
      : ['', paint('strong', 'changed in the spec, too: the spec keeps its value')]),
    ...conflicts.map(({ path, before, manifests, spec }) =>
      makeTextVisible(
        `  ${printSpecPath(path)}: ${printShortened(spec)}; the manifests changed it from ${printShortened(before)} to ${printShortened(manifests)}`,
      ),
    ),
    '',
    describeProof(report, color),
  ].join('\n')
}

/** Describes a change of a value; one of a list entry by entry. */
function describeChange(before: unknown, after: unknown): readonly string[] {
  if (before === undefined && isMap(after)) return [': added']
  if (after === undefined) return [': removed']
  const lists = [before ?? [], after]
  if (!lists.every(Array.isArray)) return [`: ${printShortened(before)} → ${printShortened(after)}`]
  const [entriesBefore, entriesAfter] = lists.map(
    list => new Map((list as readonly unknown[]).map(entry => [nameEntry(entry), entry])),
  )
  const names = new Set([...entriesBefore!.keys(), ...entriesAfter!.keys()])
  return [...names].flatMap(name => {
    const [old, now] = [entriesBefore!.get(name), entriesAfter!.get(name)]
    if (isEqual(old, now)) return []
    const change =
      old === undefined
        ? 'added'
        : now === undefined
          ? 'removed'
          : `${printShortened(old)} → ${printShortened(now)}`
    return [` (${name}): ${change}`]
  })
}

const mostText = 80

function printShortened(value: unknown): string {
  if (value === undefined) return 'nothing'
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return text.length > mostText ? `${text.slice(0, mostText)}…` : text
}

function describeProof({ remaining, added, unknown, pairs, review }: MergeReport, color: boolean): string {
  if (remaining + unknown === 0) return `proved equal: ${printCount(pairs, 'pair')} of caller and destination`
  const rest = reviewText(review(), color)
  return added === 0 && remaining > 0
    ? `${printCount(remaining, 'difference')} to the manifests ${remaining === 1 ? 'remains' : 'remain'}; the spec had ${remaining === 1 ? 'it' : 'them'} before\n\n${rest}`
    : rest
}
