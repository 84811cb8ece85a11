import {
  type Diagnostic,
  type DiagnosticDefinition,
  type DiagnosticFactory,
  defineDiagnostic,
} from '../diagnostics/diagnostic.ts'
import type { Mesh } from '../mesh/mesh.ts'
import type { Parts } from './parts.ts'

/** One law of a mesh, and the diagnostic for a violation. */
export interface Rule {
  readonly diagnostic: DiagnosticDefinition<never>
  /**
   * Yields everything in the mesh that breaks the law, found in one walk through the mesh or some of its
   * parts.
   */
  check(mesh: Mesh, parts: Parts): Iterable<Diagnostic>
}

/** A rule: its condition, and a walk through the mesh that yields a report for each violation. */
export function defineRule<Params>(
  definition: DiagnosticDefinition<Params>,
  check: (mesh: Mesh, report: DiagnosticFactory<Params>, parts: Parts) => Iterable<Diagnostic>,
): Rule {
  const diagnostic = defineDiagnostic(definition)
  return { diagnostic, check: (mesh, parts) => check(mesh, diagnostic, parts) }
}
