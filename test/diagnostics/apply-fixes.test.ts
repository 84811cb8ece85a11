import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { applyFixes } from '../../compiler/diagnostics/apply-fixes.ts'
import type { TextEdit } from '../../compiler/diagnostics/diagnostic.ts'
import type { LocatedDiagnostic } from '../../compiler/diagnostics/locate.ts'

const test = suite('diagnostics/apply-fixes')
const source = { name: 'spec/prod/mesh.yaml', text: 'timeuot: 5s # slow\nmethods: [get, put]\n' }

const fixing = (...edits: readonly Omit<TextEdit, 'file'>[]): LocatedDiagnostic => ({
  code: 'MESH1011',
  severity: 'error',
  message: '',
  at: { file: source.name, start: 0, end: 0 },
  related: [],
  fix: { title: '', edits: edits.map(edit => ({ file: source.name, ...edit })) },
})
const word = (word: string, text: string) => {
  const start = source.text.indexOf(word)
  return { start, end: start + word.length, text }
}
const applied = (...diagnostics: readonly LocatedDiagnostic[]) =>
  applyFixes([source], diagnostics).changed.get(source.name)

test('fixes are applied side by side', () => {
  assert.is(
    applied(fixing(word('timeuot', 'timeout')), fixing(word('get', 'GET')), fixing(word('put', 'PUT'))),
    'timeout: 5s # slow\nmethods: [GET, PUT]\n',
  )
})

test('a fix is applied as a whole or not at all', () => {
  const both = fixing(word('get', 'GET'), word('put', 'PUT'))
  assert.is(applied(fixing(word('put', 'POST')), both), 'timeuot: 5s # slow\nmethods: [get, POST]\n')
  assert.is(applied(both, fixing(word('put', 'POST'))), 'timeuot: 5s # slow\nmethods: [GET, PUT]\n')
})

test('one edit that two findings ask for is made once, and a file that is not known is left alone', () => {
  const { changed, mended } = applyFixes([source], [fixing(word('get', 'GET')), fixing(word('get', 'GET'))])
  assert.is(mended.length, 2)
  assert.is(changed.get(source.name), 'timeuot: 5s # slow\nmethods: [GET, put]\n')
  assert.is(applyFixes([], [fixing(word('get', 'GET'))]).changed.size, 0)
})

test('nothing changes outside of the edits, and each of them is there', () => {
  const edit = fc.record({ start: fc.nat(40), length: fc.nat(6), text: fc.string({ maxLength: 8 }) })
  fc.assert(
    fc.property(
      fc.string({ minLength: 46, maxLength: 80 }),
      fc.array(edit, { maxLength: 8 }),
      (text, edits) => {
        const diagnostics = edits.map(({ start, length, text }) =>
          fixing({ start, end: start + length, text }),
        )
        const { changed, mended } = applyFixes([{ name: source.name, text }], diagnostics)
        const made = new Map(mended.flatMap(({ fix }) => fix!.edits.map(edit => [edit.start, edit] as const)))
        let at = 0
        let expected = ''
        for (const { start, end, text: written } of [...made.values()].toSorted(
          (a, b) => a.start - b.start,
        )) {
          assert.ok(start >= at)
          expected += text.slice(at, start) + written
          at = end
        }
        assert.is(changed.get(source.name) ?? text, expected + text.slice(at))
      },
    ),
    { numRuns: 500 },
  )
})

test.run()
