import { hidden } from '../diagnostics/visible.ts'
import { type Origin, Sourced, unwrap } from '../mesh/sourced.ts'
import { Action, Guarded, makeTemplate } from './template.ts'

/** One scalar of a printed document: its place there, and its reasons, the nearest first. */
export interface PrintedScalar {
  /** The line, counted from 1 within the printed text. */
  readonly line: number
  /** The last line; it differs from the first if a text of several lines is below its key. */
  readonly endLine: number
  /** The line of each key on its path, if comments are between the keys; otherwise each key is one line below the key before. */
  readonly keyLines?: readonly number[]
  readonly path: readonly (string | number)[]
  readonly value: string | number | boolean
  readonly origins: readonly Origin[]
}

/** The same scalar, moved down by the number of lines above the text that contains it. */
export function moveBelow(
  { line, endLine, keyLines, path, value, origins }: PrintedScalar,
  lines: number,
): PrintedScalar {
  const moved = { line: lines + line, endLine: lines + endLine, path, value, origins }
  return keyLines === undefined ? moved : { ...moved, keyLines: keyLines.map(line => lines + line) }
}

/** Hears of every scalar that is printed. */
export type OnScalar = (scalar: PrintedScalar) => void

/**
 * A tree as block YAML that readers of YAML 1.1 and 1.2 understand alike, ending in a line break.
 * Keys stay in the order they were built; undefined is left out.
 *
 * @param onScalar hears of every scalar; without it nothing is traced and nothing is paid
 */
export function printYaml(tree: unknown, onScalar?: OnScalar): string {
  return onScalar === undefined
    ? writeBlock(unwrap(tree), leftMargin, leftMargin)
    : new TracingPrinter(onScalar).print(tree)
}

/** Prints a tree as a Helm template. Its chart forms become actions; all other text stays literal, even if it looks like an action. */
export function printTemplate(tree: unknown): string {
  const pieces = writeBlock(makeTemplate(tree), leftMargin, leftMargin).split(actionMark)
  return pieces.map((piece, index) => (index % 2 === 0 ? escapeTemplate(piece) : piece)).join('')
}

/** Text that a template of Helm gives back as it is. */
export const escapeTemplate = (text: string) =>
  text.includes('{{') ? text.replaceAll('{{', '{{ "{{" }}') : text

/** Marks both ends of an action until the text around it is written: printed YAML has no control characters. */
const actionMark = '\u0001'

/** The margin of lines, with the text before each: spaces, and in a list the dash of an item that begins there. */
class Margin {
  readonly text: string
  private readonly keys = new Map<string, KeyLine>()
  private innerMargin: Margin | undefined
  private itemMargin: Margin | undefined

  constructor(text: string) {
    this.text = text
  }

  /** The margin of the lines below. */
  get inner(): Margin {
    this.innerMargin ??= new Margin(`${this.text}  `)
    return this.innerMargin
  }

  /** The margin of the first line of an item. */
  get item(): Margin {
    this.itemMargin ??= new Margin(`${this.text}- `)
    return this.itemMargin
  }

  /** Many objects share keys, so the start of a key's line is cached. */
  key(key: string): KeyLine {
    const keyLine = this.keys.get(key)
    if (keyLine !== undefined) return keyLine
    const text = scalar(key)
    // Joined, not added up: V8 then has it in one piece.
    const made = { before: [this.text, text, ': '].join(''), above: [this.text, text, ':\n'].join('') }
    if (this.keys.size < 1000) this.keys.set(key, made)
    return made
  }
}

/** The line of a key: its text before a value on the same line, and its text above a value on the next lines. */
interface KeyLine {
  readonly before: string
  readonly above: string
}

const leftMargin = new Margin('')

/** @param first the margin of the first line, which another block may have begun */
function writeBlock(value: unknown, margin: Margin, first: Margin): string {
  const { inner } = margin
  let text = ''
  let start = first
  if (Array.isArray(value)) {
    for (const wrapped of value) {
      const item = unwrap(wrapped)
      if (typeof item !== 'object') text += `${start.item.text}${writeFlat(item, inner)}\n`
      else text += item instanceof Guarded ? guarded(item, start, margin) : itemText(item, start, inner)
      start = margin
    }
    return text
  }
  const map = value as Readonly<Record<string, unknown>>
  for (const key in map) {
    const entry = unwrap(map[key])
    if (entry === undefined) continue
    // Nearly everything that is printed is a scalar, and stays in this loop.
    if (typeof entry !== 'object') text += `${start.key(key).before}${writeFlat(entry, inner)}\n`
    else if (entry instanceof Guarded) text += guarded(entry, start, margin, key)
    else text += entryText(key, entry, start, inner)
    start = margin
  }
  return text
}

const itemText = (item: unknown, start: Margin, inner: Margin): string =>
  isFlat(item) ? `${start.item.text}${writeFlat(item, inner)}\n` : writeBlock(item, inner, start.item)

function entryText(key: string, entry: unknown, start: Margin, inner: Margin): string {
  const { before, above } = start.key(key)
  return isFlat(entry)
    ? `${before}${writeFlat(entry, inner)}\n`
    : `${above}${writeBlock(entry, inner, inner)}`
}

/** An item, or the entry of a key, between the actions round it, each on a line of its own. */
function guarded({ open, value, close }: Guarded, start: Margin, margin: Margin, key?: string): string {
  if (start !== margin) throw new Error('an action would stand behind the dash of an item')
  let text = ''
  for (const action of open) text += actionLine(action, margin.text)
  text +=
    key === undefined ? itemText(value, margin, margin.inner) : entryText(key, value, margin, margin.inner)
  for (const action of close) text += actionLine(action, margin.text)
  return text
}

const actionLine = (action: string, indent: string) => `${actionMark}${indent}{{- ${action} }}\n${actionMark}`

/** The same text, made line by line, so that each scalar knows its line. */
class TracingPrinter {
  private text = ''
  private line = 1
  private readonly onScalar: OnScalar

  constructor(onScalar: OnScalar) {
    this.onScalar = onScalar
  }

  print(tree: unknown): string {
    const [value, origins] = opened(tree, [])
    this.block(value, leftMargin, [], origins)
    return this.text
  }

  private block(
    value: unknown,
    margin: Margin,
    path: readonly (string | number)[],
    origins: readonly Origin[],
    first = margin,
  ): void {
    const { inner } = margin
    let start = first
    if (Array.isArray(value)) {
      for (const [index, wrapped] of value.entries()) {
        const [item, itemOrigins] = opened(wrapped, origins)
        const here = [...path, index]
        if (isFlat(item)) this.scalar(start.item.text, inner, item, here, itemOrigins)
        else this.block(item, inner, here, itemOrigins, start.item)
        start = margin
      }
      return
    }
    for (const [key, wrapped] of Object.entries(value as Readonly<Record<string, unknown>>)) {
      const [entry, entryOrigins] = opened(wrapped, origins)
      if (entry === undefined) continue
      const here = [...path, key]
      const { before, above } = start.key(key)
      if (isFlat(entry)) this.scalar(before, inner, entry, here, entryOrigins)
      else {
        this.write(above)
        this.block(entry, inner, here, entryOrigins)
      }
      start = margin
    }
  }

  private scalar(
    before: string,
    inner: Margin,
    value: unknown,
    path: readonly (string | number)[],
    origins: readonly Origin[],
  ): void {
    const { line } = this
    this.write(`${before}${writeFlat(value, inner)}\n`)
    // An empty map or list is a value too: it counts as a scalar.
    const text = typeof value === 'object' ? scalar(value) : (value as string | number | boolean)
    this.onScalar({ line, endLine: this.line - 1, path, value: text, origins })
  }

  private write(text: string): void {
    this.text += text
    for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', end + 1)) this.line++
  }
}

/** A value without its wrappers. The origins of the wrappers come before those of its parents. */
function opened(value: unknown, inherited: readonly Origin[]): readonly [unknown, readonly Origin[]] {
  let inner = value
  let origins = inherited
  while (inner instanceof Sourced) {
    const added: readonly Origin[] = inner.origins
    // The result is the same list if it has no new origin: a caller may know it already.
    if (!added.every((origin, index) => origins[index] === origin)) origins = unite(added, origins)
    inner = inner.value
  }
  return [inner, origins]
}

/** The origins of both lists, each once. */
function unite(first: readonly Origin[], second: readonly Origin[]): readonly Origin[] {
  if (first.length > shortListLength) return [...new Set([...first, ...second])]
  // Nearly every value has one origin or two of its own.
  return [...first, ...second.filter(origin => !first.includes(origin))]
}

const shortListLength = 8

/** Tells whether a value begins on the line of its key: a scalar, or a map or list with nothing in it. */
function isFlat(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || value instanceof Action) return true
  if (Array.isArray(value)) return value.length === 0
  for (const key in value)
    if (unwrap((value as Readonly<Record<string, unknown>>)[key]) !== undefined) return false
  return true
}

/** A value that begins on the line of its key. A readable text of several lines is below the key, unchanged. */
const writeFlat = (value: unknown, margin: Margin): string => {
  if (typeof value !== 'string') return scalar(value)
  if (isPlainText(value)) return value
  if (value.length > longestLine && alternatives.test(value)) return onLines(value, margin.text)
  return value.includes('\n') && lines.test(value) ? literal(value, margin.text) : quoteText(value)
}

/** A glob of many alternatives, each on its own line, so that a diff shows the new one. */
const onLines = (text: string, indent: string) => `"${text.replaceAll(/[{,]/g, `$&\\\n${indent}`)}"`

const alternatives = /^\{[-\w./]+(?:,[-\w./]+)+\}$/
const longestLine = 100

function literal(text: string, indent: string): string {
  const ends = text.endsWith('\n')
  const indented = (ends ? text.slice(0, -1) : text).replaceAll(/\n(?!\n)/g, `\n${indent}`)
  return `|${ends ? '' : '-'}\n${indent}${indented}`
}

// Matches a text in which the first character is on the first line, no line ends with a space, and at most one line break is at the
// end.
const lines = /^[!-~](?:[ -~]*[!-~])?(?:\n+ *[!-~](?:[ -~]*[!-~])?)*\n?$/

function scalar(value: unknown): string {
  if (typeof value === 'string') return isPlainText(value) ? value : quoteText(value)
  if (typeof value === 'boolean') return String(value)
  // To the letter of YAML 1.1 an exponent follows a point: without one, some read a text.
  if (typeof value === 'number') {
    const text = String(value)
    return text.includes('e') ? text.replace(/^(-?[0-9])e/, '$1.0e') : text
  }
  if (value === null) return 'null'
  if (Array.isArray(value)) return '[]'
  if (value instanceof Action) return `${actionMark}{{ ${value.text} }}${actionMark}`
  if (typeof value === 'object') return '{}'
  throw new Error(`a manifest holds a ${typeof value}`)
}

const isPlainText = (text: string) =>
  plainScalar.test(text) && (text.length > longestReserved || !reservedWords.test(text))

// A word that begins with a letter, a path, or a quantity with its unit: no reader takes these for anything but text.
const plainScalar =
  /^(?:[A-Za-z](?:[-A-Za-z0-9_./,:*@=]*[-A-Za-z0-9_./,*])?|\/[-A-Za-z0-9_./*]*|[0-9]+(?:ms|s|m|h|Ki|Mi|Gi))$/
// Kubernetes reads YAML 1.1, in which a bare on or y is not a string.
const reservedWords = /^(?:y|n|yes|no|on|off|true|false|null|nan|inf)$/i
const longestReserved = 5

/**
 * Quotes a text. Between single quotes, only single quotes are escaped, so a text with many double quotes or backslashes is more
 * readable there.
 */
const quoteText = (text: string) => {
  if (!/^[ -~]*$/.test(text)) return quoteDouble(text)
  return /["\\]/.test(text) ? `'${text.replaceAll("'", "''")}'` : `"${text}"`
}

/**
 * Double-quotes a text. YAML accepts the escapes of JSON; further escapes are for characters that YAML does not print or a reader
 * cannot see.
 */
const quoteDouble = (text: string) =>
  JSON.stringify(text).replace(unprinted, char => {
    const code = char.codePointAt(0)!.toString(16)
    return code.length <= 4 ? `\\u${code.padStart(4, '0')}` : `\\U${code.padStart(8, '0')}`
  })

/** The invisible characters, and the two characters that YAML does not have. */
const unprinted = new RegExp(`${hidden.source}|[\\ufffe\\uffff]`, 'gu')
