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
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import type { Source, Span } from '../diagnostics/source.ts'
import { duplicateKey, syntaxError, tooLarge, unsupportedYaml } from './diagnostics.ts'
import { emptyMap, type SpecDocument, type SpecMap } from './document.ts'
import { explainSyntax } from './explain-syntax.ts'
import { spansOf } from './spans.ts'

/** A file larger than this is refused unread: ten thousand services take about 10 MB. */
export const largestFile = 64 * 1024 * 1024
/** What a file may hold: more values would not fit into the memory of a small machine. */
const mostValues = 3_000_000
/** More findings in one file help nobody, and must not fill the memory either. */
const mostFindings = 1_000
/** What aliases may add to a document, in values: more is a billion-laughs bomb, not a spec. */
const mostAliasedValues = 100_000
const deepestNesting = 100

/** A document, unless the text has none, and what is wrong with it; a document with faults still tells of others. */
export interface Parsed {
  readonly document: SpecDocument | undefined
  readonly diagnostics: readonly Diagnostic[]
}

/** Text to a document; reports what YAML forbids, and what YAML allows but a spec must not use. */
export function parse(source: Source): Parsed {
  const { text } = source
  const whole = { location: { file: source.name, start: 0, end: 0 } }
  if (text.length > largestFile) return nothing(tooLarge(whole, { than: '64 MiB' }))
  if (holdsTooMuch(text)) return nothing(tooLarge(whole, { than: '3 million values' }))
  const strange = text.search(unprintable)
  if (strange !== -1) {
    const code = text.charCodeAt(strange).toString(16).toUpperCase().padStart(4, '0')
    return nothing(
      syntaxError(
        { location: { file: source.name, start: strange, end: strange + 1 } },
        { reason: `the character U+${code} cannot stand in YAML`, help: 'remove it' },
      ),
    )
  }
  let events: Event[]
  try {
    events = parseEvents(text, { maxDepth: deepestNesting })
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error
    const start = Math.min(error.mark?.position ?? 0, text.length)
    return nothing(
      syntaxError(
        { location: { file: source.name, start, end: start } },
        explainSyntax(text, start, error.reason),
      ),
    )
  }
  const construction = new Construction(source, events)
  const value = construction.document()
  let spans: ReturnType<typeof spansOf> | undefined
  const document: SpecDocument = {
    source,
    value,
    hasNull: construction.hasNull,
    spanOf(path, part) {
      // Spans are for messages only, so a build that has none to give never pays for them.
      spans ??= spansOf(text, parseEvents(text, { maxDepth: deepestNesting }))
      return spans(path, part)
    },
  }
  return { document, diagnostics: construction.diagnostics }
}

const nothing = (...diagnostics: readonly Diagnostic[]): Parsed => ({ document: undefined, diagnostics })

/** Counts the signs that stand between values. A text of three megabytes cannot have too many. */
function holdsTooMuch(text: string): boolean {
  if (text.length <= mostValues) return false
  let count = 0
  for (let at = 0; at < text.length && count <= mostValues; at++) {
    const code = text.charCodeAt(at)
    if (code < separators.length && separators[code] === 1) count++
    // A dash is a sign before a space only; names have many.
    else if (code === dash && text.charCodeAt(at + 1) <= space) count++
  }
  return count > mostValues
}

const [dash, space] = [0x2d, 0x20]
const separators = new Uint8Array(0x80)
for (const sign of '\n,:[{?') separators[sign.charCodeAt(0)] = 1

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters that YAML excludes
const unprintable = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F\uFFFE\uFFFF]/

/** Where a scalar stands; a key that is left out stands nowhere. */
const spanOf = ({ valueStart, valueEnd }: ScalarEvent): Span => ({
  start: Math.max(valueStart, 0),
  end: Math.max(valueEnd, 0),
})

/** Builds plain values from events: no prototypes, each key once, aliases within bounds. What is refused is left undefined. */
class Construction {
  readonly diagnostics: Diagnostic[] = []
  hasNull = false
  private readonly source: Source
  private readonly events: readonly Event[]
  private at = 0
  private readonly anchors = new Map<string, { value: unknown; size: number }>()
  private size = 0
  private aliased = 0

  constructor(source: Source, events: readonly Event[]) {
    this.source = source
    this.events = events
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
    this.size++
    switch (event.type) {
      case EVENT_SCALAR: {
        this.checkTag(event)
        return this.anchored(event, this.scalar(event))
      }
      case EVENT_SEQUENCE: {
        this.checkTag(event)
        const before = this.size
        const items: unknown[] = []
        while (this.events[this.at]!.type !== EVENT_POP) items.push(this.value())
        this.at++
        return this.anchored(event, items, this.size - before)
      }
      case EVENT_MAPPING: {
        this.checkTag(event)
        const before = this.size
        const map = this.map()
        return this.anchored(event, map, this.size - before)
      }
      case EVENT_ALIAS:
        return this.alias(event)
      default:
        throw new Error(`event ${event.type} where a value was due`)
    }
  }

  private map(): SpecMap {
    const map = emptyMap()
    const start = this.at
    while (this.events[this.at]!.type !== EVENT_POP) {
      const keyEvent = this.events[this.at]!
      const keyValue = this.value()
      if (keyEvent.type !== EVENT_SCALAR) {
        const start = 'start' in keyEvent ? keyEvent.start : 0
        const span = { start, end: start + 1 }
        this.refuse(span, 'a key that is not a plain name', 'a key is a single word')
        this.value()
        continue
      }
      const key = this.keyOf(keyEvent, keyValue)
      const isRepeated = key in map
      if (isRepeated) this.repeatedKey(key, spanOf(keyEvent), start)
      else if (key === '<<') this.refuse(spanOf(keyEvent), 'a merge key `<<`')
      const value = this.value()
      if (!isRepeated && key !== '<<') map[key] = value
    }
    this.at++
    return map
  }

  private keyOf(event: ScalarEvent, value: unknown): string {
    const { start, end } = spanOf(event)
    return event.style === SCALAR_STYLE_PLAIN ? this.source.text.slice(start, end) : String(value)
  }

  /** @param start the event of the first key of the map */
  private repeatedKey(key: string, span: Span, start: number): void {
    if (this.diagnostics.length >= mostFindings) return
    const first = this.firstKey(key, start)
    const locate = (span: Span) => ({ location: { file: this.source.name, ...span } })
    const related = { at: locate(first), message: `\`${key}\` is first set here` }
    this.diagnostics.push(duplicateKey(locate(span), { key }, [related]))
  }

  /** Where a map says a key first: looked for only when it is said twice. */
  private firstKey(key: string, start: number): Span {
    let depth = 0
    let isKey = true
    for (let at = start; at < this.events.length; at++) {
      const event = this.events[at]!
      if (event.type === EVENT_SCALAR && depth === 0 && isKey) {
        if (this.keyOf(event, getScalarValue(this.source.text, event)) === key) return spanOf(event)
      }
      if (event.type === EVENT_MAPPING || event.type === EVENT_SEQUENCE) depth++
      else if (event.type === EVENT_POP) depth--
      if (depth === 0) isKey = !isKey
    }
    throw new Error(`the key ${key}, which is said twice, is said nowhere`)
  }

  private scalar(event: ScalarEvent): unknown {
    const text = getScalarValue(this.source.text, event)
    if (event.style !== SCALAR_STYLE_PLAIN) return text
    const { value } = CORE_SCHEMA.resolveImplicitScalarTag(text)
    if (value === null) this.hasNull = true
    if (typeof value === 'number' && !Number.isFinite(value)) {
      const span = { start: event.valueStart, end: event.valueEnd }
      this.refuse(span, `the number \`${text}\``, 'write a finite number, or put a text in quotes')
      return undefined
    }
    return value
  }

  private anchored(event: Extract<Event, { anchorStart: number }>, value: unknown, size = 1): unknown {
    if (event.anchorStart >= 0) {
      this.anchors.set(this.source.text.slice(event.anchorStart, event.anchorEnd), { value, size })
    }
    return value
  }

  private alias(event: Extract<Event, { type: typeof EVENT_ALIAS }>): unknown {
    const name = this.source.text.slice(event.anchorStart, event.anchorEnd)
    const span = { start: event.anchorStart, end: event.anchorEnd }
    const anchor = this.anchors.get(name)
    if (anchor === undefined) {
      const construct = `the alias \`*${name}\` of an anchor that is not above it`
      this.refuse(span, construct, 'put a value that begins with `*` in quotes')
      return undefined
    }
    this.aliased += anchor.size
    this.size += anchor.size
    if (this.aliased > mostAliasedValues) {
      if (this.aliased - anchor.size <= mostAliasedValues) this.refuse(span, 'so many aliases of aliases')
      return undefined
    }
    return anchor.value
  }

  private checkTag(event: Extract<Event, { tagStart: number }>): void {
    if (event.tagStart < 0) return
    const span = { start: event.tagStart, end: event.tagEnd }
    this.refuse(span, `the tag \`${this.source.text.slice(span.start, span.end)}\``, 'remove the tag')
  }

  private refuse(span: Span, construct: string, help?: string): void {
    if (this.diagnostics.length >= mostFindings) return
    const params = { construct, ...(help !== undefined && { help }) }
    this.diagnostics.push(unsupportedYaml({ location: { file: this.source.name, ...span } }, params))
  }
}
