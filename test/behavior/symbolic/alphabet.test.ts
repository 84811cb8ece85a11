import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Alphabet } from '../../../compiler/behavior/symbolic/diagrams/alphabet.ts'
import { holds } from '../../holds.ts'

const alphabet = suite('alphabet')

const last = 0x10ffff

/** Sets of code points, near each other so that they overlap, and at the ends of Unicode. */
const sets = fc.array(
  fc
    .uniqueArray(fc.oneof(fc.integer({ min: 90, max: 130 }), fc.constantFrom(0, 1, last - 1, last)), {
      minLength: 2,
      maxLength: 12,
    })
    .map(bounds => bounds.sort((a, b) => a - b).slice(0, bounds.length - (bounds.length % 2))),
  { maxLength: 6 },
)

const has = (set: readonly number[], codePoint: number) =>
  set.some((first, index) => index % 2 === 0 && first <= codePoint && codePoint <= set[index + 1]!)

const codePoints = [
  0,
  1,
  2,
  ...Array.from({ length: 50 }, (_, index) => 85 + index),
  0xe9,
  last - 2,
  last - 1,
  last,
]

alphabet('two code points are of one class just where every set has both or none', () => {
  holds(
    fc.property(sets, given => {
      const classes = new Alphabet(given)
      const getKey = (codePoint: number) => given.map(set => Number(has(set, codePoint))).join('')
      for (const a of codePoints)
        for (const b of codePoints)
          assert.is(classes.classOf(a) === classes.classOf(b), getKey(a) === getKey(b), `${a} ${b}`)
    }),
  )
})

alphabet('each class has a representative that is not taken, unless all of the class are', () => {
  holds(
    fc.property(sets, fc.uniqueArray(fc.constantFrom(...codePoints), { maxLength: 40 }), (given, taken) => {
      const classes = new Alphabet(given)
      const free = new Set(
        codePoints.filter(each => !taken.includes(each)).map(each => classes.classOf(each)),
      )
      const representatives = classes.representatives(new Set(taken))
      const represented = representatives.map(each => classes.classOf(each))
      assert.is(new Set(represented).size, represented.length)
      assert.not.ok(representatives.some(each => taken.includes(each)))
      for (const each of free) assert.ok(represented.includes(each))
    }),
  )
})

alphabet('letters are preferred: a person reads them', () => {
  assert.equal(new Alphabet([[48, 57]]).representatives(new Set()), [97, 48])
  assert.equal(new Alphabet([[0x370, 0x3ff]]).representatives(new Set([97])), [98, 0x370])
})

alphabet.run()
