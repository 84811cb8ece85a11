import fc from 'fast-check'
import { Assertion } from 'uvu/assert'
import type { Compilation } from '../../compiler/compilation.ts'
import { specs } from '../arbitraries/mesh.ts'
import { holds } from '../holds.ts'
import { type Declared, declaredIn } from './declared.ts'
import { compileEnvironment, compileSpec, environments } from './specs.ts'

/** A law about what is emitted for a spec: it throws where it does not hold. */
export type Law = (compilation: Compilation, declared: Declared) => void

/** Holds a law against everything: the environments that this project ships, and drawn specs. */
export function everyMesh(law: Law, numRuns?: number): void {
  everyShippedMesh(law)
  everyDrawnMesh(law, numRuns)
}

/** Holds a law against every environment that this project ships. */
export function everyShippedMesh(law: Law): void {
  for (const environment of environments) check(law, compileEnvironment(environment))
}

/** Checks a law for drawn specs, by default for a hundred. */
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
    // fast-check shows the message only, and not what differs.
    if (error instanceof Assertion && error.details)
      throw new Error(`${error.message}\n${error.details}`, { cause: error })
    throw error
  }
}
