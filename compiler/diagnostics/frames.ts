import { indexLines, type Lines } from './lines.ts'
import type { Location, Source } from './source.ts'
import { makeTextVisible, measureCell } from './visible.ts'

/** A place in a text that is shown with its line, and the note for it. */
export interface MarkedPlace {
  readonly at: Location
  readonly message: string
  /** True for the main place, which is marked with carets; others have dashes. */
  readonly isPrimary: boolean
}

/** The options for showing texts. */
export interface FrameOptions {
  readonly color: boolean
  /** The width of the terminal. Without it, lines of source are cut to a usual width, and messages are not cut. */
  readonly columns?: number | undefined
}

/** The styles that paint the parts of a diagnostic. */
const styles = { error: '1;31', warning: '1;33', note: '1;32', frame: '1;34', strong: '1' } as const
type Style = keyof typeof styles
export type Paint = (style: Style, text: string) => string

/** Makes a painter, which adds colours if they are wanted. */
export const makePainter =
  (color: boolean): Paint =>
  (style, text) =>
    color && text !== '' ? `\u001b[${styles[style]}m${text}\u001b[0m` : text

/** Lines of source with their marks, and the margin for notes below. */
interface Frames {
  readonly rows: readonly string[]
  readonly margin: string
}

/**
 * Shows places as rustc does: file by file in the order given, the lines with marks below them.
 * Nothing of a user's text is printed that a terminal would obey.
 *
 * @param sources the texts that are pointed into; a place in a text not given is named without its line
 */
export function makeFrameRenderer(
  sources: Iterable<Source>,
  options: FrameOptions,
): (places: readonly MarkedPlace[], emphasis: Style) => Frames {
  const findLines = indexLines(sources)
  const paint = makePainter(options.color)
  return (places, emphasis) => {
    const frames = listFrames(places, findLines)
    const digits = Math.max(0, ...frames.map(frame => String(frame.lastLine).length))
    const margin = ' '.repeat(digits)
    // The number, ` | `, and the `…` at a cut of a line.
    const free = options.columns && Math.max(leastWidth, options.columns - digits - 4)
    const look = { digits, width: free ?? usualWidth, textWidth: free ?? Infinity, emphasis, paint }
    const bar = `${margin} ${paint('frame', '|')}`
    const rows: string[] = []
    frames.forEach((frame, index) => {
      rows.push(`${margin}${paint('frame', index === 0 ? '-->' : ':::')} ${frame.name}`)
      if (frame.lines === undefined) return
      rows.push(bar, ...snippet(frame.lines, frame.marks, look), bar)
    })
    return { rows, margin }
  }
}

/** The columns of source that are shown if the caller gives no width, and the least number of columns. */
const usualWidth = 110
const leastWidth = 40
/** The columns that are kept before a mark in a cut line. */
const columnsBefore = 20
/** The columns that a message has at least. */
const leastText = 24

/** A range of one line, in UTF-16 units from its start, and the note for it. */
interface Mark {
  readonly line: number
  readonly start: number
  readonly end: number
  readonly message: string
  readonly isPrimary: boolean
}

/** The marks of one file. */
interface Frame {
  readonly name: string
  readonly lines: Lines | undefined
  readonly marks: readonly Mark[]
  readonly lastLine: number
}

function listFrames(
  places: readonly MarkedPlace[],
  linesOf: (file: string) => Lines | undefined,
): readonly Frame[] {
  const files = [...new Set(places.map(place => place.at.file))]
  return files.map(file => {
    const lines = linesOf(file)
    const here = places.filter(place => place.at.file === file)
    if (lines === undefined) {
      // Without the text there is no line to mark, so the roles are after the name.
      const parts = here.flatMap(({ message }) => (message === '' ? [] : [makeTextVisible(message)]))
      const name =
        parts.length === 0 ? makeTextVisible(file) : `${makeTextVisible(file)}: ${parts.join(', ')}`
      return { name, lines, marks: [], lastLine: 0 }
    }
    const marks = here.map(({ at, message, isPrimary }): Mark => {
      const { line, column } = lines.positionOf(at.start)
      const length = lines.lineAt(line).length
      const start = Math.min(column - 1, length)
      const end = Math.max(start, Math.min(start + at.end - at.start, length))
      return { line, start, end, message: makeTextVisible(message, 300), isPrimary }
    })
    const first = marks[0]!
    return {
      name: `${makeTextVisible(file)}:${first.line}:${first.start + 1}`,
      lines,
      marks,
      lastLine: Math.max(...marks.map(mark => mark.line)),
    }
  })
}

interface Look {
  readonly digits: number
  /** The columns of a line of source. */
  readonly width: number
  /** The width of the lines below it. */
  readonly textWidth: number
  readonly emphasis: Style
  readonly paint: Paint
}

/** The marked lines, each with its marks below it; `...` marks omitted lines. */
function snippet(lines: Lines, marks: readonly Mark[], style: Look): readonly string[] {
  const { digits, paint } = style
  const rows: string[] = []
  const numbered = (line: number, text: string) =>
    `${paint('frame', `${String(line).padStart(digits)} |`)} ${text}`.trimEnd()
  let before: number | undefined
  for (const line of [...new Set(marks.map(mark => mark.line))].sort((a, b) => a - b)) {
    if (before !== undefined && line === before + 2)
      rows.push(numbered(before + 1, windowFrom(lines.lineAt(before + 1), 0, style.width).shown))
    else if (before !== undefined && line > before + 2) rows.push(paint('frame', '...'))
    before = line
    const text = lines.lineAt(line)
    let rest = marks.filter(mark => mark.line === line).sort((a, b) => a.start - b.start)
    while (rest.length > 0) {
      const window = windowRound(text, rest[0]!, style.width)
      const here = rest.filter(mark => mark.start <= window.to)
      rest = rest.filter(mark => mark.start > window.to)
      rows.push(numbered(line, window.shown))
      for (const row of underlines(here, window, style))
        rows.push(`${' '.repeat(digits)} ${paint('frame', '|')} ${row}`)
    }
  }
  return rows
}

/** The part of a line that is shown. */
interface Window {
  readonly shown: string
  /** The end of the part, in UTF-16 units from the start of the line. */
  readonly to: number
  /** The column at which a unit of the line is shown. */
  columnOf(unit: number): number
}

/** Finds the window from the start of the line if the mark fits there, else from a little before the mark. */
function windowRound(text: string, mark: Mark, width: number): Window {
  const whole = windowFrom(text, 0, width)
  if (mark.end <= whole.to && (mark.start < whole.to || whole.to === text.length)) return whole
  let from = mark.start
  for (let columns = 0; from > 0; ) {
    const unit = isLowSurrogate(text, from - 1) ? from - 2 : from - 1
    columns += measureCell(String.fromCodePoint(text.codePointAt(Math.max(unit, 0))!)).width
    if (columns > columnsBefore || mark.start - unit > 4 * columnsBefore) break
    from = Math.max(unit, 0)
  }
  return windowFrom(text, from, width)
}

function windowFrom(text: string, from: number, width: number): Window {
  const columns = new Map<number, number>()
  let shown = from > 0 ? '…' : ''
  let column = shown.length
  let unit = from
  // Characters without width must not let a line of millions of them through.
  for (let count = 0; unit < text.length && count < 4 * width; count++) {
    const character = String.fromCodePoint(text.codePointAt(unit)!)
    const cell = measureCell(character)
    if (column + cell.width > width) break
    columns.set(unit, column)
    shown += cell.shown
    column += cell.width
    unit += character.length
  }
  if (unit < text.length) shown += '…'
  const to = unit
  const end = column
  return {
    shown,
    to,
    columnOf: unit => (unit >= to ? end : (columns.get(unit) ?? columns.get(unit - 1) ?? 0)),
  }
}

function isLowSurrogate(text: string, unit: number): boolean {
  const code = text.charCodeAt(unit)
  return code >= 0xdc00 && code <= 0xdfff && unit > 0
}

/** The row of carets and dashes, and below it the labels of the dashes. */
function underlines(
  marks: readonly Mark[],
  window: Window,
  { emphasis, paint, textWidth }: Look,
): readonly string[] {
  const placed = marks.map(mark => {
    const start = window.columnOf(mark.start)
    const end = Math.max(start + 1, window.columnOf(Math.min(mark.end, window.to)))
    return { start, end, message: mark.message, isPrimary: mark.isPrimary }
  })
  // The primary is drawn last: where two marks overlap, its carets are seen.
  const drawn = placed.toSorted((a, b) => Number(a.isPrimary) - Number(b.isPrimary))
  const row: Piece[] = []
  for (const { start, end, isPrimary } of drawn)
    for (let column = start; column < end; column++)
      row[column] = isPrimary ? [emphasis, '^'] : ['frame', '-']
  const spoken = placed.filter(({ message }) => message !== '').sort((a, b) => a.start - b.start)
  const rightmost = spoken.at(-1)
  const isBeside =
    rightmost !== undefined &&
    row.length + 1 + rightmost.message.length <= textWidth &&
    placed.every(mark => mark === rightmost || mark.end < rightmost.end || mark.start === rightmost.start)
  const beside = isBeside ? [` ${paint('frame', rightmost.message)}`] : []
  const below = isBeside ? spoken.slice(0, -1) : spoken
  const rows = [drawRow(row, paint) + beside.join('')]
  const bars = (upTo: number) => {
    const row: Piece[] = []
    for (const { start } of below.slice(0, upTo)) row[start] = ['frame', '|']
    return row
  }
  if (below.length > 0) rows.push(drawRow(bars(below.length), paint))
  for (let index = below.length - 1; index >= 0; index--) {
    const { start, message } = below[index]!
    const from = Math.min(start, Math.max(0, textWidth - leastText))
    const left = bars(index).slice(0, from)
    left.length = from
    for (const text of wrapped(message, textWidth - from))
      rows.push(drawRow(left, paint) + paint('frame', text))
  }
  return rows
}

/** A text in rows of so many columns, cut between words; a longer word has a row of its own. */
function wrapped(text: string, columns: number): readonly string[] {
  const rows: string[] = []
  let row = ''
  for (const word of text.split(' ')) {
    if (row !== '' && row.length + 1 + word.length > columns) {
      rows.push(row)
      row = word
    } else row = row === '' ? word : `${row} ${word}`
  }
  return [...rows, row]
}

type Piece = readonly [style: Style, character: string]

/** A row of single characters, in which a hole is a space; neighbours of one style are painted together. */
function drawRow(row: readonly (Piece | undefined)[], paint: Paint): string {
  let text = ''
  let run = ''
  let style: Style | undefined
  const flush = () => {
    text += style === undefined ? run : paint(style, run)
    run = ''
  }
  for (let column = 0; column < row.length; column++) {
    const piece = row[column]
    if (piece?.[0] !== style) {
      flush()
      style = piece?.[0]
    }
    run += piece?.[1] ?? ' '
  }
  flush()
  return text
}
