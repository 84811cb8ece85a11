import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Compilation } from '../../compiler/compilation.ts'
import type { Declared } from './declared.ts'
import { everyDrawnMesh, everyShippedMesh } from './every-mesh.ts'

/**
 * The first number of specs that a property draws: they all lack a trait of one spec in ten once in a billion
 * runs.
 */
const numRuns = 200

/** A law that calls `saw` for each thing that it has checked. */
type SightedLaw<Sight extends string> = (
  compilation: Compilation,
  declared: Declared,
  saw: (sight: Sight) => void,
) => void

/**
 * Runs a numbered property of the system, for drawn specs and for every environment that this project ships.
 * The drawn specs must show the law each of these sights: a law that has checked nothing proves nothing.
 *
 * @param statement the law, as a sentence
 * @param sights the things that the law must see in all runs together
 */
export function property<Sight extends string>(
  number: number,
  statement: string,
  sights: readonly Sight[],
  law: SightedLaw<Sight>,
): void {
  const name = `P${number}`
  const properties = suite(name)

  properties(`${name}: ${statement}`, () => {
    const unseen = new Set(sights)
    const look = (compilation: Compilation, declared: Declared) =>
      law(compilation, declared, sight => unseen.delete(sight))
    everyDrawnMesh(look, numRuns)
    // More specs are drawn if a rare sight is missing.
    if (unseen.size > 0) everyDrawnMesh(look, 3 * numRuns)
    assert.equal([...unseen], [], `no drawn spec has these, so ${name} was not put to the test`)
  })

  properties(`${name} holds of every environment that ships`, () =>
    everyShippedMesh((compilation, declared) => law(compilation, declared, () => {})),
  )

  properties.run()
}
