import fc from 'fast-check'
import { seed } from './support/seed.ts'

/** The search for the smallest counterexample ends after so many milliseconds, before the runner ends the file. */
const longest = 8 * 60_000

/** Asks a property for at least a hundred values, and shows why and from which seed it failed. */
export function holds<Values extends [unknown, ...unknown[]]>(
  property: fc.IProperty<Values>,
  parameters: fc.Parameters<Values> = {},
): void {
  fc.assert(property, {
    seed,
    numRuns: 100,
    includeErrorInReport: true,
    ...(parameters.endOnFailure !== true && {
      interruptAfterTimeLimit: longest,
      markInterruptAsFailure: true,
    }),
    ...parameters,
  })
}
