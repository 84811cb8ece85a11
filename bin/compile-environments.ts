import { type Compilation, compile } from '../compiler/compile.ts'
import { type DiagnosticJson, jsonOf } from '../compiler/diagnostics/json.ts'
import type { LocatedDiagnostic } from '../compiler/diagnostics/locate.ts'
import type { Source } from '../compiler/diagnostics/source.ts'
import { list } from '../compiler/diagnostics/suggest.ts'
import type { Console } from './console.ts'
import type { Environment, Project } from './project.ts'

/** An environment that compiles, and every file that was read for it. */
export interface Compiled {
  readonly environment: Environment
  readonly compilation: Compilation
  readonly sources: readonly Source[]
}

/** What compiling several environments gives. */
export interface CompiledEnvironments {
  readonly compiled: readonly Compiled[]
  /** The names of those that have errors. */
  readonly failed: readonly string[]
  /** What was found, each once though several environments share a layer. */
  readonly diagnostics: readonly LocatedDiagnostic[]
  readonly sources: ReadonlyMap<string, Source>
}

/** Compiles environments one after the other; writes nothing. */
export function compileEnvironments(
  { workspace }: Project,
  environments: readonly Environment[],
  console: Console,
): CompiledEnvironments {
  const compiled: Compiled[] = []
  const failed: string[] = []
  const diagnostics = new Map<string, LocatedDiagnostic>()
  const allSources = new Map<string, Source>()
  for (const environment of environments) {
    console.progress(`compiling ${environment.name}`)
    const result = compile(environment.entry, workspace)
    for (const source of result.sources) allSources.set(source.name, source)
    for (const diagnostic of result.diagnostics) {
      const { code, at, message } = diagnostic
      diagnostics.set(`${code} ${at.file} ${at.start} ${message}`, diagnostic)
    }
    if (result.ok) compiled.push({ environment, compilation: result.value, sources: result.sources })
    else failed.push(environment.name)
  }
  return { compiled, failed, diagnostics: [...diagnostics.values()], sources: allSources }
}

/** Shows what was found, and how much of it. */
export function showDiagnostics({ diagnostics, sources }: CompiledEnvironments, console: Console): void {
  if (diagnostics.length > 0) console.diagnostics(diagnostics, sources.values())
}

/** The diagnostics as `--json` has them. */
export const diagnosticsJson = ({ diagnostics, sources }: CompiledEnvironments): readonly DiagnosticJson[] =>
  diagnostics.map(jsonOf(sources.values()))

/** How many errors and warnings there are: `2 errors and 1 warning in prod`. */
export function tally({ diagnostics, failed }: CompiledEnvironments): string {
  const errors = diagnostics.filter(({ severity }) => severity === 'error').length
  const parts = [counted(errors, 'error'), counted(diagnostics.length - errors, 'warning')]
  const found = parts.filter(part => !part.startsWith('0 ')).join(' and ')
  return failed.length === 0 ? found : `${found} in ${list(failed)}`
}

/** A number and its noun, which takes an s. */
export const counted = (count: number, noun: string) => `${count} ${noun}${count === 1 ? '' : 's'}`
