import type { Source } from './source.ts'

/** The lines of one text: an offset is found by halving, so many diagnostics of a large file cost little. */
export class Lines {
  private readonly text: string
  private readonly starts: readonly number[]

  constructor(text: string) {
    const starts = [0]
    for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
    this.text = text
    this.starts = starts
  }

  /** The number of lines. The text after the last line break is a line, too. */
  get count(): number {
    return this.starts.length
  }

  /** The line and column of an offset, counted from 1 as editors do; columns are UTF-16 units. */
  positionOf(offset: number): { readonly line: number; readonly column: number } {
    const within = Math.max(0, Math.min(offset, this.text.length))
    let low = 0
    let high = this.starts.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if (this.starts[middle]! <= within) low = middle
      else high = middle - 1
    }
    return { line: low + 1, column: within - this.starts[low]! + 1 }
  }

  /** The offset at which a line begins, counted from 1. */
  startOf(line: number): number {
    return this.starts[line - 1]!
  }

  /** The text of a line, counted from 1, without its line break. */
  lineAt(line: number): string {
    const start = this.starts[line - 1]!
    const next = this.starts[line]
    const end = next === undefined ? this.text.length : next - 1
    return this.text.slice(start, end > start && this.text[end - 1] === '\r' ? end - 1 : end)
  }
}

/** The lines of each source by its name, counted when they are first asked for; undefined for a text not given. */
export function indexLines(sources: Iterable<Source>): (file: string) => Lines | undefined {
  const texts = new Map<string, string>()
  for (const { name, text } of sources) texts.set(name, text)
  const counted = new Map<string, Lines>()
  return file => {
    const existing = counted.get(file)
    if (existing !== undefined) return existing
    const text = texts.get(file)
    if (text === undefined) return undefined
    const lines = new Lines(text)
    counted.set(file, lines)
    return lines
  }
}
