import fc from 'fast-check'
import { type Spec, specs } from '../arbitraries/mesh.ts'
import { holdsForEach } from '../holds.ts'
import { seed } from './seed.ts'

/** Checks a law for drawn specs: a hundred by default. All laws of a process share the specs. */
export function everySpec(law: (spec: Spec) => void, numRuns = 100): void {
  holdsForEach(drawSpecs(numRuns), fc.property(specs(), law))
}

/** The longest list of specs that a law of this process has drawn. */
let drawn: [Spec][] = []

/** Draws the specs that a property of `specs()` has with the seed of the laws: a longer list begins with the shorter one. */
function drawSpecs(count: number): [Spec][] {
  if (drawn.length < count) drawn = fc.sample(fc.tuple(specs()), { seed, numRuns: count })
  return drawn.slice(0, count)
}
