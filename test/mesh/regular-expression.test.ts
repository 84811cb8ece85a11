import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { regularExpression, syntaxErrorOf } from '../../compiler/mesh/regular-expression.ts'

const test = suite('regular expressions')

const taken = [
  'v[12]',
  '/api/v[0-9]+/.*',
  '(?i)jason',
  '(?P<major>[0-9]+)',
  '\\p{Greek}+',
  '[[:alpha:]]',
  'a{1000}',
]

const refused = {
  '/(?!admin).*': 'invalid or unsupported Perl syntax: `(?!`',
  '(a)\\1': 'invalid escape sequence: `\\1`',
  '*': 'missing argument to repetition operator: `*`',
  '(': 'missing closing ): `(`',
  '[z-a]': 'invalid character class range: `z-a`',
  'a{1001}': 'invalid repeat count: `{1001}`',
}

for (const expression of taken) {
  test(`RE2 takes ${expression}`, () => {
    assert.is(syntaxErrorOf(expression), undefined)
  })
}

for (const [expression, reason] of Object.entries(refused)) {
  test(`RE2 refuses ${expression}`, () => {
    assert.is(syntaxErrorOf(expression), reason)
  })
}

test('a match of nothing counts but where a match has just ended, as in RE2::GlobalReplace', () => {
  const replaced = (expression: string, text: string, replacement: string) =>
    regularExpression(expression)!.replaceIn(text, replacement)
  assert.is(replaced('(x)?$', '/cart/x', 'y\\1'), '/cart/yx')
  assert.is(replaced('e*', 'beer', '_'), '_b_r_')
  assert.is(replaced('i[a-z]', '/twice', '\\0-\\0'), '/twic-ice')
  assert.is(replaced('(d)o', '/dollar', '$1\\1\\\\'), '/$1d\\llar')
})

test.run()
