import { relative } from 'node:path'
import fc from 'fast-check'
import { stringify } from 'yaml'
import { seed } from './support/seed.ts'

/**
 * The time limit of the search for the smallest counterexample, in milliseconds. The runner ends the file
 * later.
 */
const longest = 8 * 60_000

/** The number of values with which a property is tested. */
const usualRuns = 100

/**
 * Tests a property with at least a hundred values.
 *
 * @throws an error with the reason of the failure, the smallest counterexample as YAML and the command that repeats it
 */
export function holds<Values extends [unknown, ...unknown[]]>(
  property: fc.IProperty<Values>,
  parameters: fc.Parameters<Values> = {},
): void {
  fc.assert(property, {
    seed,
    numRuns: usualRuns,
    ...(parameters.endOnFailure !== true && {
      interruptAfterTimeLimit: longest,
      markInterruptAsFailure: true,
    }),
    ...parameters,
    reporter: throwFailure,
  })
}

/**
 * Tests a property with values that were generated before. Several properties may share them, since
 * generating a value can take as long as testing it. If a property fails, it is tested again with its own
 * values, which shrink.
 */
export function holdsForEach<Values extends [unknown, ...unknown[]]>(
  drawn: Values[],
  property: fc.IProperty<Values>,
): void {
  const details = fc.check(property, { seed, examples: drawn, numRuns: drawn.length })
  if (details.failed) holds(property, { numRuns: Math.max(usualRuns, drawn.length) })
  throwFailure(details)
}

function throwFailure<Values>({
  failed,
  counterexample,
  errorInstance,
  numRuns,
  numShrinks,
  seed: drawn,
  interrupted,
}: fc.RunDetails<Values>): void {
  if (!failed) return
  const reason =
    errorInstance instanceof Error ? (errorInstance.stack ?? errorInstance.message) : errorInstance
  const lines = [
    interrupted && counterexample === null
      ? `no answer after ${longest / 60_000} minutes`
      : `a counterexample after ${numRuns} runs, shrunk ${numShrinks} times`,
    `repeat it: SEED=${drawn} npm test -- ${getTestFile()}`,
    ...(counterexample === null ? [] : [printValue(counterexample)]),
    String(reason ?? ''),
  ]
  const failure = new Error(lines.join('\n'))
  // The stack of the reason has the position.
  failure.stack = failure.message
  throw failure
}

/** Returns a value as YAML. If YAML cannot express it, returns the text of fast-check. */
function printValue(value: unknown): string {
  try {
    return stringify(value, { aliasDuplicateObjects: false })
  } catch {
    return fc.stringify(value)
  }
}

/** Returns the running file: the file that the runner has queued, or that a person has started. */
const getTestFile = (): string =>
  globalThis.UVU_QUEUE?.[globalThis.UVU_INDEX ?? -1]?.[0] ?? relative('', process.argv[1] ?? '')
