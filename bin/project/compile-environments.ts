import type { Limits } from '../../compiler/behavior/budget.ts'
import type { Compilation } from '../../compiler/compilation.ts'
import {
  type LocatedDiagnostic,
  makeDiagnosticKey,
  makeSourceOrder,
} from '../../compiler/diagnostics/locate.ts'
import type { Source } from '../../compiler/diagnostics/source.ts'
import { makeCompiler } from '../../compiler/make-compiler.ts'
import { findSharedDeliveries, type NamedCompilation } from '../../compiler/shared-deliveries.ts'
import type { Workspace } from '../../compiler/source/load.ts'
import type { Terminal } from '../cli/terminal.ts'
import { readToday } from '../cli/today.ts'
import { describeCounts, type EnvironmentReport, type Report } from '../report/report.ts'
import { describeEnvironments } from './environments.ts'
import type { Environment } from './project.ts'

/** An environment that compiles, and every file that was read for it. */
export interface Compiled {
  readonly environment: Environment
  readonly compilation: Compilation
  readonly sources: readonly Source[]
}

/** The result of compiling several environments. */
export interface CompiledEnvironments extends Report {
  readonly compiled: readonly Compiled[]
  /** The names of those that have errors. */
  readonly failed: readonly string[]
}

/**
 * Compiles environments one after the other, and looks whether they are in each other's way; writes nothing.
 *
 * @param limits of the questions that `expect` asks
 */
export function compileEnvironments(
  workspace: Workspace,
  environments: readonly Environment[],
  terminal: Terminal,
  limits: Limits,
): CompiledEnvironments {
  const compiled: Compiled[] = []
  const before: NamedCompilation[] = []
  const reports: EnvironmentReport[] = []
  const diagnostics = new Map<string, LocatedDiagnostic>()
  const allSources = new Map<string, Source>()
  const compile = makeCompiler(workspace, readToday(), limits)
  for (const environment of environments) {
    const { name, entry } = environment
    terminal.progress(`compiling ${name}`)
    const result = compile(entry)
    const shared = result.ok ? findSharedDeliveries({ name, compilation: result.value }, before) : []
    for (const source of result.sources) allSources.set(source.name, source)
    const all = [...result.diagnostics, ...shared]
    for (const diagnostic of all) diagnostics.set(makeDiagnosticKey(diagnostic), diagnostic)
    const ok = result.ok && shared.length === 0
    reports.push({ name, entry, ok, diagnostics: all, suppressed: result.suppressed })
    if (!result.ok) continue
    before.push({ name, compilation: result.value })
    if (ok) compiled.push({ environment, compilation: result.value, sources: result.sources })
  }
  return {
    compiled,
    failed: reports.filter(({ ok }) => !ok).map(({ name }) => name),
    environments: reports,
    diagnostics: [...diagnostics.values()].sort(makeSourceOrder([...allSources.keys()])),
    sources: allSources,
  }
}

/** The files of the compiled specs, by the mesh.yaml of each environment. */
export const readSpecs = ({ compiled }: Pick<CompiledEnvironments, 'compiled'>) =>
  new Map(
    compiled.map(
      ({ environment, compilation }) => [environment.entry, compilation.layers.documents] as const,
    ),
  )

/** Describes how many errors and warnings there are: `2 errors and 1 warning in prod`. */
export function describeTally({ diagnostics, failed }: CompiledEnvironments): string {
  const counts = describeCounts(diagnostics)
  return failed.length === 0 ? counts : `${counts} in ${describeEnvironments(failed)}`
}

/** Advises on the automatic fixes of faults with only one remedy; undefined if there are none. */
export function adviseMending({ diagnostics }: CompiledEnvironments): string | undefined {
  const count = diagnostics.filter(({ fix }) => fix !== undefined).length
  if (count === 0) return undefined
  const what = count < diagnostics.length ? `${count} of them` : count === 1 ? 'it' : 'them'
  return `\`meshc validate --fix\` mends ${what}`
}
