import { CORE_SCHEMA } from 'js-yaml'
import { isBroken } from './bounds.ts'
import { isExact, makeEmptyMap, type SpecMap } from './document.ts'
import { newline, PlainCursor, space } from './plain-cursor.ts'

/** Reads values within a line: words, quotes, and brackets, which may close on a later line. */
export abstract class PlainInline extends PlainCursor {
  hasNull = false
  /** The depth of the brackets at hand. */
  private brackets = 0

  protected inline(isInBrackets: boolean): unknown {
    const { text, at } = this
    wordPattern.lastIndex = at
    if (wordPattern.test(text)) {
      const end = wordPattern.lastIndex
      const code = text.charCodeAt(end)
      if (code === newline || (isInBrackets && (code === comma || this.isClosing(code, end)))) {
        const value = this.meaning(text.slice(at, end))
        this.at = end
        return value
      }
    }
    const code = text.charCodeAt(at)
    if (code === quote || code === apostrophe)
      return this.quoted(code === quote ? doubleQuoted : singleQuoted)
    if (code !== openBrace && code !== openBracket) return this.phrase(isInBrackets)
    if (++this.brackets > deepestBrackets) return this.giveUp()
    const value = code === openBrace ? this.flowMap() : this.flowList()
    this.brackets--
    return value
  }

  /** Tells whether a bracket closes here, or behind a space. */
  private isClosing(code: number, at: number): boolean {
    const sign = code === space ? this.text.charCodeAt(at + 1) : code
    return sign === closeBrace || sign === closeBracket
  }

  private quoted(pattern: RegExp): unknown {
    pattern.lastIndex = this.at
    if (!pattern.test(this.text)) return this.giveUp()
    const start = this.at
    this.at = pattern.lastIndex
    const inside = this.text.slice(start + 1, this.at - 1)
    if (pattern === singleQuoted) return inside.includes("''") ? inside.replaceAll("''", "'") : inside
    if (!inside.includes('\\')) return inside
    const value: string = JSON.parse(this.text.slice(start, this.at))
    return isBroken(value) ? this.giveUp() : value
  }

  /** A value without quotes that is more than a word. */
  private phrase(isInBrackets: boolean): unknown {
    const end = isInBrackets
      ? this.text.slice(this.at).search(sign) + this.at
      : this.text.indexOf('\n', this.at)
    let raw = this.text.slice(this.at, end)
    const comment = raw.indexOf(' #')
    if (comment !== -1) raw = raw.slice(0, comment)
    const trimmed = raw.trimEnd()
    if (trimmed === '' || notPhrase.test(trimmed)) return this.giveUp()
    this.at += raw.length
    return this.meaning(trimmed)
  }

  /** Gives the meaning of a value without quotes in YAML's core schema. */
  private meaning(trimmed: string): unknown {
    const first = trimmed.charCodeAt(0)
    if ((first < letters.length && letters[first] === 1) || !specialScalar.test(trimmed)) return trimmed
    if (decimal.test(trimmed)) return Number(trimmed)
    const { value } = CORE_SCHEMA.resolveImplicitScalarTag(trimmed)
    if (value === null) this.hasNull = true
    return typeof value === 'number' && !isExact(value) ? this.giveUp() : value
  }

  private flowList(): readonly unknown[] {
    const items: unknown[] = []
    if (this.isEmpty(closeBracket)) return items
    do items.push(this.inline(true))
    while (this.isNext(closeBracket))
    return items
  }

  private flowMap(): SpecMap {
    const { text } = this
    const map = makeEmptyMap()
    if (this.isEmpty(closeBrace)) return map
    do {
      flowKey.lastIndex = this.at
      if (!flowKey.test(text)) this.giveUp()
      else {
        const key = this.keyBefore(flowKey.lastIndex, map)
        this.at += 2
        if (text.charCodeAt(this.at) <= space) this.skipSpace()
        map[key] = this.inline(true)
      }
    } while (this.isNext(closeBrace))
    return map
  }

  private isEmpty(close: number): boolean {
    if (this.text.charCodeAt(++this.at) <= space) this.skipSpace()
    if (this.text.charCodeAt(this.at) !== close) return false
    this.at++
    return true
  }

  /** Tells whether another entry follows in brackets. If none follows, the brackets must close. */
  private isNext(close: number): boolean {
    const { text } = this
    if (text.charCodeAt(this.at) <= space) this.skipSpace()
    const code = text.charCodeAt(this.at++)
    if (code === comma) {
      if (text.charCodeAt(this.at) <= space) this.skipSpace()
      if (text.charCodeAt(this.at) !== close) return true
      this.at++
    } else if (code !== close) this.giveUp()
    return false
  }

  /** The key at hand, in quotes or not, which is not in the map yet. */
  protected keyBefore(end: number, map: SpecMap): string {
    const { text, at } = this
    const code = text.charCodeAt(at)
    const key = code === quote || code === apostrophe ? text.slice(at + 1, end - 1) : text.slice(at, end)
    this.at = end
    if (map[key] !== undefined || key === '<<') this.giveUp()
    return key
  }
}

/** The deepest nesting of brackets that this reader accepts. js-yaml accepts a hundred levels, of which `deepestColumn` leaves some. */
const deepestBrackets = 10

const [quote, apostrophe, comma] = [0x22, 0x27, 0x2c]
const [openBracket, closeBracket, openBrace, closeBrace] = [0x5b, 0x5d, 0x7b, 0x7d]

const flowKey = /(?:[\w./$][\w./$*+-]*|"[^"\\\n]*"|'[^'\n]*')(?=: )/y
/** One class of characters each: V8 keeps places to go back to for anything else, and throws when a long text has too many. */
const wordPattern = /[\w./][\w./%*+-]*/y
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
const specialScalar = /^(?:[-+]?\.?\d[\dA-Fa-fox.+-]*|[-+]?\.(?:inf|nan)|~|true|false|null)$/i
