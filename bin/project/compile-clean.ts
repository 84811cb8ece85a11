import type { Context } from '../cli/command.ts'
import { readLimits } from '../cli/limits.ts'
import { convertDiagnostics, printReport } from '../report/format.ts'
import {
  adviseMending,
  type CompiledEnvironments,
  compileEnvironments,
  describeTally,
} from './compile-environments.ts'
import type { Environment, Project } from './project.ts'

/** Compiles environments for a question about their result. If one has errors, they are shown, and the result is undefined. */
export function compileClean(
  project: Project,
  environments: readonly Environment[],
  { options, terminal }: Pick<Context, 'options' | 'terminal'>,
): CompiledEnvironments | undefined {
  const result = compileEnvironments(project.workspace, environments, terminal, readLimits(options))
  if (result.failed.length === 0) return result
  if (options.has('json')) {
    terminal.printJson({ ok: false, diagnostics: convertDiagnostics(result) })
    return undefined
  }
  printReport('text', result, terminal, project.root)
  const help = adviseMending(result) ?? 'what a spec makes can be told once it compiles'
  terminal.problem({ message: describeTally(result), help, paths: [] })
  return undefined
}
