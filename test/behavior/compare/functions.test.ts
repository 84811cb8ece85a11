import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { evaluate } from '../../../compiler/behavior/evaluate/evaluate.ts'
import type { BehaviorModel } from '../../../compiler/behavior/model.ts'
import { pairCallers } from '../../../compiler/behavior/pairs/callers.ts'
import { listMeshDestinations } from '../../../compiler/behavior/pairs/destinations.ts'
import {
  listOutsideDestinations,
  makeRequestFrom,
} from '../../../compiler/behavior/pairs/outside-destinations.ts'
import { makeRequestMaker } from '../../../compiler/behavior/pairs/request-maker.ts'
import { readModel } from '../../../compiler/behavior/read/read-model.ts'
import { convertToFate, serializeFate } from '../../../compiler/behavior/symbolic/fate-text.ts'
import { enterGateway } from '../../../compiler/behavior/symbolic/gateway-entry.ts'
import { buildOutsideTree } from '../../../compiler/behavior/symbolic/gateway-tree.ts'
import { indexModel } from '../../../compiler/behavior/symbolic/indexed-model.ts'
import { isFate, makeRequestSpace } from '../../../compiler/behavior/symbolic/request-space.ts'
import { buildPlaintextTree, buildSidecarTree } from '../../../compiler/behavior/symbolic/sidecar-tree.ts'
import { manifests } from '../../arbitraries/manifests/manifests.ts'
import { holds } from '../../holds.ts'
import { getModel } from '../../support/model-of.ts'
import { seed } from '../../support/seed.ts'
import { corpus, listObjects } from '../corpus.ts'

const functions = suite('functions of requests')

/**
 * The number of caller and destination pairs that are checked in a drawn mesh, and of points for each pair.
 */
const pairsLooked = 25
const pointsLooked = 3

functions('agree with the evaluation of each request, at points of all classes of requests', () => {
  const seen = { known: 0, unknown: 0 }
  holds(
    fc.property(manifests(), fc.nat(), ({ objects, meshConfig }, seed) => {
      const roll = dice(seed)
      const model = getModel(objects, meshConfig)
      const open = listFunctions(model)
      for (let count = 0; count < pairsLooked && open.length > 0; count++)
        look(model, open.splice(roll(open.length), 1)[0]!, roll, pointsLooked, seen)
    }),
    // A mesh has hundreds of parts, so shrinking it takes longer than reading it.
    { endOnFailure: true },
  )
  console.log(
    `${seen.known} requests are what they are said to be; ${seen.unknown} of ${seen.known + seen.unknown} are not known`,
  )
  assert.ok(seen.known > 5_000)
})

functions('agree also in the meshes that were written to be hard', () => {
  const seen = { known: 0, unknown: 0 }
  for (const mesh of corpus) {
    const roll = dice(seed)
    const model = readModel(listObjects(mesh))
    const open = listFunctions(model)
    for (let count = 0; count < 3 * pairsLooked && open.length > 0; count++)
      look(model, open.splice(roll(open.length), 1)[0]!, roll, 3 * pointsLooked, seen)
  }
  assert.ok(seen.known > 5_000)
})

functions.run()

/** Compares a function with the evaluation, at some points. */
function look(
  model: BehaviorModel,
  { tree, request }: ReturnType<typeof listFunctions>[number],
  roll: ReturnType<typeof dice>,
  points: number,
  seen: { known: number; unknown: number },
): void {
  const ownTree = tree()
  const space = makeRequestSpace([ownTree], model.settings.pathNormalization, [model])
  const node = space.compile(ownTree)
  for (let point = 0; point < points; point++) {
    const at = space.diagrams.dimensions.map(({ size }) => roll(size))
    const expected = space.diagrams.at(node, at)
    const askedRequest = request(space, at)
    const result = evaluate(model, askedRequest)
    if (!isFate(expected) || result.verdict === 'UNKNOWN') {
      seen.unknown += 1
      continue
    }
    seen.known += 1
    assert.is(
      serializeFate(convertToFate(result, expected)),
      serializeFate(expected),
      JSON.stringify(askedRequest),
    )
  }
}

/** Makes a die with a variable number of sides. Equal seeds give equal throws. */
function dice(seed: number): (sides: number) => number {
  let state = seed
  return sides => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * sides)
  }
}

function listFunctions(model: BehaviorModel) {
  const indexed = indexModel(model)
  return [
    ...listMeshDestinations(indexed, indexed).flatMap(({ target }) =>
      pairCallers(indexed, indexed).map(({ before: caller }) => ({
        tree: () =>
          caller.hasSidecar
            ? buildSidecarTree(indexed, caller, target, enterGateway)
            : buildPlaintextTree(indexed, caller, target, enterGateway),
        request: makeRequestMaker(caller, target),
      })),
    ),
    ...listOutsideDestinations(indexed, indexed).map(({ gateway, target }) => ({
      tree: () => buildOutsideTree(indexed, gateway, target, enterGateway),
      request: makeRequestFrom(gateway, target),
    })),
  ]
}
