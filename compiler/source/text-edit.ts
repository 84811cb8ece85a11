import { CORE_SCHEMA } from 'js-yaml'
import type { SpecEdit } from '../diagnostics/diagnostic.ts'
import type { Span } from '../diagnostics/source.ts'
import type { Entry } from './document.ts'

/** A range of a text, and its replacement. */
interface Edit extends Span {
  readonly text: string
}

/**
 * An edit of a text that keeps everything else in it, comments too; undefined if the text's style does not allow it.
 *
 * @param entry the text of the edited entry
 * @param part whether the edit is to the key
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
  // An anchor or a tag is before its value, and an omitted value has no position.
  if (start === end || written.includes('\n')) return undefined
  if (edit.change === 'replace') return { start, end, text: printScalar(edit.text) }
  return entry.isPlain && !/["\\]/.test(written) ? { start, end, text: `"${written}"` } : undefined
}

/** Prints a text as a YAML scalar: unquoted if it is as plain as names are, and no word with another meaning. */
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

/** Cuts out an entry with the comma after it, or with the comma before it if it is the last. */
function outOfBrackets(text: string, start: number, end: number): Edit | undefined {
  const comma = /^[ \t]*,[ \t]*/.exec(text.slice(end, end + 200))
  if (comma !== null) return { start, end: end + comma[0].length, text: '' }
  const before = /,\s*$/.exec(text.slice(Math.max(0, start - 200), start))
  return before === null ? undefined : { start: start - before[0].length, end, text: '' }
}

/** Cuts out an entry with its lines if no other entry shares them, and no comment is lost. */
function outOfLines(text: string, start: number, end: number, before: RegExp): Edit | undefined {
  const lineStart = text.lastIndexOf('\n', start - 1) + 1
  const newline = text.indexOf('\n', end)
  const lineEnd = newline === -1 ? text.length : newline + 1
  const isAlone = before.test(text.slice(lineStart, start)) && text.slice(end, lineEnd).trim() === ''
  return isAlone && !text.slice(start, end).includes('#')
    ? { start: lineStart, end: lineEnd, text: '' }
    : undefined
}
