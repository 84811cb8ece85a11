import { findShapeFaults, type ShapeFault } from './crds.ts'

/**
 * Lists the violations of a patched object, in the words of its target schema. That schema has only the fields that
 * meshc writes: the CRD of the kind decides about other fields and their values.
 *
 * @param violations as `findViolations` gives them
 */
export function findPatchedViolations(
  kind: string,
  violations: readonly string[],
  object: Readonly<Record<string, unknown>>,
): readonly string[] {
  const faults = [...findShapeFaults(object)]
    .filter(({ path }) => path[0] === 'spec')
    .map(fault => describeFault(kind, fault))
  const real = violations.filter(
    violation => !violation.includes(': unknown field `') || faults.includes(violation),
  )
  return real.length > 0 ? real : faults
}

function describeFault(kind: string, { path, isKey, fault, misspelt }: ShapeFault): string {
  const keys = path.slice(1)
  if (isKey && misspelt !== undefined)
    return `${[kind, ...keys.slice(0, -1)].join('/')}: unknown field \`${misspelt.word}\``
  return `${[kind, ...keys].join('/')}: ${fault}`
}
