import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { findLineBefore, findTextChanges } from '../../bin/output/text-changes.ts'
import { holds } from '../holds.ts'

const laws = suite('laws: text changes')

const texts = fc
  .array(fc.constantFrom('a', 'b', 'c', '', 'spec:'), { maxLength: 12 })
  .map(lines => lines.map(line => `${line}\n`).join(''))

laws('the text between the changes is the same in both texts, and the changes are the rest', () => {
  holds(
    fc.property(texts, texts, (before, after) => {
      const changes = findTextChanges(before, after)
      const lines = before.split('\n')
      // The changes are applied from the last to the first, so that the numbers of the lines stay.
      for (const change of changes.toReversed())
        lines.splice(change.before.line - 1, change.before.lines.length, ...change.after.lines)
      assert.is(lines.join('\n'), after)
    }),
    { numRuns: 500 },
  )
})

laws('a line that was there before is found where it was, and a new one nowhere', () => {
  holds(
    fc.property(texts, texts, (before, after) => {
      const changes = findTextChanges(before, after)
      const lines = { before: before.split('\n'), after: after.split('\n') }
      const isChanged = (line: number) =>
        changes.some(({ after }) => line >= after.line && line < after.line + after.lines.length)
      for (let line = 1; line < lines.after.length; line++) {
        const was = findLineBefore(changes, line)
        if (!isChanged(line)) assert.is(lines.before[was! - 1], lines.after[line - 1])
        else if (was !== undefined) assert.not.equal(lines.before[was - 1], undefined)
      }
    }),
    { numRuns: 500 },
  )
})

laws.run()
