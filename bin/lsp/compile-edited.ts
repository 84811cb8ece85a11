import { compile } from '../../compiler/compile.ts'
import type { TextEdit } from '../../compiler/diagnostics/diagnostic.ts'
import { applyEdits } from '../../compiler/diagnostics/edited-text.ts'
import type { Workspace } from '../../compiler/source/load.ts'
import type { View } from './view.ts'

/** Compiles an environment as it would be after edits. */
export function compileEdited(
  { environment, workspace, today, startLimits }: View,
  edits: readonly TextEdit[],
): View['result'] {
  const edited: Workspace = {
    ...workspace,
    read: path => {
      const content = workspace.read(path)
      const textEdits = edits.filter(({ file }) => file === path)
      return 'text' in content ? { text: applyEdits(content.text, textEdits) } : content
    },
  }
  return compile(environment.entry, edited, today, startLimits())
}
