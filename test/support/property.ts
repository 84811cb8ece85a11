import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Compilation } from '../../compiler/compilation.ts'
import type { Declared } from './declared.ts'
import { everyDrawnMesh, everyShippedMesh } from './every-mesh.ts'

/** The number of specs that a property draws at first: a trait of one spec in ten stays unseen once in a billion runs. */
const numRuns = 200

/** A law that tells `saw` of each thing that it has looked at. */
type SightedLaw<Sight extends string> = (
  compilation: Compilation,
  declared: Declared,
  saw: (sight: Sight) => void,
) => void

/**
 * Runs a numbered property of the system, over drawn specs and over every environment that this project ships.
 * A law that had nothing to look at holds of nothing: the drawn specs must show it each of these sights.
 *
 * @param statement what holds, as a sentence
 * @param sights what the law must have seen, all runs taken together
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
    // More specs are drawn where something rare is left.
    if (unseen.size > 0) everyDrawnMesh(look, 3 * numRuns)
    assert.equal([...unseen], [], `no drawn spec has these, so ${name} was not put to the test`)
  })

  properties(`${name} holds of every environment that ships`, () =>
    everyShippedMesh((compilation, declared) => law(compilation, declared, () => {})),
  )

  properties.run()
}
