import type { TextEdit } from './diagnostic.ts'
import { applyEdits } from './edited-text.ts'
import type { LocatedDiagnostic } from './locate.ts'
import type { Source } from './source.ts'

/** Texts with fixes applied. */
interface Applied {
  /** The new text of every file that changed. */
  readonly changed: ReadonlyMap<string, string>
  /** The diagnostics whose fixes were applied. */
  readonly mended: readonly LocatedDiagnostic[]
}

/**
 * Applies the fixes of diagnostics, each as a whole or not at all: a fix that overlaps an earlier one waits for the next run. Nothing
 * changes outside of the edits.
 */
export function applyFixes(sources: Iterable<Source>, diagnostics: readonly LocatedDiagnostic[]): Applied {
  const texts = new Map([...sources].map(({ name, text }) => [name, text]))
  const taken: TextEdit[] = []
  // Most findings are after all earlier ones, and need no comparison with each.
  const ends = new Map<string, number>()
  const isBehindAll = ({ file, start }: TextEdit) => start > (ends.get(file) ?? -1)
  const mended = diagnostics.filter(({ fix }) => {
    if (fix === undefined || fix.edits.some(({ file }) => !texts.has(file))) return false
    const near = (edit: TextEdit) => (isBehindAll(edit) ? [] : taken)
    const fresh = fix.edits.filter(edit => !near(edit).some(textEdit => isSameEdit(edit, textEdit)))
    if (fresh.some(edit => near(edit).some(textEdit => touches(edit, textEdit)))) return false
    for (const edit of fresh) {
      taken.push(edit)
      ends.set(edit.file, Math.max(edit.end, ends.get(edit.file) ?? -1))
    }
    return true
  })
  const byFile = new Map<string, TextEdit[]>()
  for (const edit of taken) if (byFile.get(edit.file)?.push(edit) === undefined) byFile.set(edit.file, [edit])
  const changed = new Map([...byFile].map(([file, edits]) => [file, applyEdits(texts.get(file)!, edits)]))
  return { changed, mended }
}

const isSameEdit = (a: TextEdit, b: TextEdit) =>
  a.file === b.file && a.start === b.start && a.end === b.end && a.text === b.text

const touches = (a: TextEdit, b: TextEdit) => a.file === b.file && a.start <= b.end && b.start <= a.end
