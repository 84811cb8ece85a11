import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { findTreeChanges } from '../../compiler/review/tree-changes.ts'
import { getValue } from '../../compiler/source/document.ts'
import { holds } from '../holds.ts'

const changes = suite('changes of trees')

/** A tree with few keys and values, so that two trees share many parts. */
const tree = fc.letrec<{ tree: unknown }>(tie => ({
  tree: fc.oneof(
    { depthSize: 'small', maxDepth: 4 },
    fc.constantFrom('a', 'b', 1, true),
    fc.array(tie('tree'), { maxLength: 4 }),
    fc.dictionary(fc.constantFrom('name', 'host', 'to', 'x'), tie('tree'), { maxKeys: 4 }),
  ),
})).tree

const maps = fc.dictionary(fc.constantFrom('metadata', 'spec', 'status'), tree, { maxKeys: 3 })

changes('there are none exactly where two trees are equal', () => {
  holds(fc.property(maps, givenMap => assert.equal(findTreeChanges(givenMap, structuredClone(givenMap)), [])))
  holds(
    fc.property(maps, maps, (before, after) => {
      const isEqual = JSON.stringify(sorted(before)) === JSON.stringify(sorted(after))
      assert.is(findTreeChanges(before, after).length === 0, isEqual)
    }),
    { numRuns: 1000 },
  )
})

changes('each change names the place and the values of both sides', () =>
  holds(
    fc.property(maps, maps, (before, after) => {
      for (const change of findTreeChanges(before, after)) {
        assert.ok(change.before !== undefined || change.after !== undefined)
        if (change.before) assert.equal(getValue(before, change.before.path), change.before.value)
        if (change.after) assert.equal(getValue(after, change.after.path), change.after.value)
      }
    }),
    { numRuns: 1000 },
  ),
)

changes('with what they tell of taken out, both trees have the same scalars', () =>
  holds(
    fc.property(maps, maps, (before, after) => {
      const treeChanges = findTreeChanges(before, after)
      const left = scalarsOutside(
        before,
        treeChanges.flatMap(({ before }) => (before ? [before.path] : [])),
      )
      const right = scalarsOutside(
        after,
        treeChanges.flatMap(({ after }) => (after ? [after.path] : [])),
      )
      assert.equal(left, right)
    }),
    { numRuns: 1000 },
  ),
)

changes('an entry that is put in front of others changes none of them', () => {
  const before = { http: [{ name: 'rest', timeout: '5s' }] }
  const after = {
    http: [
      { name: 'canary', timeout: '5s' },
      { name: 'rest', timeout: '9s' },
    ],
  }
  assert.equal(findTreeChanges(before, after), [
    { before: undefined, after: { path: ['http', 0], value: { name: 'canary', timeout: '5s' } } },
    {
      before: { path: ['http', 0, 'timeout'], value: '5s' },
      after: { path: ['http', 1, 'timeout'], value: '9s' },
    },
  ])
})

changes.run()

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .map(([key, entry]) => [key, sorted(entry)] as const)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  )
}

/** Lists the scalars outside of all paths, sorted, since a change of a list can change their indexes. */
function scalarsOutside(value: unknown, paths: readonly (readonly (string | number)[])[]): readonly string[] {
  const result: string[] = []
  const walk = (part: unknown, path: readonly (string | number)[]) => {
    if (
      paths.some(
        otherPath => otherPath.length === path.length && otherPath.every((step, i) => step === path[i]),
      )
    )
      return
    if (typeof part === 'object' && part !== null)
      for (const [key, entry] of Object.entries(part))
        walk(entry, [...path, Array.isArray(part) ? Number(key) : key])
    else
      result.push(
        `${path.map(step => (typeof step === 'number' ? '*' : step)).join('.')} ${JSON.stringify(part)}`,
      )
  }
  walk(value, [])
  return result.sort()
}
