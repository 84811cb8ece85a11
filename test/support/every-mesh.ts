import fc from 'fast-check'
import { Assertion } from 'uvu/assert'
import type { Compilation } from '../../compiler/compilation.ts'
import { specs } from '../arbitraries/mesh.ts'
import { holds } from '../holds.ts'
import { type Declared, declaredIn } from './declared.ts'
import { compileEnvironment, compileSpec, environments } from './specs.ts'

/** A law about the output for a spec. It throws an error if it does not hold. */
export type Law = (compilation: Compilation, declared: Declared) => void

/** Checks a law for the environments that this project ships, and for drawn specs. */
export function everyMesh(law: Law, numRuns?: number): void {
  everyShippedMesh(law)
  everyDrawnMesh(law, numRuns)
}

/** Checks a law for every environment that this project ships. */
export function everyShippedMesh(law: Law): void {
  for (const environment of environments) check(law, compileEnvironment(environment))
}

/** Checks a law for drawn specs: a hundred by default. */
export function everyDrawnMesh(law: Law, numRuns = 100): void {
  holds(
    fc.property(specs(), spec => check(law, compileSpec(spec))),
    { numRuns },
  )
}

function check(law: Law, compilation: Compilation): void {
  try {
    law(compilation, declaredIn(compilation))
  } catch (error) {
    // fast-check shows only the message, without the difference.
    if (error instanceof Assertion && error.details)
      throw new Error(`${error.message}\n${error.details}`, { cause: error })
    throw error
  }
}
