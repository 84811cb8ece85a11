import type { TextEdit } from './diagnostic.ts'
import type { LocatedDiagnostic } from './locate.ts'
import type { Source } from './source.ts'

/** Texts with fixes applied. */
export interface Applied {
  /** The new text of every file that changed. */
  readonly changed: ReadonlyMap<string, string>
  /** The diagnostics whose fixes were applied. */
  readonly mended: readonly LocatedDiagnostic[]
}

/**
 * Applies the fixes of diagnostics, each as a whole or not at all: one that touches the edit of an earlier one waits
 * for the next time. Nothing changes outside of the edits.
 */
export function applyFixes(sources: Iterable<Source>, diagnostics: readonly LocatedDiagnostic[]): Applied {
  const texts = new Map([...sources].map(({ name, text }) => [name, text]))
  const taken: TextEdit[] = []
  const mended = diagnostics.filter(({ fix }) => {
    if (fix === undefined || fix.edits.some(({ file }) => !texts.has(file))) return false
    const fresh = fix.edits.filter(edit => !taken.some(other => isSame(edit, other)))
    if (fresh.some(edit => taken.some(other => touches(edit, other)))) return false
    taken.push(...fresh)
    return true
  })
  const changed = new Map<string, string>()
  // From the end of each file to its start, so that what is still to be done stays where it was.
  for (const { file, start, end, text } of taken.toSorted((a, b) => b.start - a.start)) {
    const before = changed.get(file) ?? texts.get(file)!
    changed.set(file, before.slice(0, start) + text + before.slice(end))
  }
  return { changed, mended }
}

const isSame = (a: TextEdit, b: TextEdit) =>
  a.file === b.file && a.start === b.start && a.end === b.end && a.text === b.text

const touches = (a: TextEdit, b: TextEdit) => a.file === b.file && a.start <= b.end && b.start <= a.end
