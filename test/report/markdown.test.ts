import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { hidden, measureCell } from '../../compiler/diagnostics/visible.ts'
import { code, fence, markdown, quoteShellWord } from '../../compiler/documents/markdown.ts'
import { hiddenTexts, hostileTexts } from '../arbitraries/hostile.ts'
import { holds } from '../holds.ts'
import { readMarkdown } from '../support/read-markdown.ts'

const test = suite('report: markdown')
const texts = fc.oneof(hostileTexts, hiddenTexts, fc.string({ unit: 'binary', minLength: 1 }))

/** Returns a text as a page shows it, with signs for line breaks. */
const shown = (text: string) => text.replace(hidden, character => measureCell(character).shown)

test('a value in the letters of code is that value, in running text and in a table', () => {
  let inHtml = 0
  holds(
    fc.property(texts, text => {
      const value = code(text).text
      for (const page of [`before ${value} after`, `| a | b |\n| --- | --- |\n| ${value} | last |\n`]) {
        const read = readMarkdown(page)
        if (!text.includes('|')) {
          assert.equal(read.code, [shown(text)], page)
          assert.not.ok(read.kinds.has('html'), page)
        } else inHtml++
        assert.equal(read.addresses, [], page)
        assert.not.match(read.prose, /:\/\/|www\.|@\w/i, page)
        if (page.startsWith('|')) assert.match(read.prose, /^a\nb\n/, page)
        if (page.startsWith('|')) assert.match(read.prose, /(^|\n)last$/, page)
      }
    }),
    { numRuns: 1000 },
  )
  assert.ok(inHtml > 100)
})

test('a value in running text is text: no link, no picture, no HTML of its own, no mention of a user', () => {
  holds(
    fc.property(texts, text => {
      for (const page of [`before ${markdown(text)} after`, `| a |\n| --- |\n| ${markdown(text)} |\n`]) {
        const { html, addresses, prose, code } = readMarkdown(page)
        assert.equal(
          html.filter(tag => tag !== '<span>' && tag !== '</span>'),
          [],
          page,
        )
        assert.equal([addresses, code], [[], []], page)
        assert.not.match(prose, /:\/\/|www\.|@\w/i, page)
      }
    }),
    { numRuns: 1000 },
  )
})

test('a block of code ends where its text does, and each character of it can be seen', () => {
  holds(
    fc.property(fc.array(texts, { minLength: 1 }), lines => {
      const page = `before\n\n${fence('yaml', lines.join('\n')).text}\n\nafter\n`
      const { code, prose } = readMarkdown(page)
      assert.is(code.length, 1)
      assert.is(prose, 'before\nafter')
    }),
  )
})

test('a word of a command line is that word to a shell, in one line', () => {
  const words = fc.sample(
    fc.oneof(hostileTexts, hiddenTexts).filter(text => !/\p{Cs}|\0/u.test(text)),
    { numRuns: 500, seed: 1 },
  )
  const lines = words.map(text => quoteShellWord(text).text)
  for (const line of lines) assert.not.match(line, /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u)
  const script = lines.map(line => `printf '%s\\0' ${line}`).join('\n')
  const printed = execFileSync('bash', ['--norc', '-c', script], {
    encoding: 'utf8',
    env: { LC_ALL: 'C.UTF-8' },
  })
  assert.equal(printed.split('\0').slice(0, -1), words)
})

test.run()
