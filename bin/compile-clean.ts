import type { Context } from './command.ts'
import {
  adviseMending,
  type CompiledEnvironments,
  compileEnvironments,
  describeTally,
} from './compile-environments.ts'
import { readLimits } from './limits.ts'
import type { Environment, Project } from './project.ts'
import { convertDiagnostics, printReport } from './report/format.ts'

/**
 * Compiles environments for a question about what they make. Where one has errors there is no answer:
 * they are shown, and undefined is given back.
 */
export function compileClean(
  project: Project,
  environments: readonly Environment[],
  { options, console }: Pick<Context, 'options' | 'console'>,
): CompiledEnvironments | undefined {
  const result = compileEnvironments(project.workspace, environments, console, readLimits(options))
  if (result.failed.length === 0) return result
  if (options.has('json')) {
    console.printJson({ ok: false, diagnostics: convertDiagnostics(result) })
    return undefined
  }
  printReport('text', result, console, project.root)
  const help = adviseMending(result) ?? 'what a spec makes can be told once it compiles'
  console.problem({ message: describeTally(result), help, paths: [] })
  return undefined
}
