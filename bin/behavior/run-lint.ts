import { makePainter } from '../../compiler/diagnostics/frames.ts'
import { makeTextVisible } from '../../compiler/diagnostics/visible.ts'
import type { Context, ExitCode } from '../cli/command.ts'
import { readLimits } from '../cli/limits.ts'
import { convertDiagnostics, printReport } from '../report/format.ts'
import { checkOwnPolicies } from './check-own-policies.ts'
import { lintMesh } from './lint-findings.ts'
import { lintJson } from './lint-json.ts'
import { lintText } from './lint-text.ts'
import { loadMesh } from './mesh-at-hand.ts'

/**
 * Finds the routes and rules that have no effect, and the manifests that violate the policies of their file. Ends with 0 if there are
 * none, 1 if there are any.
 */
export async function runLint(context: Context): Promise<ExitCode> {
  const { options, terminal } = context
  const mesh = await loadMesh(context, context.words)
  if (mesh === undefined) return 1
  const limits = readLimits(options)
  const policies = checkOwnPolicies(mesh, context, limits)
  const foundLint = lintMesh(mesh, limits, words => terminal.progress(words))
  const isViolated = policies.diagnostics.some(({ severity }) => severity === 'error')
  const isClean = !isViolated && foundLint.findings.every(({ state }) => state === 'unknown')
  if (options.has('json')) {
    const diagnostics = convertDiagnostics(policies)
    terminal.printJson({
      ...lintJson(foundLint, mesh, isClean),
      ...(diagnostics.length > 0 && { diagnostics }),
    })
  } else {
    printReport('text', policies, terminal, process.cwd())
    const heading = makePainter(terminal.color)('strong', makeTextVisible(`lint of ${mesh.name}`))
    terminal.print([heading, '', ...lintText(foundLint, mesh, terminal.color)].join('\n'))
  }
  return isClean ? 0 : 1
}
