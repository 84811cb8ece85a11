import { type CodeAction, CodeActionKind, type Diagnostic, type Range } from 'vscode-languageserver'
import { listDiagnosticsFound, rangeIn } from './diagnostics.ts'
import { type EditForm, makeWorkspaceEdit } from './edits.ts'
import { listViews, type Snapshot } from './snapshot.ts'

/**
 * The fixes of the diagnostics in a range of a file, equal to those of `meshc validate --fix`.
 *
 * @param shown the diagnostics of the range, as the editor has them
 */
export function listCodeActions(
  snapshot: Snapshot,
  file: string,
  range: Range,
  shown: readonly Diagnostic[],
  form: EditForm,
): readonly CodeAction[] {
  const document = snapshot.textDocument(file)
  if (document === undefined) return []
  const [start, end] = [document.offsetAt(range.start), document.offsetAt(range.end)]
  const actions = new Map<string, CodeAction>()
  for (const { diagnostic } of listDiagnosticsFound(listViews(snapshot, file))) {
    const { at, code, fix } = diagnostic
    if (fix === undefined || at.file !== file || at.start > end || at.end < start) continue
    const ownRange = rangeIn(snapshot, at)
    const action: CodeAction = {
      title: fix.title,
      kind: CodeActionKind.QuickFix,
      diagnostics: shown.filter(
        ({ code: shownCode, range }) =>
          shownCode === code && JSON.stringify(range) === JSON.stringify(ownRange),
      ),
      isPreferred: true,
      edit: makeWorkspaceEdit(snapshot, fix.edits, form),
    }
    // Environments that find the same differently mend it alike.
    actions.set(JSON.stringify([action.title, action.edit]), action)
  }
  return [...actions.values()]
}
