import type { SuppressedDiagnostic } from '../../compiler/compile.ts'
import { printCount } from '../../compiler/diagnostics/counted.ts'
import type { LocatedDiagnostic } from '../../compiler/diagnostics/locate.ts'
import type { Source } from '../../compiler/diagnostics/source.ts'

/** The findings of a command in every environment that it looked at. */
export interface Report {
  readonly environments: readonly EnvironmentReport[]
  /** The findings, each once though several environments share a layer, in the order of files and lines. */
  readonly diagnostics: readonly LocatedDiagnostic[]
  /** The texts that diagnostics point into. */
  readonly sources: ReadonlyMap<string, Source>
}

/** The findings in one environment. */
export interface EnvironmentReport {
  readonly name: string
  /** Its mesh.yaml, as a path from the root of the project. */
  readonly entry: string
  readonly ok: boolean
  readonly diagnostics: readonly LocatedDiagnostic[]
  readonly suppressed: readonly SuppressedDiagnostic[]
}

/** Describes the counts in words: `2 errors and 1 warning`. */
export function describeCounts(diagnostics: readonly LocatedDiagnostic[]): string {
  const errors = diagnostics.filter(({ severity }) => severity === 'error').length
  const parts = [printCount(errors, 'error'), printCount(diagnostics.length - errors, 'warning')]
  return parts.filter(part => !part.startsWith('0 ')).join(' and ')
}
