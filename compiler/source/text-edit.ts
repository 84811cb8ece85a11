import { CORE_SCHEMA } from 'js-yaml'
import type { SpecEdit } from '../diagnostics/diagnostic.ts'
import type { Span } from '../diagnostics/source.ts'
import type { Entry } from './document.ts'

/** A stretch of a text, and what shall stand there. */
interface Edit extends Span {
  readonly text: string
}

/**
 * An edit of a text that leaves everything else in it as it is, comments too; undefined where the text is written in
 * a way that does not allow it.
 *
 * @param entry the text of the edited entry
 * @param part whether it is its key that is edited
 */
export function makeTextEdit(
  text: string,
  entry: Entry,
  edit: SpecEdit,
  part: 'key' | undefined,
): Edit | undefined {
  const { start, end } = part === 'key' ? (entry.key ?? entry) : entry
  if (edit.change === 'remove') return removal(text, entry)
  const written = text.slice(start, end)
  // An anchor or a tag stands before its value, and a value that was left out stands nowhere.
  if (start === end || written.includes('\n')) return undefined
  if (edit.change === 'replace') return { start, end, text: printScalar(edit.text) }
  return entry.isPlain && !/["\\]/.test(written) ? { start, end, text: `"${written}"` } : undefined
}

/** A text as a scalar of YAML: plain, where it is as plain as names are, and no word that means something else. */
export function printScalar(value: string): string {
  const isPlain =
    /^[\w/][\w./%-]*$/.test(value) && CORE_SCHEMA.resolveImplicitScalarTag(value).value === value
  return isPlain ? value : JSON.stringify(value)
}

function removal(text: string, { start: valueStart, end, key, parent }: Entry): Edit | undefined {
  if (parent === undefined) return undefined
  const start = key?.start ?? valueStart
  return parent.isFlow
    ? outOfBrackets(text, start, end)
    : outOfLines(text, start, end, key === undefined ? /^ *- +$/ : /^ *$/)
}

/** Cuts an entry out with the comma behind it, or the one before it where it is the last. */
function outOfBrackets(text: string, start: number, end: number): Edit | undefined {
  const comma = /^[ \t]*,[ \t]*/.exec(text.slice(end, end + 200))
  if (comma !== null) return { start, end: end + comma[0].length, text: '' }
  const before = /,\s*$/.exec(text.slice(Math.max(0, start - 200), start))
  return before === null ? undefined : { start: start - before[0].length, end, text: '' }
}

/** Cuts an entry out with its lines, where they are its own, and no comment of them is lost. */
function outOfLines(text: string, start: number, end: number, before: RegExp): Edit | undefined {
  const lineStart = text.lastIndexOf('\n', start - 1) + 1
  const newline = text.indexOf('\n', end)
  const lineEnd = newline === -1 ? text.length : newline + 1
  const isAlone = before.test(text.slice(lineStart, start)) && text.slice(end, lineEnd).trim() === ''
  return isAlone && !text.slice(start, end).includes('#')
    ? { start: lineStart, end: lineEnd, text: '' }
    : undefined
}
