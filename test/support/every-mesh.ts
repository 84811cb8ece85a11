import { Assertion } from 'uvu/assert'
import { weakMemo } from '../../compiler/basics/weak-memo.ts'
import type { Compilation } from '../../compiler/compilation.ts'
import { type Declared, declaredIn } from './declared.ts'
import { everySpec } from './drawn-specs.ts'
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
  everySpec(spec => check(law, compileSpec(spec)), numRuns)
}

/** The declarations of a spec: laws that share a compilation share them. */
const getDeclared = weakMemo(declaredIn)

function check(law: Law, compilation: Compilation): void {
  try {
    law(compilation, getDeclared(compilation))
  } catch (error) {
    // fast-check shows only the message, without the difference.
    if (error instanceof Assertion && error.details)
      throw new Error(`${error.message}\n${error.details}`, { cause: error })
    throw error
  }
}
