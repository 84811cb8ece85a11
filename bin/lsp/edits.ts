import type { WorkspaceEdit } from 'vscode-languageserver'
import type { TextEdit } from '../../compiler/diagnostics/diagnostic.ts'
import { rangeIn } from './diagnostics.ts'
import type { Snapshot } from './snapshot.ts'

/**
 * The form in which an editor takes edits of several files: with the versions that they are for, or without.
 */
export type EditForm = 'versioned' | 'plain'

/** Edits of a spec as an editor applies them. */
export function makeWorkspaceEdit(
  snapshot: Snapshot,
  edits: readonly TextEdit[],
  form: EditForm,
): WorkspaceEdit {
  const files = [...new Set(edits.map(({ file }) => file))]
  const listEdits = (file: string) =>
    edits
      .filter(edit => edit.file === file)
      .map(edit => ({ range: rangeIn(snapshot, edit), newText: edit.text }))
  if (form === 'plain')
    return { changes: Object.fromEntries(files.map(file => [snapshot.uriOf(file), listEdits(file)])) }
  return {
    documentChanges: files.map(file => ({
      textDocument: { uri: snapshot.uriOf(file), version: snapshot.versionOf(file) },
      edits: listEdits(file),
    })),
  }
}
