import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { compileText } from '../support/compile-text.ts'

const test = suite('source/hidden-characters')

/** The findings in a text, each with the part that it points at. */
function foundIn(because: string, more = ''): readonly string[] {
  const text = `meshc: v1
mesh: shop
environment: prod
services:
  cart:
    namespace: shop
    port: { http: 80 }
    retries: none
    allow: [{ from: anyone, because: ${because} }]
${more}`
  return compileText(text).diagnostics.map(({ code, message, at }) => {
    const character = /U\+\w+/.exec(message)?.[0] ?? message
    return `${code} ${character} at ${JSON.stringify(text.slice(at.start, at.end))}`
  })
}

test('a hidden character is found in a value, in every notation', () => {
  assert.equal(foundIn('"a\\u202eb"'), ['MESH1035 U+202E at "\\"a\\\\u202eb\\""'])
  assert.equal(foundIn('"a\u202eb"'), ['MESH1035 U+202E at "\\"a\u202eb\\""'])
  assert.equal(foundIn('a\u200bb'), ['MESH1035 U+200B at "a\u200bb"'])
  for (const written of ['\\0', '\\e', '\\x85', '\\u00ad', '\\u2028', '\\ufeff', '\\ud800', '\\U000e0041'])
    assert.is(foundIn(`"a${written}b"`).length, 1, written)
})

test('emoji, joiners, scripts that run from right to left, and lines are fine', () => {
  for (const fine of ['👩‍👩‍👧', '❤️', 'می‌خواهم', 'שלום', '"a\\tb\\nc"', 'café', '日本語'])
    assert.equal(foundIn(fine), [], fine)
})

test('a mark that turns the order round is found in a comment, too; it is no reason to say nothing else', () => {
  assert.equal(foundIn('probes', '    # \u202e nobody } \u2066\n    timeout: 5x\n'), [
    'MESH1035 U+202E at "\u202e"',
    'MESH1035 U+2066 at "\u2066"',
    'MESH1013 `5x` is not a duration or `none` at "5x"',
  ])
  assert.equal(foundIn('probes', '    # \u200f\n'), [])
})

test('passed-through values may hold hidden characters as escapes only', () => {
  const raw = (text: string) =>
    `raw: [{ apiVersion: v1, kind: ConfigMap, metadata: { name: a, namespace: shop }, data: { a: "${text}" } }]\n`
  assert.equal(foundIn('probes', raw('\\e[1m\\u202e')), [])
  assert.equal(foundIn('probes', raw('\u202e')), ['MESH1035 U+202E at "\u202e"'])
})

test('a hidden character in a key or a name is reported once', () => {
  assert.equal(
    foundIn('probes', '  "we\\u200bb": { namespace: shop, port: { http: 80 }, retries: none }\n').length,
    1,
  )
  assert.equal(foundIn('probes', 'external: { "a\\e": {} }\n').length, 1)
})

test.run()
