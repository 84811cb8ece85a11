import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import {
  describeUnmodelledReason,
  isLimit,
  type UnmodelledReason,
} from '../../compiler/behavior/unmodelled-reasons.ts'
import { listFiles, readText } from '../support/source-files.ts'

/** The reason for an UNKNOWN answer is a code. One file has the words of all codes. */
const test = suite('reasons')

const words: readonly (readonly [reason: UnmodelledReason, words: string, isLimit: boolean])[] = [
  [{ code: 'unmodelled-kind', kind: 'EnvoyFilter' }, 'meshc does not model EnvoyFilter', false],
  [{ code: 'unknown-address', field: 'ipBlocks' }, 'ipBlocks: no manifest says the address', false],
  [
    { code: 'expression-over-limit', expression: '.*a', part: 'path', limit: 'time' },
    'the expression `.*a` about the path takes longer than the time limit allows',
    true,
  ],
  [
    { code: 'expression-over-limit', expression: '.*a', limit: { instructions: 9 } },
    'the expression `.*a` is too large: Envoy takes no program of more than 9 instructions',
    true,
  ],
  [{ code: 'expression-refused-by-re2', expression: '(' }, 'RE2 refuses the expression `(`', true],
  [
    { code: 'expression-refused-by-re2', expression: '(', part: 'method' },
    'the expression `(` about the method is refused by RE2',
    true,
  ],
  [
    { code: 'question-over-time', milliseconds: 1500 },
    'it takes longer than 1500 ms, the time limit of a question',
    true,
  ],
  [
    { code: 'questions-over-time', milliseconds: 120_000 },
    'all questions together take longer than 120 s, their time limit',
    true,
  ],
]

for (const [reason, sentence, limit] of words)
  test(`${reason.code} has words: ${sentence}`, () => {
    assert.is(describeUnmodelledReason(reason), sentence)
    assert.is(isLimit(reason), limit)
  })

test('a code stands in the file of the words and where it is made, and nowhere without a maker', () => {
  const home = 'compiler/behavior/unmodelled-reasons.ts'
  const codes = [...readText(home).matchAll(/^ {2}'?([a-z0-9-]+)'?: \(/gm)].map(([, code]) => code!)
  assert.ok(codes.length > 50)
  const makers = [...listFiles('compiler/behavior'), ...listFiles('bin/behavior')]
    .filter(file => file !== home)
    .map(readText)
  const idle = codes.filter(code => !makers.some(text => text.includes(`code: '${code}'`)))
  assert.equal(idle, [])
})

test.run()
