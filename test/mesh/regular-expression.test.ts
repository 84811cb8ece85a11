import fc from 'fast-check'
import { RE2JS } from 're2js'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { syntaxErrorOf } from '../../compiler/mesh/regular-expression.ts'

const test = suite('regular expressions')

/** Pieces of expressions, most of them legal, that make traps when they meet. */
const pieces = [
  ...['a', 'b', 'é', '😀', '^', '$', '.', '-', ',', '0', '1', '2', ':', '=', '!', '<', '>', ' ', '_'],
  ...['(', ')', '(?:', '(?i)', '(?i-s:', '(?-i)', '(?P<n>', '(?<m>', '(?=', '(?!', '|'],
  ...['[', ']', '[^', '[:alpha:]', '[:nope:]', 'a-z', 'z-a'],
  ...['*', '+', '?', '{', '}', '{2}', '{2,}', '{3,2}', '{,3}', '{0}', '{500}', '{1000}', '{1001}'],
  ...[
    '\\',
    '\\d',
    '\\W',
    '\\b',
    '\\B',
    '\\A',
    '\\z',
    '\\Z',
    '\\C',
    '\\1',
    '\\12',
    '\\8',
    '\\-',
    '\\n',
    '\\e',
  ],
  ...[
    '\\p{Greek}',
    '\\pL',
    '\\pZ',
    '\\p{^Lu}',
    '\\P{Grek}',
    '\\p{Nope}',
    '\\p{',
    '\\Q',
    '\\E',
    '\\x{41}',
    '\\x4',
  ],
]

const expression = fc
  .array(fc.constantFrom(...pieces), { minLength: 1, maxLength: 8 })
  .map(all => all.join(''))

test('the syntax is that of RE2: the port of it takes what is taken, and refuses what is refused', () => {
  fc.assert(
    fc.property(fc.oneof(expression, fc.string({ maxLength: 12 })), text => {
      assert.is(syntaxErrorOf(text) === undefined, isTaken(text), `${text}: ${syntaxErrorOf(text)}`)
    }),
    { numRuns: 5000 },
  )
})

function isTaken(text: string): boolean {
  try {
    RE2JS.compile(text)
    return true
  } catch {
    return false
  }
}

test('what is wrong is said in words', () => {
  const problems = {
    '(?=a)b': '`(?=` is not a group of RE2',
    '(a)\\1': '`\\1` means nothing to RE2',
    'a**': '`*` repeats a repetition',
    '*': 'there is nothing that `*` repeats',
    '(a|b': 'a parenthesis is not closed',
    '[z-a]': 'a range of characters ends before it begins',
    '((a{100}){11})': 'it would repeat something more than 1000 times',
    '\\p{Klingon}': '`\\p{Klingon}` is not a class of characters',
  }
  assert.equal(Object.fromEntries(Object.keys(problems).map(text => [text, syntaxErrorOf(text)])), problems)
})

test.run()
