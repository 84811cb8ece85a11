import {
  EVENT_ALIAS,
  EVENT_DOCUMENT,
  EVENT_MAPPING,
  EVENT_POP,
  EVENT_SCALAR,
  EVENT_SEQUENCE,
  type Event,
} from 'js-yaml'
import type { Span } from '../diagnostics/source.ts'
import { largestFile } from './largest-file.ts'

/** The values that a text may hold: more would not fit into the memory of a small machine. */
const mostValues = 3_000_000
/** The nesting that a document may have, with each alias replaced by its value. Programs that walk it call themselves as often. */
export const deepestNesting = 100
/** The values that the aliases of a text may repeat. */
const mostAliasedValues = 100_000
/** The characters that the aliases of a text may repeat: nearly each of them is printed again. */
const mostAliasedCharacters = 1_000_000

/** The bound that a text exceeds before it is parsed; undefined if it may be parsed. */
export function findExceededSize(text: string): '64 MiB' | '3 million values' | undefined {
  if (text.length > largestFile) return '64 MiB'
  return holdsTooMuch(text) ? '3 million values' : undefined
}

/** Counts the characters that separate values. A text of three megabytes cannot have too many. */
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

/** An alias that may not be replaced by its value, and why. */
export interface AliasBeyond {
  /** The index of its event. */
  readonly index: number
  /** The span of its name. */
  readonly span: Span
  /** A noun phrase: `aliases that repeat more than 100,000 values`. */
  readonly excess: string
}

/**
 * The first alias of a text that enlarges a document beyond a bound, or makes a value contain itself; undefined if all aliases may be
 * replaced by their values. An alias without an anchor before it counts as one value.
 *
 * @param events all events of `text`, from `parseEvents`
 */
export function findExceededAlias(text: string, events: readonly Event[]): AliasBeyond | undefined {
  let anchors = new Map<string, Size | 'open'>()
  const open: (Size & { readonly anchor: string | undefined })[] = []
  let [aliasedValues, aliasedCharacters] = [0, 0]
  for (let index = 0; index < events.length; index++) {
    const event = events[index]!
    if (event.type === EVENT_DOCUMENT) {
      anchors = new Map()
      open.push({ anchor: undefined, values: 0, characters: 0, depth: 0 })
    } else if (event.type === EVENT_MAPPING || event.type === EVENT_SEQUENCE) {
      const anchor = findAnchor(event)
      if (anchor !== undefined) anchors.set(anchor, 'open')
      open.push({ anchor, values: 1, characters: 0, depth: 1 })
    } else if (event.type === EVENT_SCALAR) {
      const scalar = { values: 1, characters: Math.max(0, event.valueEnd - event.valueStart), depth: 0 }
      const anchor = findAnchor(event)
      if (anchor !== undefined) anchors.set(anchor, scalar)
      add(scalar)
    } else if (event.type === EVENT_POP) {
      const closed = open.pop()
      if (closed === undefined) continue
      if (closed.anchor !== undefined) anchors.set(closed.anchor, closed)
      add(closed)
    } else if (event.type === EVENT_ALIAS) {
      const span = { start: event.anchorStart, end: event.anchorEnd }
      const name = text.slice(span.start, span.end)
      const size = anchors.get(name)
      if (size === 'open')
        return { index, span, excess: `the alias \`*${name}\` within the value that it stands for` }
      if (size === undefined) continue
      aliasedValues += size.values
      aliasedCharacters += size.characters
      if (aliasedValues > mostAliasedValues)
        return { index, span, excess: 'aliases that repeat more than 100,000 values' }
      if (aliasedCharacters > mostAliasedCharacters)
        return { index, span, excess: 'aliases that repeat more than a million characters' }
      // The document itself is open, too.
      if (open.length - 1 + size.depth > deepestNesting)
        return { index, span, excess: `aliases that nest deeper than ${deepestNesting} levels` }
      add(size)
    }
  }
  return undefined

  function findAnchor({
    anchorStart,
    anchorEnd,
  }: {
    readonly anchorStart: number
    readonly anchorEnd: number
  }) {
    return anchorStart < 0 ? undefined : text.slice(anchorStart, anchorEnd)
  }

  function add({ values, characters, depth }: Size): void {
    const around = open.at(-1)
    if (around === undefined) return
    around.values += values
    around.characters += characters
    around.depth = Math.max(around.depth, depth + 1)
  }
}

/** The size of a value after its aliases are replaced: `depth` is that of the lists and maps in it. */
interface Size {
  values: number
  characters: number
  depth: number
}

/** Tells whether a text holds half of a surrogate pair: no encoding of Unicode has it, and other programs refuse it. */
export const isBroken = (text: string): boolean => surrogate.test(text)

const surrogate = /\p{Surrogate}/u
