import type { Gate } from '../../schema/gates.ts'
import { printCount } from '../diagnostics/counted.ts'
import { makeTextVisible } from '../diagnostics/visible.ts'
import { joinEnvironments } from './alike-environments.ts'
import { describeEdit } from './causes.ts'
import type { Cause, Finding } from './findings.ts'
import type { Subject } from './judge.ts'
import type { ChangeGroup, ManifestChange } from './manifest-changes.ts'
import type { EnvironmentReview } from './review.ts'
import type { Review, ReviewedEnvironment } from './reviewed.ts'
import type { PlaceOfEdit, SpecEdit } from './spec-edits.ts'
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

/** Findings of a section, edits and objects of a group and parts of an object beyond these are counted. */
const mostFindings = 40
const mostEdits = 6
const mostObjects = 12
const mostParts = 8

/** A review as a person reads it in a terminal. */
export function reviewText({ environments, before, after }: Review, color: boolean): string {
  const paint = (style: string, text: string) => (color ? `\u001b[${style}m${text}\u001b[0m` : text)
  return joinEnvironments(environments)
    .map(environment => renderEnvironment(environment, `${before} → ${after}`, paint).join('\n'))
    .join('\n\n')
}

type Paint = (style: string, text: string) => string

function renderEnvironment(environment: ReviewedEnvironment, sides: string, paint: Paint): readonly string[] {
  const { name, renamedFrom, review } = environment
  const title = `${paint('1', makeTextVisible(renamedFrom === undefined ? name : `${renamedFrom}, now ${name}`))} · ${makeTextVisible(sides)}`
  if (review.state === 'removed')
    return [
      `${title}: the environment is removed, and all that it deploys`,
      ...noticeRows(environment, review.before, paint),
    ]
  if (isUnseen(review))
    return [
      `${title}: a new environment, of which no request was looked at`,
      ...noticeRows(environment, review.before, paint),
    ]
  if (isUnchanged(review)) return [`${title}: nothing changes; ${describeCertainty(review)}`]
  const behavior = countBehavior(review.findings)
  const manifests = countManifests(review)
  const kind = review.state === 'added' ? 'a new environment, held against nothing' : undefined
  return [
    `${title}: ${[kind, behavior || 'no request is handled otherwise', manifests].filter(Boolean).join('; ')}`,
    describeCertainty(review),
    ...noticeRows(environment, review.before, paint),
    ...sectionTitles.flatMap(([section, heading]) => {
      const findings = review.findings.filter(finding => finding.section === section)
      return findings.length === 0
        ? []
        : ['', paint('1', heading), ...findingRows(findings, environment, review.before, paint)]
    }),
    ...unknownRows(environment, review.before, paint),
    ...environment.unused.map(
      ({ gate, owner, until }) =>
        `\nthe waiver of ${gate} by ${makeTextVisible(owner)}, until ${until}, lets nothing of this pass: remove it once what it is for is there`,
    ),
    ...review.defects.flatMap(defect => [
      '',
      `${paint('1;31', 'DEFECT')} of meshc: ${makeTextVisible(defect)}`,
    ]),
    ...manifestRows(review, paint),
  ]
}

const sectionTitles = [
  ['access', 'ACCESS'],
  ['routing', 'ROUTING'],
  ['mtls', 'MTLS'],
  ['egress', 'EGRESS'],
] as const

const colors = { '+': '32', '-': '31', '!': '33', '~': '36' } as const

function noticeRows(environment: ReviewedEnvironment, before: string, paint: Paint): readonly string[] {
  const { notices } = environment.review
  if (notices.length === 0) return []
  const rest = notices.length - mostFindings
  return [
    '',
    paint('1', 'ENVIRONMENT'),
    ...notices.slice(0, mostFindings).flatMap(notice => {
      const { words, at } = notice
      return [
        `  ${paint(colors['!'], '!')} ${makeTextVisible(words, 500)}`,
        ...(at === undefined ? [] : [`      in ${describePlaceOfEdit(at)}`]),
        ...verdictRows(notice, environment, before, paint),
      ]
    }),
    ...(rest > 0 ? [`  and ${rest} more: \`--json\` lists all`] : []),
  ]
}

function findingRows(
  findings: readonly Finding[],
  environment: ReviewedEnvironment,
  before: string,
  paint: Paint,
): readonly string[] {
  const rest = findings.length - mostFindings
  return [
    ...findings.slice(0, mostFindings).flatMap(finding => {
      const { witness, because } = finding
      const { pair, requests } = makeTitle(finding)
      const sign = getSign(finding)
      return [
        `  ${paint(colors[sign], sign)} ${makeTextVisible(`${pair}  ${requests}`, 500)}`,
        `      ${makeTextVisible(listOutcomes(finding).join(' → '), 400)}`,
        `      e.g. ${makeTextVisible(witness.request, 400)}`,
        ...because.map((cause, index) => `      ${index === 0 ? 'because' : '       '} ${causeWords(cause)}`),
        ...finding.help.map(helpRow),
        ...verdictRows(finding, environment, before, paint),
      ]
    }),
    ...(rest > 0 ? [`  and ${rest} more: \`--json\` lists all`] : []),
  ]
}

/** Lists the gates that deny a subject, or the waiver that lets it pass. */
function verdictRows(
  subject: Subject,
  { denied, waived }: ReviewedEnvironment,
  before: string,
  paint: Paint,
): readonly string[] {
  const refused = denied.filter(each => each.subject === subject)
  const waiver = waived.find(each => each.subject === subject)?.waiver
  return [
    ...(refused.length > 0
      ? [`      ${paint('1;31', 'denied')}: ${refused.map(({ gate }) => gate).join(', ')}`]
      : []),
    ...refused.flatMap(({ gate, ownWaiver }) =>
      ownWaiver === undefined ? [] : [ownRow(gate, ownWaiver, before)],
    ),
    ...(waiver === undefined
      ? []
      : [
          `      waived until ${waiver.until} by ${makeTextVisible(waiver.owner)}: ${makeTextVisible(waiver.because)}`,
        ]),
  ]
}

const ownRow = (gate: Gate, { owner }: Waiver, before: string) =>
  `      the waiver of ${gate} by ${makeTextVisible(owner)} comes with this change: it counts once ${makeTextVisible(before)} has it`

const helpRow = (help: string) => `      help: ${makeTextVisible(help, 500)}`

const causeWords = ({ words, ...place }: Cause) =>
  makeTextVisible(`${describePlaceOfEdit(place)}  ${words}`, 240)

const describePlaceOfEdit = ({ file, line, side }: PlaceOfEdit) =>
  makeTextVisible(`${file}:${line}${side === 'before' ? ' (before)' : ''}`, 240)

function unknownRows(environment: ReviewedEnvironment, before: string, paint: Paint): readonly string[] {
  const { unknown } = environment.review
  if (unknown.length === 0) return []
  const rest = unknown.length - mostFindings
  return [
    '',
    paint('1', 'UNKNOWN'),
    ...unknown.slice(0, mostFindings).flatMap(part => {
      const { because, help, side } = part
      return [
        `  ? ${makeTextVisible(Object.values(makeTitle(part)).join('  '), 400)}`,
        ...because.map(
          (construct, index) =>
            `      ${index === 0 ? 'because of' : '          '} ${makeTextVisible(construct)}${side === 'both' ? '' : `, ${side}`}`,
        ),
        ...help.map(helpRow),
        ...verdictRows(part, environment, before, paint),
      ]
    }),
    ...(rest > 0 ? [`  and ${rest} more: \`--json\` lists all`] : []),
  ]
}

function manifestRows({ groups, unexplained }: EnvironmentReview, paint: Paint): readonly string[] {
  if (groups.length === 0) return []
  return ['', paint('1', 'MANIFESTS'), ...groups.flatMap(group => groupRows(group, unexplained, paint))]
}

function groupRows({ edits, changes }: ChangeGroup, unexplained: string | undefined, paint: Paint) {
  const titles =
    edits.length === 0
      ? unexplained === undefined
        ? []
        : [`no edit of a spec explains these: ${unexplained}`]
      : edits.slice(0, mostEdits).map(editRow)
  const [restOfEdits, rest] = [edits.length - mostEdits, changes.length - mostObjects]
  return [
    ...titles.map(title => `  ${makeTextVisible(title, 240)}`),
    ...(restOfEdits > 0 ? [`  and ${printCount(restOfEdits, 'more edit')}: \`--json\` lists all`] : []),
    ...changes.slice(0, mostObjects).flatMap(change => changeRows(change, paint)),
    ...(rest > 0 ? [`    and ${printCount(rest, 'more change')}: \`--json\` lists all`] : []),
  ]
}

/** Edits that change something together are on consecutive lines. */
const editRow = (edit: SpecEdit, index: number) => {
  const { file, line, side } = edit.at
  return `${index === 0 ? '' : 'and '}${file}:${line}${side === 'before' ? ' (before)' : ''}  ${describeEdit(edit)}`
}

function changeRows({ kind, objects, parts }: ManifestChange, paint: Paint): readonly string[] {
  const sign = kind === 'added' ? '+' : kind === 'removed' ? '-' : '~'
  const names = listFew(objects.map(({ name }) => name))
  const rest = parts.length - mostParts
  return [
    `    ${paint(colors[sign], sign)} ${makeTextVisible(objects.length === 1 ? `${names} (${objects[0]!.path})` : `${names}: the same in each of ${objects.length}`)}`,
    ...parts.slice(0, mostParts).map(({ pointer, before, after }) => {
      const values =
        before === undefined ? after : after === undefined ? `was ${before}` : `${before} → ${after}`
      return `        ${makeTextVisible(`${pointer}: ${values}`, 200)}`
    }),
    ...(rest > 0 ? [`        and ${printCount(rest, 'more value')}`] : []),
  ]
}
