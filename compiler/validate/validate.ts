import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import { type Outcome, outcome } from '../diagnostics/outcome.ts'
import type { Mesh, ValidMesh } from '../mesh/mesh.ts'
import { collectParts } from './parts.ts'
import { rules } from './rules/index.ts'

/** Checks every rule against a mesh; the mesh comes back as valid when no rule reports an error. */
export function validate(mesh: Mesh): Outcome<ValidMesh> {
  const parts = collectParts(mesh)
  const diagnostics: Diagnostic[] = []
  for (const rule of rules) for (const diagnostic of rule.check(mesh, parts)) diagnostics.push(diagnostic)
  // The brand proves that this function found no error: with an error, `outcome` returns no value.
  return outcome(mesh as ValidMesh, diagnostics)
}
