import { makePainter } from '../../compiler/diagnostics/frames.ts'
import { makeTextVisible } from '../../compiler/diagnostics/visible.ts'
import type { Context, ExitCode } from '../cli/command.ts'
import { readLimits } from '../cli/limits.ts'
import { lintMesh } from './lint-findings.ts'
import { lintJson } from './lint-json.ts'
import { lintText } from './lint-text.ts'
import { loadMesh } from './mesh-at-hand.ts'

/** Finds the routes and rules that decide about nothing. Ends with 0 if all do, 1 if any does not. */
export async function runLint(context: Context): Promise<ExitCode> {
  const { options, terminal } = context
  const mesh = await loadMesh(context, context.words)
  if (mesh === undefined) return 1
  const foundLint = lintMesh(mesh, readLimits(options), words => terminal.progress(words))
  const isClean = foundLint.findings.every(({ state }) => state === 'unknown')
  if (options.has('json')) terminal.printJson(lintJson(foundLint, mesh, isClean))
  else {
    const heading = makePainter(terminal.color)('strong', makeTextVisible(`lint of ${mesh.name}`))
    terminal.print([heading, '', ...lintText(foundLint, mesh, terminal.color)].join('\n'))
  }
  return isClean ? 0 : 1
}
