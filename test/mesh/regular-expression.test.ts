import fc from 'fast-check'
import { RE2JS } from 're2js'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import {
  compileRegularExpression,
  findSyntaxError,
  findSyntaxErrorQuickly,
  isTooLarge,
  measureProgram,
  requiresSign,
} from '../../compiler/mesh/regular-expression.ts'
import { holds } from '../holds.ts'

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
    assert.is(findSyntaxError(expression), undefined)
  })
}

for (const [expression, reason] of Object.entries(refused)) {
  test(`RE2 refuses ${expression}`, () => {
    assert.is(findSyntaxError(expression), reason)
  })
}

test('a match of nothing counts but where a match has just ended, as in RE2::GlobalReplace', () => {
  const replaced = (expression: string, text: string, replacement: string) =>
    compileRegularExpression(expression)!.replaceIn(text, replacement)
  assert.is(replaced('(x)?$', '/cart/x', 'y\\1'), '/cart/yx')
  assert.is(replaced('e*', 'beer', '_'), '_b_r_')
  assert.is(replaced('i[a-z]', '/twice', '\\0-\\0'), '/twic-ice')
  assert.is(replaced('(d)o', '/dollar', '$1\\1\\\\'), '/$1d\\llar')
})

/** Expressions with nested repetitions. RE2 refuses some of them. */
const expressions = fc.letrec<{ whole: string }>(tie => ({
  whole: fc.oneof(
    { depthSize: 'medium' },
    fc.constantFrom(
      'a',
      'xyz',
      '.',
      '\\pL',
      '[^\\pN]',
      '[]a{2}]',
      '\\Q{3}\\E',
      '\\x{41}',
      '\\{2}',
      '^',
      '[[:alpha:]]',
      '(',
      '[',
    ),
    fc.tuple(tie('whole'), tie('whole')).map(([a, b]) => `${a}${b}`),
    fc.tuple(tie('whole'), tie('whole')).map(([a, b]) => `(?:${a}|${b})`),
    fc
      .tuple(
        tie('whole'),
        fc.constantFrom('*', '+', '?', '{2}', '{30}', '{1000}', '{1001}', '{0,40}', '{7,}', '{3,2}', '{,5}'),
      )
      .map(([a, sign]) => `(${a})${sign}`),
  ),
})).whole

test('the quick look at the syntax takes and refuses what RE2 does, but for repetitions in repetitions', () => {
  let quick = 0
  let missed = 0
  holds(
    fc.property(expressions, expression => {
      const error = findSyntaxError(expression)
      const syntaxErrorQuickly = findSyntaxErrorQuickly(expression)
      if (measureProgram(expression) > 4 * expression.length) quick++
      if (syntaxErrorQuickly !== undefined)
        assert.ok(error !== undefined, `${expression}: ${syntaxErrorQuickly}`)
      if (syntaxErrorQuickly === undefined && error !== undefined) {
        missed++
        assert.match(error, /^(invalid repeat count|expression too large)/, expression)
        assert.is(compileRegularExpression(expression), undefined)
      }
    }),
    { numRuns: 500 },
  )
  assert.ok(quick > 20 && missed > 0, `${quick} were looked at quickly, and ${missed} faults were missed`)
})

test('RE2 compiles no program that is more than thrice as large as is estimated', () => {
  let counted = 0
  holds(
    fc.property(expressions, expression => {
      const size = measureProgram(expression)
      assert.ok(Number.isFinite(size) && size >= 0)
      if (size > 20_000 || findSyntaxError(expression) !== undefined) return
      // This is a private part of the library, as in
      // compiler/behavior/symbolic/diagrams/expression-machine.ts.
      const { inst } = (
        RE2JS.compile(expression) as unknown as { re2Input: { prog: { inst: readonly unknown[] } } }
      ).re2Input.prog
      assert.ok(inst.length <= 3 * size + 5, `${expression}: ${size}, ${inst.length}`)
      counted++
    }),
  )
  assert.ok(counted > 30, `${counted} programs were counted`)
})

test('the size of any text is a number', () => {
  holds(
    fc.property(
      fc.string({
        unit: fc.constantFrom('(', ')', '{9}', '{99999999999999999999,}', 'a', '[', '\\', '|', '*'),
      }),
      text => {
        assert.ok(Number.isFinite(measureProgram(text)))
      },
    ),
  )
  assert.ok(isTooLarge(`${'('.repeat(100)}a${'){1000}'.repeat(100)}`))
  assert.not.ok(isTooLarge('a{1000}'))
})

test('an expression that always has a sign, and one that has it now and then', () => {
  for (const always of [
    '/a\\?b',
    '/[?]',
    '(/a|/b)\\?.*',
    '/a\\?+',
    '(?i)/a\\?',
    '^/a\\?$',
    '/\\x3f',
    '/\\Q?\\E',
  ])
    assert.ok(requiresSign(always, '?'), always)
  for (const seldom of ['/a(\\?.*)?', '/a.b', '/a|/b\\?', '/a?', '/[^/]*', '/[?&]', '/a\\?*', '', '/\\b'])
    assert.not(requiresSign(seldom, '?'), seldom)
})

test.run()
