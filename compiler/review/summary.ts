import { printCount } from '../diagnostics/counted.ts'
import type { Finding } from './findings.ts'
import type { EnvironmentReview } from './review.ts'

/** The numbers of changes of behavior in words: `2 opened, 1 sent elsewhere`; empty: none. */
export function countBehavior(findings: readonly Finding[]): string {
  const counts = new Map<string, number>()
  for (const { change } of findings) counts.set(changes[change], (counts.get(changes[change]) ?? 0) + 1)
  return [...counts].map(([word, count]) => `${count} ${word}`).join(', ')
}

/** Counts the changes of manifests: `2 edits of the spec change 5 objects`; empty: nothing. */
export function countManifests({ groups }: EnvironmentReview): string {
  const objects = new Set(
    groups.flatMap(({ changes }) => changes.flatMap(({ objects }) => objects.map(({ name }) => name))),
  )
  if (objects.size === 0) return ''
  const edits = new Set(groups.flatMap(({ edits }) => edits)).size
  const what = `${printCount(objects.size, 'object')}`
  return edits === 0
    ? `${what} ${objects.size === 1 ? 'is' : 'are'} another`
    : `${printCount(edits, 'edit')} of the spec ${edits === 1 ? 'changes' : 'change'} ${what}`
}

/** Describes how far the answer can be relied on. */
export function describeCertainty({ pairs, unknown, defects }: EnvironmentReview): string {
  const reach =
    pairs.compared === 0
      ? `proved: nothing that changed can touch any of the ${printCount(pairs.all, 'pair')} of caller and destination`
      : `proved for every request of ${printCount(pairs.all, 'pair')} of caller and destination, of which the change can touch ${pairs.compared}`
  if (unknown.length === 0 && defects.length === 0) return reach
  const doubts = [
    ...(unknown.length > 0 ? [`${printCount(unknown.length, 'part')} not known`] : []),
    ...(defects.length > 0 ? [`${printCount(defects.length, 'contradiction')} in meshc itself`] : []),
  ]
  return `${reach}, but for ${doubts.join(' and ')}`
}

/** Tells whether the review is empty: no difference of a request, no changed manifest and no notice. */
export const isUnchanged = ({ notices, findings, groups, unknown, defects }: EnvironmentReview): boolean =>
  notices.length + findings.length + groups.length + unknown.length + defects.length === 0

/** Tells whether a new environment was too large for its requests to be looked at. */
export const isUnseen = ({ state, pairs, findings, unknown, defects }: EnvironmentReview): boolean =>
  state === 'added' && pairs.all === 0 && findings.length + unknown.length + defects.length === 0

/** Names as a sentence lists them, the first few. */
export function listFew(names: readonly string[], most = 4, separator = ', ', further = 0): string {
  const rest = Math.max(0, names.length - most) + further
  const shown = names.slice(0, most).join(separator)
  return rest === 0 ? shown : `${shown} and ${rest} more`
}

/**
 * Makes the title of a finding: the caller, the destination and the requests, `web → cart:8080`, `POST
 * /refunds`.
 */
export function makeTitle({
  callers,
  destinations,
  requests,
  further,
}: Pick<Finding, 'callers' | 'destinations' | 'requests' | 'further'>): {
  readonly pair: string
  readonly requests: string
} {
  if (callers.length === 0) return { pair: listFew(destinations), requests: requests.join(', ') }
  return {
    pair: `${listFew(callers)} → ${listFew(destinations)}`,
    requests: joinAlternatives(requests, further),
  }
}

/** Describes the outcome before and after: of a dead route only after. */
export const listOutcomes = ({ change, before, after }: Finding): readonly string[] =>
  change === 'dead' ? [after] : [before, after]

/** Joins the first few of several regions, and cuts the words of each at a length. */
const joinAlternatives = (requests: readonly string[], further: number): string =>
  listFew(
    requests.map(words => (words.length > mostOfRegion ? `${words.slice(0, mostOfRegion)}…` : words)),
    3,
    '; or ',
    further,
  )

const mostOfRegion = 120

/** The sign of a change: opened, closed, weaker, or another change. */
export function getSign({ change }: Pick<Finding, 'change'>): '+' | '-' | '!' | '~' {
  if (change === 'opened') return '+'
  if (change === 'closed') return '-'
  return change === 'weakened' || change === 'dead' ? '!' : '~'
}

const changes: Readonly<Record<Finding['change'], string>> = {
  opened: 'opened',
  closed: 'closed',
  'refused-otherwise': 'refused otherwise',
  moved: 'sent elsewhere',
  changed: 'handled otherwise on the way',
  weakened: 'encrypted less',
  strengthened: 'encrypted better',
  identity: 'under another identity',
  dead: 'never taken any more',
}
