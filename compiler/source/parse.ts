import {
  CORE_SCHEMA,
  EVENT_ALIAS,
  EVENT_DOCUMENT,
  EVENT_MAPPING,
  EVENT_POP,
  EVENT_SCALAR,
  EVENT_SEQUENCE,
  type Event,
  getScalarValue,
  parseEvents,
  SCALAR_STYLE_PLAIN,
  type ScalarEvent,
  YAMLException,
} from 'js-yaml'
import { namedSections } from '../../schema/generated/field-facts.ts'
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import type { Gap } from '../diagnostics/faulty-parts.ts'
import type { Source, Span } from '../diagnostics/source.ts'
import { type AliasBeyond, deepestNesting, findExceededAlias, findExceededSize, isBroken } from './bounds.ts'
import { duplicateKey, syntaxError, tooLarge, unquotedStar, unsupportedYaml } from './diagnostics.ts'
import { isExact, isMap, makeEmptyMap, type SpecDocument, type SpecMap } from './document.ts'
import { explainSyntax, mergeMark } from './explain-syntax.ts'
import { findSpansLazily } from './lazy-spans.ts'
import { findPathAround } from './path-at.ts'
import { type PlainYaml, parsePlain } from './plain-yaml.ts'
import { keepSoundParts } from './sound-parts.ts'

/** A reader does not need more findings in one file, and they must not fill the memory either. */
const mostFindings = 1_000

/** A document, unless the text has none, and its faults. A document with faults may still have findings in other parts. */
export interface Parsed {
  readonly document: SpecDocument | undefined
  readonly diagnostics: readonly Diagnostic[]
}

/** Parses a text to a document. Reports constructs that YAML forbids, and constructs that YAML allows but a spec must not use. */
export function parse(source: Source): Parsed {
  const { text } = source
  const whole = { location: { file: source.name, start: 0, end: 0 } }
  const than = findExceededSize(text)
  if (than !== undefined) return makeUnparsed(tooLarge(whole, { than }))
  const plain = parsePlain(text)
  return plain === undefined
    ? parseAny(source)
    : { document: makeDocument(source, plain, true), diagnostics: [] }
}

/** The same by js-yaml alone. Only js-yaml defines the meaning of YAML, and only js-yaml finds faults. */
export function parseAny(source: Source): Parsed {
  const { text } = source
  const strange = text.search(unprintable)
  if (strange !== -1) {
    const code = text.charCodeAt(strange).toString(16).toUpperCase().padStart(4, '0')
    return makeUnparsed(
      syntaxError(
        { location: { file: source.name, start: strange, end: strange + 1 } },
        { reason: `the character U+${code} cannot stand in YAML`, help: 'remove it' },
      ),
    )
  }
  const read = getEvents(text)
  if ('reason' in read) return parseSoundParts(source, read)
  const construction = new Construction(source, read.events)
  const value = construction.document()
  const { hasNull, diagnostics } = construction
  const document = makeDocument(source, { value, hasNull }, false)
  return { document: { ...document, lost: listDocumentGaps(diagnostics, document) }, diagnostics }
}

/** The fault at which a text stops being YAML. */
interface SyntaxFault {
  readonly at: number
  readonly reason: string
}

function getEvents(text: string): { readonly events: readonly Event[] } | SyntaxFault {
  try {
    return { events: parseEvents(text, { maxDepth: deepestNesting }) }
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error
    return { at: Math.min(error.mark?.position ?? 0, text.length), reason: error.reason }
  }
}

/** Parses the readable parts of an invalid YAML text, and explains the faults of the other parts. */
function parseSoundParts(source: Source, first: SyntaxFault): Parsed {
  const { text } = source
  const fault = ({ at, reason }: SyntaxFault) =>
    syntaxError({ location: { file: source.name, start: at, end: at } }, explainSyntax(text, at, reason))
  const isEntry = (lines: string) => {
    const column = getColumn(lines)
    if (isMap(parsePlain(lines.replaceAll(/^ +/gm, indent => indent.slice(column)))?.value)) return true
    const read = getEvents(lines)
    return 'events' in read && read.events[1]?.type === EVENT_MAPPING
  }
  // The lines that an unresolved merge belongs to are unknown.
  const mark = mergeMark(text)
  if (mark !== undefined) {
    const { at, ...words } = mark
    return makeUnparsed(syntaxError({ location: { file: source.name, start: at, end: at + 7 } }, words))
  }
  const { text: sound, lost, unsound } = keepSoundParts(text, isEntry)
  // A parser notices a bracket or quote that is open only later, in a part that is sound.
  const cause = unsound.findLast(({ start }) => start <= first.at)
  const read = cause === undefined ? undefined : parse({ name: source.name, text: sound })
  if (cause === undefined || read?.document?.isYaml !== true) return makeUnparsed(fault(first))
  const spans = unsound.slice(unsound.indexOf(cause) + 1).slice(0, mostFindings)
  const document = { ...read.document, source, isYaml: false, lost: [...lost, ...read.document.lost] }
  const diagnostics = [first, ...spans.map(stretch => faultIn(text, stretch))].map(fault)
  return { document, diagnostics: [...diagnostics, ...read.diagnostics] }
}

const getColumn = (lines: string) => lines.search(/[^ ]/)

/** Finds the fault that ends the entries of a map in a stretch of lines; a line without a key does so with the next one. */
function faultIn(text: string, { start, end }: Span): SyntaxFault {
  const lines = text.slice(start, end).replace(/\n?$/, '\n')
  const events = getEvents(lines)
  const foundEvents = 'reason' in events ? events : getEvents(`${lines}${' '.repeat(getColumn(lines))}a: b`)
  return 'reason' in foundEvents
    ? { at: Math.min(start + foundEvents.at, text.length), reason: foundEvents.reason }
    : { at: start + getColumn(lines), reason: 'no implicit key' }
}

const makeDocument = (source: Source, { value, hasNull }: PlainYaml, isPlain: boolean): SpecDocument => ({
  source,
  value,
  hasNull,
  isYaml: true,
  lost: [],
  ...findSpansLazily(source.text, isPlain),
})

/** Lists the gaps of a document: the parts that are not readable. */
const listDocumentGaps = (diagnostics: readonly Diagnostic[], document: SpecDocument): readonly Gap[] =>
  diagnostics.flatMap(({ code, at, related }) => {
    // The diagnostic of a repeated key points at the key.
    const [place = at] = related.map(({ at }) => at)
    if (!('location' in place)) return []
    const path = findPathAround(document, place.location.start)
    const isEntry = path.length === 2 && namedSections.includes(String(path[0]))
    // Of two entries with one name, one probably needs another name.
    return code === duplicateKey.code && isEntry
      ? [{ path }, { path: path.slice(0, 1), isOfNames: true }]
      : [{ path }]
  })

const makeUnparsed = (...diagnostics: readonly Diagnostic[]): Parsed => ({ document: undefined, diagnostics })

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters that YAML excludes
const unprintable = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F\uFFFE\uFFFF]/

/** The span of a scalar; an omitted key has no position. */
const getSpan = ({ valueStart, valueEnd }: ScalarEvent): Span => ({
  start: Math.max(valueStart, 0),
  end: Math.max(valueEnd, 0),
})

/** A word that no schema of YAML takes for anything else: true, false and null begin with t, f and n, numbers with a digit or sign. */
const wordStart = /^[A-EG-MO-SU-Za-eg-mo-su-z/_]/

const mergeHelp =
  'write the fields out; what all services share goes into `defaults`, what environments share into a layer that they extend'

/**
 * Builds plain values from events: no prototypes, each key once, aliases within bounds. A refused value is
 * left undefined.
 */
class Construction {
  readonly diagnostics: Diagnostic[] = []
  hasNull = false
  private readonly source: Source
  private readonly events: readonly Event[]
  private at = 0
  private readonly anchors = new Map<string, unknown>()
  private readonly beyond: AliasBeyond | undefined

  constructor(source: Source, events: readonly Event[]) {
    this.source = source
    this.events = events
    this.beyond = findExceededAlias(source.text, events)
  }

  document(): unknown {
    let documents = 0
    for (const event of this.events) if (event.type === EVENT_DOCUMENT) documents++
    if (documents > 1) {
      const second = this.source.text.search(/\n---/) + 1
      const span = { start: second, end: second + 3 }
      this.refuse(span, 'several documents in one file', 'move the others into files of their own')
    }
    if (documents === 0 || this.events[1] === undefined || this.events[1].type === EVENT_POP) return undefined
    this.at = 1
    return this.value()
  }

  private value(): unknown {
    const event = this.events[this.at++]!
    if (event.type === EVENT_ALIAS) return this.alias(event)
    if (event.type === EVENT_DOCUMENT || event.type === EVENT_POP)
      throw new Error(`event ${event.type} where a value was due`)
    if (event.tagStart >= 0) this.refuseTag(event)
    const value =
      event.type === EVENT_SCALAR
        ? this.scalar(event)
        : event.type === EVENT_SEQUENCE
          ? this.sequence()
          : this.map()
    if (event.anchorStart >= 0) this.remember(event, value)
    return value
  }

  private sequence(): readonly unknown[] {
    const items: unknown[] = []
    while (this.events[this.at]!.type !== EVENT_POP) items.push(this.value())
    this.at++
    return items
  }

  private map(): SpecMap {
    const map = makeEmptyMap()
    const start = this.at
    for (let event = this.events[this.at]!; event.type !== EVENT_POP; event = this.events[this.at]!) {
      if (event.type !== EVENT_SCALAR) {
        const start = 'start' in event ? event.start : 0
        this.refuse({ start, end: start + 1 }, 'a key that is not a plain name', 'a key is a single word')
        this.value()
        this.value()
        continue
      }
      this.at++
      if (event.tagStart >= 0) this.refuseTag(event)
      // A key is text, whatever its word would mean as a value.
      const key = this.textOf(event)
      if (isBroken(key)) this.refuseBroken(event)
      if (event.anchorStart >= 0) this.remember(event, key)
      const isRepeated = key in map
      if (isRepeated) this.repeatedKey(key, getSpan(event), start)
      else if (key === '<<') this.refuse(getSpan(event), 'a merge key `<<`', mergeHelp)
      const value = this.value()
      if (!isRepeated && key !== '<<') map[key] = value
    }
    this.at++
    return map
  }

  /** @param start the event of the first key of the map */
  private repeatedKey(key: string, span: Span, start: number): void {
    if (this.diagnostics.length >= mostFindings) return
    const first = this.firstKey(key, start)
    const locate = (span: Span) => ({ location: { file: this.source.name, ...span } })
    const related = { at: locate(first), message: `\`${key}\` is first set here` }
    this.diagnostics.push(duplicateKey(locate(span), { key }, [related]))
  }

  /** Finds the first of two equal keys of a map; called only if the map has a duplicate key. */
  private firstKey(key: string, start: number): Span {
    let depth = 0
    let isKey = true
    for (let at = start; at < this.events.length; at++) {
      const event = this.events[at]!
      if (event.type === EVENT_SCALAR && depth === 0 && isKey) {
        if (this.textOf(event) === key) return getSpan(event)
      }
      if (event.type === EVENT_MAPPING || event.type === EVENT_SEQUENCE) depth++
      else if (event.type === EVENT_POP) depth--
      if (depth === 0) isKey = !isKey
    }
    throw new Error(`the key ${key}, which is a duplicate, does not occur`)
  }

  private scalar(event: ScalarEvent): unknown {
    const text = this.textOf(event)
    if (isBroken(text)) this.refuseBroken(event)
    // Most words are plain strings. YAML's core schema decides the meaning of the others.
    if (event.style !== SCALAR_STYLE_PLAIN || wordStart.test(text)) return text
    const { value } = CORE_SCHEMA.resolveImplicitScalarTag(text)
    if (value === null) this.hasNull = true
    if (typeof value === 'number' && !isExact(value)) {
      this.refuse(
        getSpan(event),
        `the number \`${text}\``,
        'write a number of at most 15 digits, or put a text in quotes',
      )
      return undefined
    }
    return value
  }

  private textOf(event: ScalarEvent): string {
    const { text } = this.source
    return event.fast ? text.slice(event.valueStart, event.valueEnd) : getScalarValue(text, event)
  }

  private remember(event: Extract<Event, { anchorStart: number }>, value: unknown): void {
    this.anchors.set(this.source.text.slice(event.anchorStart, event.anchorEnd), value)
  }

  private alias(event: Extract<Event, { type: typeof EVENT_ALIAS }>): unknown {
    const name = this.source.text.slice(event.anchorStart, event.anchorEnd)
    const span = { start: event.anchorStart, end: event.anchorEnd }
    const { beyond } = this
    // A later alias may repeat the first refused one.
    if (beyond !== undefined && this.at > beyond.index) {
      if (this.at === beyond.index + 1) this.refuse(span, beyond.excess)
      return undefined
    }
    if (this.anchors.has(name)) return this.anchors.get(name)
    if (this.source.text.includes(`&${name}`))
      this.refuse(span, `the alias \`*${name}\` of an anchor that is not above it`)
    else if (this.diagnostics.length < mostFindings) {
      const whole = { file: this.source.name, start: span.start - 1, end: span.end }
      this.diagnostics.push(unquotedStar({ location: whole }, { alias: `*${name}` }))
    }
    return undefined
  }

  private refuseTag(event: Extract<Event, { tagStart: number }>): void {
    const span = { start: event.tagStart, end: event.tagEnd }
    this.refuse(span, `the tag \`${this.source.text.slice(span.start, span.end)}\``, 'remove the tag')
  }

  private refuseBroken(event: ScalarEvent): void {
    this.refuse(getSpan(event), 'half of a surrogate pair', 'write the character itself, or take it out')
  }

  private refuse(span: Span, construct: string, help?: string): void {
    if (this.diagnostics.length >= mostFindings) return
    const params = { construct, ...(help !== undefined && { help }) }
    this.diagnostics.push(unsupportedYaml({ location: { file: this.source.name, ...span } }, params))
  }
}
