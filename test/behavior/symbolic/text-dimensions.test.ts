import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Pattern } from '../../../compiler/behavior/model.ts'
import type { Condition } from '../../../compiler/behavior/symbolic/condition.ts'
import { makeAtoms, matchesText } from '../../../compiler/behavior/symbolic/diagrams/atoms.ts'
import type { TextDimension, TextTest } from '../../../compiler/behavior/symbolic/request-space.ts'
import {
  makeTestKey,
  makeTextDimensions,
  type TextCondition,
} from '../../../compiler/behavior/symbolic/text-dimensions.ts'
import { holds } from '../../holds.ts'

const dimensions = suite('dimensions of claims')

const part = 'claim group'
const universe = { kind: 'language', expression: '(?:[a-c](?:[a-c ]*[a-c])?)?' } as const
const text = fc.stringMatching(/^[a-c]{0,3}$/)
const pattern: fc.Arbitrary<Pattern> = fc.oneof(
  text.map((value): Pattern => ({ match: 'exact', value })),
  text.map((value): Pattern => ({ match: 'prefix', value })),
  text.map((value): Pattern => ({ match: 'suffix', value })),
)
const item = fc
  .array(pattern, { minLength: 1, maxLength: 2 })
  .map((patterns): TextCondition => ({ kind: 'item', part, patterns, isDelimited: false }))
const asText = fc.oneof(
  pattern.map((each): TextCondition => ({ kind: 'text', part, pattern: each })),
  fc.constant<TextCondition>({ kind: 'list', part }),
)
const conditions = fc
  .tuple(fc.array(item, { minLength: 1, maxLength: 5 }), fc.array(asText, { maxLength: 2 }))
  .map(([items, texts]) => [...items, ...texts])

/** Few short words, so that patterns often match. */
const word = fc.constantFrom('a', 'b', 'ab', 'c')
/** Conditions that read a claim as one text, as its words, or both. */
const twofoldConditions = fc
  .array(
    fc.tuple(
      fc.constantFrom('exact', 'prefix', 'suffix'),
      word,
      fc.constantFrom([true, false], [true, false], [true], [false]),
    ),
    { minLength: 1, maxLength: 4 },
  )
  .map(drawn =>
    drawn.flatMap(([match, value, readings]) =>
      readings.map(
        (isDelimited): TextCondition => ({ kind: 'item', part, patterns: [{ match, value }], isDelimited }),
      ),
    ),
  )
const words = fc.array(word, { minLength: 1, maxLength: 4 })

type Claim = TextDimension['values'][number]

const make = (asked: readonly TextCondition[]) =>
  makeTextDimensions(
    part,
    [...new Map(asked.map(each => [makeTestKey(each), each])).values()],
    (_, patterns) => makeAtoms(universe, patterns),
  )

/** Checks whether a claim meets a condition, by the words of the condition. */
function isMet({ compares, patterns, key }: TextTest, claim: Claim): boolean {
  if (key.endsWith(' list')) return typeof claim === 'object'
  const texts =
    typeof claim !== 'string'
      ? compares === 'text'
        ? []
        : (claim ?? [])
      : compares === 'words'
        ? claim.split(' ')
        : [claim]
  return texts.some(each => patterns.some(pattern => matchesText(pattern, each) === true))
}

dimensions('each claim is in one class of each dimension', () => {
  const claim = fc.oneof(fc.constant(undefined), text, fc.array(text, { maxLength: 4 }))
  holds(
    fc.property(conditions, claim, (asked, claim) => {
      for (const { values, tests } of make(asked)) {
        const fitting = values.filter((_, atom) =>
          tests.every(test => test.atoms.includes(atom) === isMet(test, claim)),
        )
        assert.ok(fitting.length > 0, JSON.stringify({ claim, tests }))
      }
    }),
  )
})

dimensions('of each class of all dimensions there is a claim', () => {
  holds(
    fc.property(conditions, fc.array(fc.nat(), { minLength: 8, maxLength: 8 }), (asked, choices) => {
      const all = make(asked)
      const atoms = all.map(({ values }, index) => choices[index % choices.length]! % values.length)
      const chosen = all.map(({ values }, index) => values[atoms[index]!])
      const claim = chosen.length === 1 ? chosen[0] : chosen.flatMap(each => each ?? [])
      for (const [index, { tests }] of all.entries())
        for (const test of tests)
          assert.is(test.atoms.includes(atoms[index]!), isMet(test, claim), JSON.stringify({ claim, test }))
    }),
  )
})

dimensions('a claim that is read as a text and as words is in one class, and each class has a claim', () => {
  const claim = fc.oneof(
    words.map(items => items.join(' ')),
    words,
  )
  holds(
    fc.property(twofoldConditions, claim, fc.nat(), (asked, claim, choice) => {
      const all = make(asked)
      for (const { values, tests } of all)
        assert.ok(
          values.some((_, atom) => tests.every(test => test.atoms.includes(atom) === isMet(test, claim))),
          JSON.stringify({ claim, tests }),
        )
      const [{ values, tests } = { values: [], tests: [] }] = all
      if (!tests.some(({ compares }) => compares === 'words') || all.length > 1) return
      const atom = choice % values.length
      for (const test of tests)
        assert.is(
          test.atoms.includes(atom),
          isMet(test, values[atom]),
          JSON.stringify({ values, atom, test }),
        )
    }),
    { numRuns: 400 },
  )
})

dimensions('names that no common list holds are in dimensions of their own', () => {
  const groups = Array.from({ length: 30 }, (_, index) => `group-${index}`)
  const asked = groups.map((value): Condition & { kind: 'item' } => ({
    kind: 'item',
    part,
    patterns: [{ match: 'exact', value }],
    isDelimited: false,
  }))
  const any = { kind: 'language', expression: '[a-z0-9-]*' } as const
  const all = makeTextDimensions(part, asked, (_, patterns) => makeAtoms(any, patterns))
  assert.equal(
    all.map(({ values }) => values),
    groups.map(group => [[], [group]]),
  )
})

dimensions.run()
