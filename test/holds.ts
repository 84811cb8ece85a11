import fc from 'fast-check'
import { seed } from './support/seed.ts'

/** A property that takes longer, in milliseconds, fails: above all the search for the smallest counterexample ends then. */
const longest = 5 * 60_000

/** Asks a property for at least a hundred values, and shows why and from which seed it failed. */
export function holds<Values extends [unknown, ...unknown[]]>(
  property: fc.IProperty<Values>,
  parameters: fc.Parameters<Values> = {},
): void {
  fc.assert(property, {
    seed,
    numRuns: 100,
    includeErrorInReport: true,
    interruptAfterTimeLimit: longest,
    markInterruptAsFailure: true,
    ...parameters,
  })
}
