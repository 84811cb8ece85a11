import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { mistakes } from '../../bin/build/derive/mistakes.ts'
import { applyInstead } from '../../bin/build/derive/mistakes-page.ts'
import { compileText } from '../support/compile-text.ts'

const test = suite('docs/mistakes')
const all = mistakes.flatMap(({ mistakes }) => mistakes)

test('there are thirty mistakes, no two alike', () => {
  assert.ok(all.length >= 30)
  const titles = all.map(({ title }) => title)
  assert.equal(
    titles.filter((title, index) => titles.indexOf(title) !== index),
    [],
  )
  for (const { why } of all) assert.match(why, /^\S.*\.$/)
})

for (const mistake of all) {
  test(`${mistake.title}: one message (${mistake.code}), and none when it is mended`, () => {
    const { diagnostics } = compileText(mistake.spec)
    assert.equal(
      diagnostics.map(({ code }) => code),
      [mistake.code],
    )
    const right = compileText(applyInstead(mistake))
    assert.equal(
      right.diagnostics.map(({ message }) => message),
      [],
    )
    assert.ok(right.ok)
  })
}

test.run()
