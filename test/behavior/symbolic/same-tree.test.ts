import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { pairCallers } from '../../../compiler/behavior/pairs/callers.ts'
import { listMeshDestinations } from '../../../compiler/behavior/pairs/destinations.ts'
import type { Condition } from '../../../compiler/behavior/symbolic/condition.ts'
import { enterGateway } from '../../../compiler/behavior/symbolic/gateway-entry.ts'
import { indexModel } from '../../../compiler/behavior/symbolic/indexed-model.ts'
import { isFate, makeRequestSpace } from '../../../compiler/behavior/symbolic/request-space.ts'
import { isSameKnown, knowsAll } from '../../../compiler/behavior/symbolic/same-tree.ts'
import { buildPlaintextTree, buildSidecarTree } from '../../../compiler/behavior/symbolic/sidecar-tree.ts'
import { chooseFirst, type Fate, makeLeaf, type Tree } from '../../../compiler/behavior/symbolic/tree.ts'
import { changedManifests } from '../../arbitraries/manifests/changes.ts'
import { holds } from '../../holds.ts'
import { getModel } from '../../support/model-of.ts'

const sameTrees = suite('trees that are written alike')

/** The number of caller and destination pairs that are checked in a drawn change. */
const pairsLooked = 15

sameTrees('are one function, of which everything is known unless texts are too many', () => {
  const seen = { same: 0, other: 0 }
  holds(
    fc.property(changedManifests(), fc.nat(), ({ before, after, meshConfig }, start) => {
      const [was, now] = [indexModel(getModel(before, meshConfig)), indexModel(getModel(after, meshConfig))]
      const { pathNormalization } = now.model.settings
      const pairs = listMeshDestinations(was, now).flatMap(({ target }) =>
        pairCallers(was, now).map(caller => ({ target, caller })),
      )
      for (let count = 0; count < Math.min(pairsLooked, pairs.length); count++) {
        const { target, caller } = pairs[(start + count * 7) % pairs.length]!
        const tree = (indexed: typeof was, from: typeof caller.before): Tree<Fate> =>
          from.hasSidecar
            ? buildSidecarTree(indexed, from, target, enterGateway)
            : buildPlaintextTree(indexed, from, target, enterGateway)
        const [givenTree, otherTree] = [tree(was, caller.before), tree(now, caller.after)]
        if (!isSameKnown(givenTree, otherTree)) {
          seen.other += 1
          continue
        }
        seen.same += 1
        assert.ok(knowsAll(givenTree) && knowsAll(otherTree))
        const { compile, diagrams } = makeRequestSpace([givenTree, otherTree], pathNormalization, [now.model])
        assert.is(compile(givenTree), compile(otherTree))
        assert.ok(diagrams.leaves(compile(givenTree)).every(each => isFate(diagrams.valueOf(each))))
      }
    }),
    { endOnFailure: true },
  )
  assert.ok(seen.same > 300 && seen.other > 100, JSON.stringify(seen))
})

const denied = makeLeaf<Fate>({ outcomes: [{ verdict: 'DENY', status: 403 }] })
const allowed = makeLeaf<Fate>({ outcomes: [{ verdict: 'ALLOW' }] })
const asking = (condition: Condition) => chooseFirst([[condition, denied]], allowed)

sameTrees('differ where a word of a route, a header or a token differs', () => {
  const token = (says: string): Condition => ({ kind: 'token', rules: [], says, holds: () => true })
  const answering = (deny: boolean): Condition => ({
    kind: 'authorizer',
    authorizer: 'grpc://opa.policy:9191',
    holds: answer => (answer === 'deny') === deny,
  })
  const setting = (value: string): Tree<Fate> =>
    makeLeaf({
      routing: {
        action: 'route',
        clusters: [],
        headers: [{ set: { source: value }, add: {}, remove: [] }],
      },
      outcomes: [{ verdict: 'ALLOW' }],
    })
  for (const [tree, same, otherTree] of [
    [asking(token('a')), asking(token('a')), asking(token('b'))],
    [asking(answering(true)), asking(answering(true)), asking(answering(false))],
    [setting('a'), setting('a'), setting('b')],
  ] as const) {
    assert.ok(isSameKnown(tree, same))
    assert.not.ok(isSameKnown(tree, otherTree))
  }
})

sameTrees('are not one function if a part of them is unknown', () => {
  const unclear = makeLeaf<Fate>({ unknown: [] })
  const askedTree = asking({ kind: 'unknown', because: [] })
  for (const tree of [unclear, askedTree]) {
    assert.not.ok(isSameKnown(tree, tree))
    assert.not.ok(knowsAll(tree))
  }
})

sameTrees.run()
