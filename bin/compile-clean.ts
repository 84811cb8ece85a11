import type { Context } from './command.ts'
import { type CompiledEnvironments, compileEnvironments, howToMend, tally } from './compile-environments.ts'
import { limitsOf } from './limits.ts'
import type { Environment, Project } from './project.ts'
import { diagnosticsJson, printReport } from './report/format.ts'

/**
 * Compiles environments for a question about what they make. Where one has errors there is no answer:
 * they are shown, and undefined is given back.
 */
export function compileClean(
  project: Project,
  environments: readonly Environment[],
  { options, console }: Pick<Context, 'options' | 'console'>,
): CompiledEnvironments | undefined {
  const result = compileEnvironments(project.workspace, environments, console, limitsOf(options))
  if (result.failed.length === 0) return result
  if (options.has('json')) {
    console.printJson({ ok: false, diagnostics: diagnosticsJson(result) })
    return undefined
  }
  printReport('text', result, console, project.root)
  const help = howToMend(result) ?? 'what a spec makes can be told once it compiles'
  console.problem({ message: tally(result), help, paths: [] })
  return undefined
}
