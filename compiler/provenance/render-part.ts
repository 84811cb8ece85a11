import { type FrameOptions, type MarkedPlace, makeFrameRenderer, makePainter } from '../diagnostics/frames.ts'
import { indexLines } from '../diagnostics/lines.ts'
import type { Source } from '../diagnostics/source.ts'
import { makeTextVisible } from '../diagnostics/visible.ts'
import type { Definition } from '../source/layers.ts'
import { printPointer, printSpecPath } from './paths.ts'
import type { DecisionReason, Explained, ExplainedPart, Reason, SpecReason } from './reasons.ts'

/** The largest number of places and decisions that are shown; the others are counted. */
const mostPlaces = 10
const mostDecisions = 6

/**
 * Shows the reasons for a part of an object: the lines of the spec that set it, the overridden definitions, then the decisions of
 * meshc and how to change them.
 */
export function makePartRenderer(
  sources: readonly Source[],
  options: FrameOptions,
): (part: ExplainedPart | Pick<Explained, 'reasons'>) => readonly string[] {
  const getFrames = makeFrameRenderer(sources, options)
  const findLines = indexLines(sources)
  const paint = makePainter(options.color)
  const getAddress = ({ file, start }: Definition) => {
    const position = findLines(file)?.positionOf(start)
    return position === undefined ? file : `${file}:${position.line}`
  }

  return part => {
    const { places, decisions } = getShown(part)
    const shared = 'shared' in part ? part.shared : []
    const { rows, margin } = getFrames(places.slice(0, mostPlaces), 'note')
    const notes: string[] = []
    const note = (title: string, text: string) =>
      notes.push(`${margin} ${paint('frame', '=')} ${paint('strong', `${title}:`)} ${makeTextVisible(text)}`)
    if (places.length > mostPlaces) note('note', `and ${places.length - mostPlaces} more places`)
    for (const { reason, makes } of decisions.slice(0, mostDecisions)) {
      const made = makes === '' ? '' : ` makes \`${makes}\``
      const change = reason.set === undefined ? '' : `; \`${reason.set}\` sets something else`
      note(reason.kind, `${reason.summary} (${reason.name})${made}${change}`)
    }
    if (decisions.length > mostDecisions)
      note('note', `and ${decisions.length - mostDecisions} more, see \`meshc explain defaults\``)
    const because = shared.map(reason =>
      reason.kind === 'spec'
        ? `\`${printSpecPath(reason.path)}\` (${reason.definitions[0] === undefined ? 'left out' : getAddress(reason.definitions[0])})`
        : reason.name,
    )
    if (because.length > 0) note('object', `is there because of ${because.join(', ')}`)
    return [...rows, ...notes]
  }
}

interface Shown {
  readonly places: readonly MarkedPlace[]
  readonly decisions: readonly { readonly reason: DecisionReason; readonly makes: string }[]
}

function getShown(part: ExplainedPart | Pick<Explained, 'reasons'>): Shown {
  if ('reasons' in part) return ofScalar(part)
  return part.scalars.length === 1 ? ofScalar(part.scalars[0]!) : ofScalars(part.scalars)
}

/** Shows one scalar: its nearest place first, then the definitions that it overrides, then the others. */
function ofScalar({ reasons }: Pick<Explained, 'reasons'>): Shown {
  const places = reasons.filter(isSpecReason)
  const nearest = reasons[0]?.kind === 'spec' ? places[0] : undefined
  return {
    places: places.flatMap(reason =>
      listMarkedPlaces(reason, `\`${printSpecPath(reason.path)}\``, reason === nearest),
    ),
    decisions: reasons.flatMap(reason => (isSpecReason(reason) ? [] : [{ reason, makes: '' }])),
  }
}

/** Shows several scalars: each nearest reason once, with its values; places of the spec come before decisions of meshc. */
function ofScalars(scalars: readonly Explained[]): Shown {
  const groups = new Map<string, { readonly reason: Reason; readonly scalars: Explained[] }>()
  for (const scalar of scalars) {
    const reason = scalar.reasons[0]!
    const key = isSpecReason(reason) ? JSON.stringify(reason.path) : reason.name
    const group = groups.get(key)
    if (group === undefined) groups.set(key, { reason, scalars: [scalar] })
    else group.scalars.push(scalar)
  }
  const places: MarkedPlace[] = []
  const decisions: { reason: DecisionReason; makes: string }[] = []
  for (const { reason, scalars } of groups.values()) {
    const makes = summed(scalars)
    if (isSpecReason(reason)) places.push(...listMarkedPlaces(reason, makes, true))
    else decisions.push({ reason, makes })
  }
  return { places, decisions: decisions.toSorted((a, b) => rankDecision(a.reason) - rankDecision(b.reason)) }
}

const rankDecision = ({ kind }: DecisionReason) => (kind === 'default' ? 0 : 1)

/** `timeout: 30s`, or with more of them `attempts: 2 and 3 more`. */
function summed(scalars: readonly Explained[]): string {
  const { entry } = scalars[0]!
  const rest = scalars.length - 1
  return `${getLast(entry.path)}: ${entry.value}${rest === 0 ? '' : ` and ${rest} more`}`
}

function getLast(path: Explained['entry']['path']): string {
  const from = path.findLastIndex(step => typeof step === 'string')
  return printPointer(path.slice(from)).slice(1)
}

function listMarkedPlaces(reason: SpecReason, message: string, isPrimary: boolean): readonly MarkedPlace[] {
  return reason.definitions.map((definition, index) => ({
    at: definition,
    message:
      index === 0
        ? message
        : isMerged(reason)
          ? `${message}, too`
          : `overridden: ${printValue(definition.value)}`,
    isPrimary: isPrimary && index === 0,
  }))
}

/** Maps of several layers are merged: no one of them is overridden. */
const isMerged = ({ definitions }: SpecReason) =>
  definitions.every(({ value }) => typeof value === 'object' && value !== null && !Array.isArray(value))

const printValue = (value: unknown) => (typeof value === 'object' ? JSON.stringify(value) : String(value))

const isSpecReason = (reason: Reason): reason is SpecReason => reason.kind === 'spec'
