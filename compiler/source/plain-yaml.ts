import { makeEmptyMap, type SpecMap } from './document.ts'
import { hash, newline, space } from './plain-cursor.ts'
import { PlainInline } from './plain-inline.ts'

/** The content of a plain text: the fields of `SpecDocument` with the same names. */
export interface PlainYaml {
  readonly value: unknown
  readonly hasNull: boolean
}

/**
 * Reads the YAML in which nearly all specs are written. It stops at any other construct: js-yaml then reads the text from its start,
 * and reports its faults. This reader reports nothing, and an accepted text has the same meaning as in js-yaml.
 *
 * It serves a process that starts, reads and ends: it reads a thousand services (half a megabyte) in 41 ms instead of 98, on two busy
 * cores. This explains the style: V8 mostly interprets this code, so it has few calls that read much each, and allocates only the
 * values.
 *
 * Plain are maps and lists by indentation, maps and lists in brackets, keys of one word, values on one line, and comments. Not plain
 * are anchors, aliases, tags, `|`, `>`, `?`, `<<`, `---` and directives, lists in lists without brackets, values on lines of their
 * own, repeated keys and keys with escapes, a key in brackets without a value, comments between brackets, white space other than
 * spaces and line feeds, characters beyond 16 bits, numbers that would be rounded, and every fault.
 */
export function parsePlain(source: string): PlainYaml | undefined {
  return strange.test(source)
    ? undefined
    : new PlainReader(source.endsWith('\n') ? source : `${source}\n`).read()
}

/** Reads maps and lists by indentation. */
class PlainReader extends PlainInline {
  read(): PlainYaml | undefined {
    this.findLine()
    const value = this.indent === 0 ? this.block(0) : this.giveUp()
    return this.isPlain && this.at === this.text.length ? { value, hasNull: this.hasNull } : undefined
  }

  private block(column: number): unknown {
    if (column > deepestColumn) return this.giveUp()
    return this.isDash() ? this.blockList(column) : this.blockMap(column)
  }

  private blockList(column: number): readonly unknown[] {
    const items: unknown[] = []
    do {
      const start = this.at
      while (this.text.charCodeAt(++this.at) === space);
      blockKey.lastIndex = this.at
      items.push(blockKey.test(this.text) ? this.blockMap(column + this.at - start) : this.line(column))
    } while (this.indent === column && this.isDash())
    return items
  }

  private blockMap(column: number): SpecMap {
    const { text } = this
    const map = makeEmptyMap()
    do {
      blockKey.lastIndex = this.at
      if (!blockKey.test(text)) this.giveUp()
      else {
        const key = this.keyBefore(blockKey.lastIndex, map)
        this.at++
        const value = this.blockValue(column)
        if (this.isPlain) map[key] = value
      }
    } while (this.indent === column)
    return map
  }

  private blockValue(column: number): unknown {
    const { text } = this
    let { at } = this
    let code = text.charCodeAt(at)
    while (code === space) code = text.charCodeAt(++at)
    this.at = at
    if (code !== newline && code !== hash) return this.line(column)
    this.at = text.indexOf('\n', at) + 1
    this.findLine()
    if (this.indent > column || (this.indent === column && this.isDash())) return this.block(this.indent)
    this.hasNull = true
    return null
  }

  /** A value that ends with its line, or in a bracket that may be closed on a later one. */
  private line(column: number): unknown {
    this.outside = column
    const value = this.inline(false)
    this.endLine()
    return value
  }
}

/** js-yaml accepts a hundred levels. Each level needs at least a column or a bracket; a list in the column of its key needs none. */
const deepestColumn = 40

// biome-ignore lint/suspicious/noControlCharactersInRegex: characters that YAML excludes, or that mean something in it
const strange = /[^\S\n ]|[\u0000-\u0008\u000E-\u001F\u007F-\u009F\uD800-\uDFFF\uFFFE\uFFFF]/
const blockKey = /(?:[\w./$][^\s:]*|"[^"\\\n]*"|'[^'\n]*')(?=:[ \n])/y
