import type { Gate } from '../../schema/gates.ts'
import { printCount } from '../diagnostics/counted.ts'
import { makeTextVisible } from '../diagnostics/visible.ts'
import { code, span } from '../documents/markdown.ts'
import { joinEnvironments } from './alike-environments.ts'
import { describeEdit } from './causes.ts'
import type { Cause, Finding, UnknownFinding } from './findings.ts'
import type { Subject } from './judge.ts'
import type { ChangeGroup, ManifestChange } from './manifest-changes.ts'
import type { Notice } from './notices.ts'
import type { EnvironmentReview } from './review.ts'
import type { Review, ReviewedEnvironment } from './reviewed.ts'
import type { SpecEdit } from './spec-edits.ts'
import {
  countBehavior,
  countManifests,
  describeCertainty,
  getSign,
  isUnchanged,
  isUnseen,
  listFew,
  listOutcomes,
  makeTitle,
} from './summary.ts'
import type { Waiver } from './waivers.ts'

/** The marker by which the comment of an earlier run is found again. */
export const commentMarker = '<!-- meshc diff -->'

/** GitHub accepts 65,536 characters; text around the comment may need some of them. */
const mostCharacters = 65_000

/** The number of entries of each kind that are shown; the others are counted. */
interface Limits {
  readonly environments: number
  readonly findings: number
  readonly groups: number
  readonly changes: number
  readonly parts: number
}

/**
 * Ever shorter, the least important first: values of manifests, objects, edits, then behavior. The last always fits, as
 * no entry is longer than `mostWords` allows.
 */
const shorteningLimits: readonly Limits[] = [
  { environments: 100, findings: 1000, groups: 1000, changes: 1000, parts: 1000 },
  { environments: 100, findings: 1000, groups: 200, changes: 50, parts: 20 },
  { environments: 100, findings: 1000, groups: 100, changes: 10, parts: 5 },
  { environments: 100, findings: 500, groups: 40, changes: 5, parts: 3 },
  { environments: 100, findings: 200, groups: 20, changes: 3, parts: 2 },
  { environments: 100, findings: 100, groups: 10, changes: 2, parts: 1 },
  { environments: 100, findings: 50, groups: 0, changes: 0, parts: 0 },
  { environments: 100, findings: 20, groups: 0, changes: 0, parts: 0 },
  { environments: 50, findings: 8, groups: 0, changes: 0, parts: 0 },
  { environments: 30, findings: 3, groups: 0, changes: 0, parts: 0 },
  { environments: 20, findings: 1, groups: 0, changes: 0, parts: 0 },
  { environments: 20, findings: 0, groups: 0, changes: 0, parts: 0 },
]

/** A review as one comment of GitHub, which always fits: whole entries give way to their number, the most important stay. */
export function reviewMarkdown(all: Review): string {
  const review = { ...all, environments: joinEnvironments(all.environments) }
  for (const limit of shorteningLimits) {
    const text = getComment(review, limit)
    if (text.length <= mostCharacters) return text
  }
  throw new Error('the shortest comment does not fit')
}

function getComment({ before, after, environments }: Review, limit: Limits): string {
  const rest = environments.length - limit.environments
  const denied = environments.flatMap(({ denied }) => denied)
  const gates = [...new Set(denied.map(({ gate }) => gate))]
  return [
    commentMarker,
    `## meshc diff: ${printName(before)} → ${printName(after)}`,
    ...(denied.length > 0
      ? [
          `**Denied**: ${printCount(denied.length, 'change')} through ${gates.map(gate => printInLine(gate)).join(', ')}.`,
        ]
      : []),
    ...environments
      .slice(0, limit.environments)
      .flatMap(environment => environmentBlocks(environment, limit)),
    ...(rest > 0 ? [`And ${printCount(rest, 'more environment')}: \`meshc diff\` shows all.`] : []),
    '',
  ].join('\n\n')
}

function environmentBlocks(environment: ReviewedEnvironment, limit: Limits): readonly string[] {
  const { review, renamedFrom, unused } = environment
  const title = `### ${renamedFrom === undefined ? '' : `${printName(renamedFrom)}, now `}${printName(environment.name)}`
  const notices = renderBlock(
    'Environment',
    deniedFirst(review.notices, environment),
    notice => noticeEntry(notice, environment),
    limit.findings,
  )
  if (review.state === 'removed')
    return [title, 'The environment is removed, and all that it deploys.', ...notices]
  if (isUnseen(review)) return [title, 'A new environment, of which no request was looked at.', ...notices]
  if (isUnchanged(review)) return [title, `Nothing changes; ${describeCertainty(review)}.`]
  const summary = [
    review.state === 'added' ? 'a new environment, held against nothing' : '',
    countBehavior(review.findings) || 'no request is handled otherwise',
    countManifests(review),
  ]
  return [
    title,
    `${writeSentence(summary.filter(Boolean).join('; '))} ${writeSentence(describeCertainty(review))}`,
    ...notices,
    ...sectionTitles.flatMap(([section, heading]) => {
      const findings = review.findings.filter(finding => finding.section === section)
      // A denied finding is never among those that are only counted, if any can be shown.
      const first = findings.toSorted((a, b) => rank(a, environment) - rank(b, environment))
      return renderBlock(heading, first, finding => findingEntry(finding, environment), limit.findings)
    }),
    ...renderBlock(
      'Unknown',
      deniedFirst(review.unknown, environment),
      part => unknownEntry(part, environment),
      limit.findings,
    ),
    ...renderBlock(
      'Contradictions in meshc itself',
      review.defects,
      defect => `- ${printInLine(defect)}`,
      limit.findings,
    ),
    ...renderBlock(
      'Waivers that nothing of this needs',
      unused,
      ({ gate, owner, until }) =>
        `- ${printInLine(gate)} of ${printInLine(owner)}, until ${printInLine(until)}`,
      limit.findings,
    ),
    ...manifestBlock(review, limit),
  ]
}

const sectionTitles = [
  ['access', 'Access'],
  ['routing', 'Routing'],
  ['mtls', 'Encryption'],
  ['egress', 'Egress'],
] as const

/** Sorts the denied subjects first: they are never among those that are only counted, if any can be shown. */
const deniedFirst = <Each extends Subject>(
  subjects: readonly Each[],
  environment: ReviewedEnvironment,
): readonly Each[] => subjects.toSorted((a, b) => rank(a, environment) - rank(b, environment))

const rank = (subject: Subject, { denied }: ReviewedEnvironment) =>
  denied.some(each => each.subject === subject) ? 0 : 1

/** A list under its heading: so many entries, and the number of the others. */
function renderBlock<Entry>(
  heading: string,
  entries: readonly Entry[],
  show: (entry: Entry) => string,
  most: number,
): readonly string[] {
  if (entries.length === 0) return []
  const rest = entries.length - most
  const shown = entries.slice(0, most).map(show)
  if (shown.length === 0) return [`**${heading}**: ${entries.length}, of which there is no room to tell.`]
  return [`**${heading}**`, [...shown, ...(rest > 0 ? [`- and ${rest} more`] : [])].join('\n')]
}

const changeSigns = { '+': '➕', '-': '➖', '!': '⚠️', '~': '🔀' } as const

function noticeEntry(notice: Notice, environment: ReviewedEnvironment): string {
  const { words: noticeWords, at } = notice
  const place = at && ` (${printInLine(`${at.file}:${at.line}`)}${at.side === 'before' ? ', before' : ''})`
  return [`- ⚠️ ${printInLine(noticeWords)}${place ?? ''}`, ...verdictEntries(notice, environment)].join('\n')
}

function findingEntry(finding: Finding, environment: ReviewedEnvironment): string {
  const { witness, because, help } = finding
  const { pair, requests } = makeTitle(finding)
  return [
    `- ${changeSigns[getSign(finding)]} ${printInLine(pair)} ${printInLine(requests)}: ${listOutcomes(finding).map(printInLine).join(' → ')}`,
    `  - e.g. ${printInLine(witness.request)}`,
    ...because.slice(0, mostCauses).map(cause => `  - because of ${causeWords(cause)}`),
    ...(because.length > mostCauses ? [`  - and because of ${because.length - mostCauses} more`] : []),
    ...help.slice(0, mostHelp).map(helpEntry),
    ...verdictEntries(finding, environment),
  ].join('\n')
}

/** Lists the gates that deny a subject, or the waiver that lets it pass. */
function verdictEntries(
  subject: Subject,
  { denied, waived, review: { before } }: ReviewedEnvironment,
): readonly string[] {
  const refused = denied.filter(each => each.subject === subject)
  const waiver = waived.find(each => each.subject === subject)?.waiver
  return [
    ...(refused.length > 0
      ? [`  - ⛔ denied: ${refused.map(({ gate }) => printInLine(gate)).join(', ')}`]
      : []),
    ...refused.flatMap(({ gate, ownWaiver }) =>
      ownWaiver === undefined ? [] : [ownEntry(gate, ownWaiver, before)],
    ),
    ...(waiver === undefined
      ? []
      : [
          `  - waived until ${printInLine(waiver.until)} by ${printInLine(waiver.owner)}: ${printInLine(waiver.because)}`,
        ]),
  ]
}

const ownEntry = (gate: Gate, { owner }: Waiver, before: string) =>
  `  - the waiver of ${printInLine(gate)} by ${printInLine(owner)} comes with this change: it counts once ${printName(before)} has it`

const mostCauses = 3
const mostHelp = 3
const mostHelpWords = 500

const helpEntry = (help: string) => `  - help: ${inSpan(makeTextVisible(help, mostHelpWords))}`

const causeWords = ({ file, line, words: causeText, side }: Cause) =>
  `${printInLine(`${file}:${line}`)}${side === 'before' ? ' (before)' : ''} ${printInLine(causeText)}`

function unknownEntry(part: UnknownFinding, environment: ReviewedEnvironment): string {
  const { because, help, side } = part
  const where = side === 'both' ? '' : `, ${side}`
  const { pair, requests } = makeTitle(part)
  return [
    `- ❔ ${printInLine(pair)} ${printInLine(requests)}: because of ${printInLine(listFew(because))}${where}`,
    ...help.slice(0, mostHelp).map(helpEntry),
    ...verdictEntries(part, environment),
  ].join('\n')
}

function manifestBlock({ groups, unexplained }: EnvironmentReview, limit: Limits): readonly string[] {
  if (groups.length === 0) return []
  const rest = groups.length - limit.groups
  const shown = groups.slice(0, limit.groups).map(group => groupEntry(group, unexplained, limit))
  if (shown.length === 0) return []
  return [
    `<details><summary>Manifests${groups.some(({ edits }) => edits.length > 0) || unexplained !== undefined ? ', by the edit that changed them' : ''}</summary>`,
    [...shown, ...(rest > 0 ? [`- and ${printCount(rest, 'more edit')}`] : [])].join('\n'),
    '</details>',
  ]
}

function groupEntry({ edits, changes }: ChangeGroup, unexplained: string | undefined, limit: Limits): string {
  const [restOfEdits, rest] = [edits.length - mostEdits, changes.length - limit.changes]
  const titles = [
    ...edits.slice(0, mostEdits).map(editTitle),
    ...(restOfEdits > 0 ? [printCount(restOfEdits, 'more edit')] : []),
  ]
  return [
    `- ${titles.join(' and ') || getUntitled(unexplained)}`,
    ...changes.slice(0, limit.changes).flatMap(change => changeEntry(change, limit)),
    ...(rest > 0 ? [`  - and ${printCount(rest, 'more change')}`] : []),
  ].join('\n')
}

/** The title of changes that no edit of a spec explains: manifests that no spec makes need no explanation. */
const getUntitled = (unexplained: string | undefined) =>
  unexplained === undefined
    ? 'objects that are not the same'
    : `no edit of a spec explains these: ${printInLine(unexplained)}`

const mostEdits = 3

const editTitle = (edit: SpecEdit) =>
  `${printInLine(`${edit.at.file}:${edit.at.line}`)}${edit.at.side === 'before' ? ' (before)' : ''} ${printInLine(describeEdit(edit))}`

function changeEntry({ kind, objects, parts }: ManifestChange, limit: Limits): readonly string[] {
  const names = printInLine(listFew(objects.map(({ name }) => name)))
  const sign = kind === 'added' ? '➕' : kind === 'removed' ? '➖' : '🔀'
  const rest = parts.length - limit.parts
  return [
    `  - ${sign} ${names}${objects.length === 1 ? '' : `: the same in each of ${objects.length}`}`,
    ...parts.slice(0, limit.parts).map(({ pointer, before, after }) => {
      const values = [before, after].map(value => (value === undefined ? 'nothing' : printInLine(value)))
      return `    - ${printInLine(pointer)}: ${values.join(' → ')}`
    }),
    ...(rest > 0 ? [`    - and ${printCount(rest, 'more value')}`] : []),
  ]
}

/** Prints a user's text in one line in which nothing is Markdown, mentions a user, or is longer than a person reads. */
const printInLine = (text: string): string => inSpan(makeTextVisible(text, mostWords))

const printName = (text: string): string => inSpan(makeTextVisible(text, mostName))

/** The text is not in a table, whose cells a bar would end. */
const inSpan = (text: string): string => (text === '' ? code(text).text : span(text))

const mostWords = 240
const mostName = 60

/** Words of our own as a sentence. */
const writeSentence = (text: string) => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`
