import { makeSnapshot, type Snapshot } from '../../bin/lsp/snapshot.ts'
import { getView } from '../../bin/lsp/view.ts'
import { usualLimits } from '../../compiler/behavior/budget.ts'
import { getWorkspace } from './compile-text.ts'

/**
 * Makes the snapshot that an editor has of these texts. Each mesh.yaml in a folder of these names is an
 * environment.
 */
export function snapshotOfTexts(
  texts: Readonly<Record<string, string>>,
  environments: readonly string[] = ['prod'],
): Snapshot {
  const views = environments.map(name =>
    getView(
      { name, entry: `spec/${name}/mesh.yaml`, output: `out/${name}` },
      getWorkspace(texts),
      '2026-01-01',
      () => undefined,
      // Only steps of work end a question, so the speed of the machine has no effect.
      () => usualLimits,
    ),
  )
  return makeSnapshot(views, { uriOf: file => `file:///${file}`, versionOf: () => 1 })
}
