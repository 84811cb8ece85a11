import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { assembleDraft } from '../../compiler/import/draft.ts'

const test = suite('import/draft')

const head = { meshc: 'v1', mesh: 'shop', environment: 'prod' }

/** Returns the raw objects of the draft of some claims, each of one raw object. */
const joinRaw = (objects: readonly unknown[]): unknown =>
  assembleDraft(
    head,
    objects.map(object => ({ objects: [], fields: [{ path: ['raw'], value: [object] }] })),
  ).spec['raw']

const makeFilter = (index: number) => ({ kind: 'EnvoyFilter', metadata: { name: `filter-${index}` } })

/** Counts the fields that a draft of some raw objects reads. */
function countReads(size: number): number {
  let reads = 0
  const objects = Array.from(
    { length: size },
    (_, index) =>
      new Proxy(makeFilter(index), {
        get(target, key, receiver) {
          reads++
          return Reflect.get(target, key, receiver)
        },
        getOwnPropertyDescriptor(target, key) {
          reads++
          return Reflect.getOwnPropertyDescriptor(target, key)
        },
      }),
  )
  assert.is((joinRaw(objects) as readonly unknown[]).length, size)
  return reads
}

test('a raw object is not compared with every other one', () => {
  // Four times the objects would take sixteen times the reads.
  assert.ok(countReads(400) < 5 * countReads(100), `${countReads(400)} and ${countReads(100)} reads`)
})

test('equal raw objects are one, whatever the order of their fields', () => {
  const filter = makeFilter(1)
  const { kind, metadata } = filter
  assert.equal(joinRaw([filter, makeFilter(2), { metadata, kind }, structuredClone(filter)]), [
    filter,
    makeFilter(2),
  ])
})

test('raw objects that differ in the order of a list, or in the type of a scalar, are several', () => {
  const objects = [{ hosts: ['a', 'b'] }, { hosts: ['b', 'a'] }, { port: 1 }, { port: '1' }, { port: null }]
  assert.equal(joinRaw(objects), objects)
})

test.run()
