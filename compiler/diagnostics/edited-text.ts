import type { TextEdit } from './diagnostic.ts'

type Edit = Pick<TextEdit, 'start' | 'end' | 'text'>

/** A text with edits that do not touch each other. */
export function applyEdits(text: string, edits: readonly Edit[]): string {
  const parts: string[] = []
  let at = 0
  for (const { start, end, text: written } of edits.toSorted((a, b) => a.start - b.start)) {
    parts.push(text.slice(at, start), written)
    at = end
  }
  return parts.join('') + text.slice(at)
}
