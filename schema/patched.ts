import { makeUnknownField, type Violation } from './conform.ts'
import { findShapeFaults } from './crds.ts'
import type { ShapeFault } from './shapes.ts'

/**
 * Lists the violations of a patched object, in the words of its target schema. That schema has only the fields that
 * meshc writes: the CRD of the kind decides about other fields and their values.
 *
 * @param violations of the target schema
 */
export function findPatchedViolations(
  violations: readonly Violation[],
  object: Readonly<Record<string, unknown>>,
): readonly Violation[] {
  const ofCrd = [...findShapeFaults(object)].filter(({ path }) => path[0] === 'spec').map(makeViolation)
  const real = violations.filter(
    ({ path, unknownField }) =>
      unknownField === undefined ||
      ofCrd.some(each => each.unknownField === unknownField && isSamePath(each.path, path)),
  )
  return real.length > 0 ? real : ofCrd
}

function makeViolation({ path, isKey, fault, misspelt }: ShapeFault): Violation {
  const keys = path.slice(1).map(String)
  return isKey && misspelt !== undefined
    ? makeUnknownField(keys.slice(0, -1), misspelt.word)
    : { path: keys, fault }
}

const isSamePath = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((key, index) => key === b[index])
