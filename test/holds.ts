import fc from 'fast-check'
import { seed } from './support/seed.ts'

/** Asks a property for at least a hundred values, and shows why and from which seed it failed. */
export function holds<Values extends [unknown, ...unknown[]]>(
  property: fc.IProperty<Values>,
  parameters: fc.Parameters<Values> = {},
): void {
  fc.assert(property, { seed, numRuns: 100, includeErrorInReport: true, ...parameters })
}
