import { findDiagnostic } from './catalogue.ts'
import type { Diagnostic } from './diagnostics/diagnostic.ts'
import { FaultyParts, type Gap } from './diagnostics/faulty-parts.ts'
import type { Outcome } from './diagnostics/outcome.ts'
import { emit } from './emit/emit.ts'
import type { Mesh, ValidMesh } from './mesh/mesh.ts'
import type { Surroundings } from './mesh/surroundings.ts'
import { resolve } from './resolve/resolve.ts'
import type { Decoded } from './source/decode.ts'
import { validate } from './validate/validate.ts'

/**
 * Lists further faults in parts that do not depend on the errors that ended a compilation.
 *
 * @param rest the rest of a spec with a wrong shape, with the manifests of others
 * @param mesh the mesh with resolved names
 * @param valid the laws that were checked
 */
export function listIndependentFaults(
  { rest, surroundings }: { readonly rest: Decoded['rest']; readonly surroundings: Surroundings },
  mesh: Outcome<Mesh>,
  valid: Outcome<ValidMesh>,
): readonly Diagnostic[] {
  if (mesh.ok) return valid.ok ? [] : emitted(mesh.value, valid.diagnostics)
  // Either the shape was wrong, and names of the rest are resolved; or names were wrong, and only rules remain.
  if (rest === undefined) return beside(mesh, [])
  const resolved = resolve(rest.spec, surroundings)
  const unresolved = new FaultyParts(rest.gaps, listReads).apartFrom(resolved.diagnostics)
  return [...unresolved, ...beside(resolved, rest.gaps)]
}

/** Finds the faults of patches and raw objects: a violated law neither removes nor renames an object. */
function emitted(mesh: Mesh, broken: readonly Diagnostic[]): readonly Diagnostic[] {
  // The emitted objects do not leave this function.
  const { diagnostics } = emit(mesh as ValidMesh, [])
  return new FaultyParts(broken.flatMap(listGaps), listReads).apartFrom(diagnostics)
}

/** Finds the violations of rules in parts in which all names are known. */
function beside(mesh: Outcome<Mesh>, gaps: readonly Gap[]): readonly Diagnostic[] {
  const partial = mesh.ok ? mesh.value : mesh.partial
  if (partial === undefined) return []
  const unknown = mesh.diagnostics.flatMap(listGaps)
  return new FaultyParts([...gaps, ...unknown], listReads).apartFrom(validate(partial).diagnostics)
}

/** Lists the gaps of a missing name or field; without a name of the mesh all else is one. */
const listGaps = ({ severity, at }: Diagnostic): readonly Gap[] =>
  severity === 'warning' || !('path' in at) || at.path.length === 0 ? [] : [{ path: at.path }]

const listReads = (code: string) => findDiagnostic(code)?.reads ?? []
