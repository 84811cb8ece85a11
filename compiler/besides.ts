import type { Diagnostic } from './diagnostics/diagnostic.ts'
import { FaultyParts } from './diagnostics/faulty-parts.ts'
import type { Outcome } from './diagnostics/outcome.ts'
import type { LayeredSpec } from './mesh/layered-spec.ts'
import type { Mesh } from './mesh/mesh.ts'
import { resolve } from './resolve/resolve.ts'
import { validate } from './validate/validate.ts'

/**
 * What is wrong beside the errors that ended a compilation, in parts that have nothing to do with them.
 *
 * @param rest the spec without the fields that have not the shape they must
 */
export function besides(rest: LayeredSpec | undefined, mesh: Outcome<Mesh>): readonly Diagnostic[] {
  if (mesh.ok) return []
  // Either the shape was wrong, and names are looked up in what is left; or names were, and only rules are still to hold.
  const resolved = rest === undefined ? mesh : resolve(rest)
  const faults = rest === undefined ? [] : mesh.diagnostics
  const unresolved = FaultyParts.of(faults)?.apartFrom(resolved.diagnostics) ?? []
  const partial = resolved.ok ? resolved.value : resolved.partial
  const faulty = FaultyParts.of([...faults, ...resolved.diagnostics])
  if (partial === undefined || faulty === undefined) return unresolved
  return [...unresolved, ...faulty.apartFrom(validate(partial).diagnostics)]
}
