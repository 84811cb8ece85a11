import { diffArrays } from 'diff'

/** A range of lines in which two texts differ: its start in each, counted from 1, and its lines in each. */
export interface TextChange {
  readonly before: { readonly line: number; readonly lines: readonly string[] }
  readonly after: { readonly line: number; readonly lines: readonly string[] }
}

/** More edits than these are shown as one change of the whole: a reader does not read them one by one. */
const mostTextEdits = 2_000

/** The stretches in which two texts differ, in order. */
export function findTextChanges(before: string, after: string): readonly TextChange[] {
  const lines = { before: listLines(before), after: listLines(after) }
  const parts = diffArrays(lines.before, lines.after, { maxEditLength: mostTextEdits })
  if (parts === undefined)
    return [{ before: { line: 1, lines: lines.before }, after: { line: 1, lines: lines.after } }]
  const changes: TextChange[] = []
  const at = { before: 1, after: 1 }
  let here: { before: string[]; after: string[] } | undefined
  const close = () => {
    if (here === undefined) return
    const { before, after } = here
    changes.push({
      before: { line: at.before - before.length, lines: before },
      after: { line: at.after - after.length, lines: after },
    })
    here = undefined
  }
  for (const { added, removed, value } of parts) {
    if (!added && !removed) close()
    else {
      here ??= { before: [], after: [] }
      here[added ? 'after' : 'before'].push(...value)
    }
    if (!added) at.before += value.length
    if (!removed) at.after += value.length
  }
  close()
  return changes
}

/** The line of the text before for a line of the text after; undefined for a new line. */
export function findLineBefore(changes: readonly TextChange[], line: number): number | undefined {
  let shift = 0
  for (const { before, after } of changes) {
    if (line < after.line) break
    const offset = line - after.line
    if (offset < after.lines.length)
      // If a range has as many lines in both texts, they match one by one.
      return before.lines.length === after.lines.length ? before.line + offset : undefined
    shift = before.line + before.lines.length - (after.line + after.lines.length)
  }
  return line + shift
}

const listLines = (text: string): string[] => {
  const lines = text.split(/\r?\n/)
  if (lines.at(-1) === '') lines.pop()
  return lines
}
