import { CORE_SCHEMA } from 'js-yaml'
import { isBroken } from './bounds.ts'
import { isExact, makeEmptyMap, type SpecMap } from './document.ts'

/** The content of a plain text: what `SpecDocument` has under the same names. */
export interface PlainYaml {
  readonly value: unknown
  readonly hasNull: boolean
}

/**
 * Reads the YAML that specs are nearly always written in, or gives up: then js-yaml reads the text from its start, says what it
 * means and what is wrong with it. Nothing is reported here, and what is accepted means what js-yaml takes it for.
 *
 * It exists for a process that starts, reads and ends: a thousand services (half a megabyte) are read in 41 ms instead of 98, on two
 * busy cores. Hence also the style: V8 mostly interprets this, so few calls read much each, and nothing is made but the values.
 *
 * Plain are maps and lists by indentation, maps and lists in brackets, keys of one word, values in one line, and comments. Not plain are
 * anchors, aliases, tags, `|`, `>`, `?`, `<<`, `---` and directives, lists in lists without brackets, values in lines of their own, keys
 * that are repeated or have escapes, a key in brackets without a value, comments between brackets, white space other than spaces and
 * line feeds, characters beyond 16 bits, numbers that would be rounded, and whatever is wrong.
 */
export function parsePlain(source: string): PlainYaml | undefined {
  if (strange.test(source)) return undefined
  const text = source.endsWith('\n') ? source : `${source}\n`
  /** The next character to read: behind the text if there is none, or no sense in reading it. */
  let at = 0
  let isPlain = true
  let hasNull = false
  /** The column in which the line at hand begins, or -1 behind the last one. */
  let indent = -1
  /** The depth of the brackets at hand, and what all their lines must be indented deeper than. */
  let brackets = 0
  let outside = 0

  findLine()
  const value = indent === 0 ? block(0) : giveUp()
  return isPlain && at === text.length ? { value, hasNull } : undefined

  /** Ends all loops, for none goes on behind the text. */
  function giveUp(): undefined {
    isPlain = false
    at = text.length
    indent = -1
  }

  /** Moves from the start of a line to the first one that says something. */
  function findLine(): void {
    for (;;) {
      const start = at
      let code = text.charCodeAt(at)
      while (code === space) code = text.charCodeAt(++at)
      if (code === hash) at = text.indexOf('\n', at)
      else if (code !== newline) {
        indent = at < text.length ? at - start : -1
        return
      }
      at++
    }
  }

  /** Moves from behind a value to the next line; nothing but a comment may stand between. */
  function endLine(): void {
    if (text.charCodeAt(at) === newline) at++
    else {
      lineEnd.lastIndex = at
      if (lineEnd.test(text)) at = lineEnd.lastIndex
      else giveUp()
    }
    findLine()
  }

  function isDash(): boolean {
    return text.charCodeAt(at) === dash && text.charCodeAt(at + 1) === space
  }

  function block(column: number): unknown {
    if (column > deepestColumn) return giveUp()
    return isDash() ? blockList(column) : blockMap(column)
  }

  function blockList(column: number): readonly unknown[] {
    const items: unknown[] = []
    do {
      const start = at
      while (text.charCodeAt(++at) === space);
      blockKey.lastIndex = at
      items.push(blockKey.test(text) ? blockMap(column + at - start) : line(column))
    } while (indent === column && isDash())
    return items
  }

  function blockMap(column: number): SpecMap {
    const map = makeEmptyMap()
    do {
      blockKey.lastIndex = at
      if (!blockKey.test(text)) giveUp()
      else {
        const key = keyBefore(blockKey.lastIndex, map)
        at++
        const value = blockValue(column)
        if (isPlain) map[key] = value
      }
    } while (indent === column)
    return map
  }

  /** The key at hand, in quotes or not, which is not in the map yet. */
  function keyBefore(end: number, map: SpecMap): string {
    const code = text.charCodeAt(at)
    const key = code === quote || code === apostrophe ? text.slice(at + 1, end - 1) : text.slice(at, end)
    at = end
    if (map[key] !== undefined || key === '<<') giveUp()
    return key
  }

  function blockValue(column: number): unknown {
    let code = text.charCodeAt(at)
    while (code === space) code = text.charCodeAt(++at)
    if (code !== newline && code !== hash) return line(column)
    at = text.indexOf('\n', at) + 1
    findLine()
    if (indent > column || (indent === column && isDash())) return block(indent)
    hasNull = true
    return null
  }

  /** A value that ends with its line, or in a bracket that may be closed on a later one. */
  function line(column: number): unknown {
    outside = column
    const value = inline(false)
    endLine()
    return value
  }

  function inline(isInBrackets: boolean): unknown {
    word.lastIndex = at
    if (word.test(text)) {
      const end = word.lastIndex
      const code = text.charCodeAt(end)
      if (code === newline || (isInBrackets && (code === comma || isClosing(code, end)))) {
        const value = meaning(text.slice(at, end))
        at = end
        return value
      }
    }
    const code = text.charCodeAt(at)
    if (code === quote || code === apostrophe) return quoted(code === quote ? doubleQuoted : singleQuoted)
    if (code !== openBrace && code !== openBracket) return phrase(isInBrackets)
    if (++brackets > deepestBrackets) return giveUp()
    const value = code === openBrace ? flowMap() : flowList()
    brackets--
    return value
  }

  /** Tells whether a bracket closes here, or behind a space. */
  function isClosing(code: number, at: number): boolean {
    const sign = code === space ? text.charCodeAt(at + 1) : code
    return sign === closeBrace || sign === closeBracket
  }

  function quoted(pattern: RegExp): unknown {
    pattern.lastIndex = at
    if (!pattern.test(text)) return giveUp()
    const start = at
    at = pattern.lastIndex
    const inside = text.slice(start + 1, at - 1)
    if (pattern === singleQuoted) return inside.includes("''") ? inside.replaceAll("''", "'") : inside
    if (!inside.includes('\\')) return inside
    const value: string = JSON.parse(text.slice(start, at))
    return isBroken(value) ? giveUp() : value
  }

  /** A value without quotes that is more than a word. */
  function phrase(isInBrackets: boolean): unknown {
    const end = isInBrackets ? text.slice(at).search(sign) + at : text.indexOf('\n', at)
    let raw = text.slice(at, end)
    const comment = raw.indexOf(' #')
    if (comment !== -1) raw = raw.slice(0, comment)
    const saidText = raw.trimEnd()
    if (saidText === '' || notPhrase.test(saidText)) return giveUp()
    at += raw.length
    return meaning(saidText)
  }

  /** Gives the meaning of a value without quotes in YAML's core schema. */
  function meaning(saidText: string): unknown {
    const first = saidText.charCodeAt(0)
    if ((first < letters.length && letters[first] === 1) || !special.test(saidText)) return saidText
    if (decimal.test(saidText)) return Number(saidText)
    const { value } = CORE_SCHEMA.resolveImplicitScalarTag(saidText)
    if (value === null) hasNull = true
    return typeof value === 'number' && !isExact(value) ? giveUp() : value
  }

  function flowList(): readonly unknown[] {
    const items: unknown[] = []
    if (isEmpty(closeBracket)) return items
    do items.push(inline(true))
    while (isNext(closeBracket))
    return items
  }

  function flowMap(): SpecMap {
    const map = makeEmptyMap()
    if (isEmpty(closeBrace)) return map
    do {
      flowKey.lastIndex = at
      if (!flowKey.test(text)) giveUp()
      else {
        const key = keyBefore(flowKey.lastIndex, map)
        at += 2
        if (text.charCodeAt(at) <= space) skipSpace()
        map[key] = inline(true)
      }
    } while (isNext(closeBrace))
    return map
  }

  function isEmpty(close: number): boolean {
    if (text.charCodeAt(++at) <= space) skipSpace()
    if (text.charCodeAt(at) !== close) return false
    at++
    return true
  }

  /** Tells whether another entry follows in brackets; if not, they are closed. */
  function isNext(close: number): boolean {
    if (text.charCodeAt(at) <= space) skipSpace()
    const code = text.charCodeAt(at++)
    if (code === comma) {
      if (text.charCodeAt(at) <= space) skipSpace()
      if (text.charCodeAt(at) !== close) return true
      at++
    } else if (code !== close) giveUp()
    return false
  }

  /** Spaces and line ends in brackets. */
  function skipSpace(): void {
    for (;;) {
      let code = text.charCodeAt(at)
      while (code === space) code = text.charCodeAt(++at)
      if (code !== newline) return
      const start = ++at
      while (text.charCodeAt(at) === space) at++
      if (at - start <= outside) giveUp()
    }
  }
}

/** js-yaml reads a hundred levels. Each takes a column at least, or a bracket; a list in the column of its key takes none. */
const [deepestColumn, deepestBrackets] = [40, 10]

const [newline, space, quote, hash, apostrophe, comma, dash] = [0x0a, 0x20, 0x22, 0x23, 0x27, 0x2c, 0x2d]
const [openBracket, closeBracket, openBrace, closeBrace] = [0x5b, 0x5d, 0x7b, 0x7d]

// biome-ignore lint/suspicious/noControlCharactersInRegex: characters that YAML excludes, or that mean something in it
const strange = /[^\S\n ]|[\u0000-\u0008\u000E-\u001F\u007F-\u009F\uD800-\uDFFF\uFFFE\uFFFF]/
const lineEnd = / *(?: #[^\n]*)?\n/y
const blockKey = /(?:[\w./$][^\s:]*|"[^"\\\n]*"|'[^'\n]*')(?=:[ \n])/y
const flowKey = /(?:[\w./$][\w./$*+-]*|"[^"\\\n]*"|'[^'\n]*')(?=: )/y
/** One class of characters each: V8 keeps places to go back to for anything else, and throws when a long text has too many. */
const word = /[\w./][\w./%*+-]*/y
const sign = /[,[\]{}\n]/
const doubleQuoted = /"[^"\\\n]*(?:\\(?:["\\/bfnrt]|u[\dA-Fa-f]{4})[^"\\\n]*){0,1000}"/y
const singleQuoted = /'[^'\n]*(?:''[^'\n]*){0,1000}'/y
/** A text that begins with a sign of YAML, or holds a `: ` that could be one. */
const notPhrase = /^(?:[,[\]{}#&*!|>'"%@`?:]|-(?: |$))|:(?: |$)/
/** The characters with which no number, truth or null begins, whatever follows. */
const letters = new Uint8Array(0x80)
for (const letter of 'abcdeghijklmopqrsuvwxyzABCDEGHIJKLMOPQRSUVWXYZ/_') letters[letter.charCodeAt(0)] = 1
/** A number that all schemas read alike. */
const decimal = /^[1-9]\d{0,14}$/
/** Truths, nulls, and all that could be a number. */
const special = /^(?:[-+]?\.?\d[\dA-Fa-fox.+-]*|[-+]?\.(?:inf|nan)|~|true|false|null)$/i
