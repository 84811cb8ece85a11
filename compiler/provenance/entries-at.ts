import type { SpecPath } from '../diagnostics/diagnostic.ts'
import { isPathWithin } from '../diagnostics/is-path-within.ts'
import type { SourceMapEntry } from '../emit/print.ts'

/** A part of an object, and the scalars in it. */
export interface Part {
  readonly object: string
  readonly path: SpecPath
  readonly entries: readonly SourceMapEntry[]
}

/** The part of an object at a path; undefined if there is nothing. */
export function findPart(
  entries: readonly SourceMapEntry[],
  object: string,
  path: SpecPath,
): Part | undefined {
  const here = entries.filter(entry => entry.object === object && isPathWithin(entry.path, path))
  // The path as the object has it: entries of lists by number.
  return here.length === 0 ? undefined : { object, path: here[0]!.path.slice(0, path.length), entries: here }
}

/**
 * The part of an object that begins on a line of its file. It is a scalar, or everything below a key or, with the column of its dash,
 * in an entry of a list. Undefined for a line without content: a comment, or a separator of objects.
 *
 * @param entries the source map of one file
 */
export function findPartAtLine(
  entries: readonly SourceMapEntry[],
  line: number,
  column?: number,
): Part | undefined {
  const index = entries.findIndex(entry => entry.endLine >= line)
  const entry = entries[index]
  if (entry === undefined) return undefined
  const before = entries[index - 1]
  const statedPath = entry.line <= line ? entry.path : openedBy(entry, before, line)
  if (statedPath === undefined) return undefined
  const isOpen = (path: SpecPath) => before?.object === entry.object && isPathWithin(before.path, path)
  return findPart(entries, entry.object, statedPath.slice(0, lengthAt(statedPath, isOpen, column)))
}

/**
 * Counts the steps of the path of a line that a column means: every step is printed two columns to the right of the one
 * before, the dash of an entry, or a key.
 */
function lengthAt(path: SpecPath, isOpen: (path: SpecPath) => boolean, column?: number): number {
  if (column === undefined) return path.length
  const length = Math.floor((column - 1) / 2) + 1
  const isDash = length < path.length && path.slice(length - 1, -1).every(step => typeof step === 'number')
  return isDash && !isOpen(path.slice(0, length)) ? length : path.length
}

/** The part that a line above a scalar opens: each key has a line; an entry that is a map has none. */
function openedBy(
  { path, object, line: entryLine, keyLines }: SourceMapEntry,
  before: SourceMapEntry | undefined,
  line: number,
): SpecPath | undefined {
  if (keyLines !== undefined)
    return keyLines.includes(line) ? path.slice(0, keyLines.indexOf(line) + 1) : undefined
  const opened = path.flatMap((step, index) => {
    const isOpen = before?.object === object && isPathWithin(before.path, path.slice(0, index + 1))
    return !isOpen && (typeof step === 'string' || index === path.length - 1) ? [index] : []
  })
  const last = opened.at(-1 - (entryLine - line))
  return last === undefined ? undefined : path.slice(0, last + 1)
}
