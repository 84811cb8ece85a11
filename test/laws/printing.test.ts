import fc from 'fast-check'
import { load } from 'js-yaml'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { parseDocument } from 'yaml'
import { type PrintedScalar, printYaml } from '../../compiler/emit/yaml.ts'
import { decided } from '../../compiler/mesh/sourced.ts'
import { numbers, trees } from '../arbitraries/trees.ts'
import { holds } from '../holds.ts'

const printing = suite('laws: printing')

printing('readers of YAML 1.1 and 1.2 read printed values back unchanged', () => {
  holds(
    fc.property(trees, tree => {
      const text = printYaml(tree)
      for (const version of ['1.1', '1.2'] as const) {
        const document = parseDocument(text, { version })
        assert.equal([...document.errors, ...document.warnings], [], text)
        assert.is(JSON.stringify(document.toJS()), JSON.stringify(tree), `${version}: ${text}`)
      }
      assert.is(JSON.stringify(load(text)), JSON.stringify(tree), text)
    }),
    { numRuns: 1000 },
  )
})

printing('printed YAML has no control character for a reader or a terminal', () => {
  holds(
    fc.property(trees, tree => {
      assert.is(signs.exec(printYaml(tree).replaceAll('\n', '')), null)
    }),
    { numRuns: 300 },
  )
})

/** Controls, formats such as those that reorder text, and line separators. */
const signs = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\ufffe\uffff]/u

printing('a text of several lines stands as a person wrote it, and else in quotes', () => {
  const script = 'if a then\n  b = "x: y"\nend\n\nreturn a\n'
  assert.is(
    printYaml({ data: { 'health.lua': script } }),
    'data:\n  health.lua: |\n    if a then\n      b = "x: y"\n    end\n\n    return a\n',
  )
  assert.is(printYaml({ a: 'b: c\n' }), 'a: |\n  b: c\n')
  assert.is(printYaml({ a: ['b\nc'] }), 'a:\n  - |-\n    b\n    c\n')
  for (const text of [' a\nb', 'a \nb', 'a\n\n', '\na', 'a\r\nb', 'a\n\tb', 'é\nb'])
    assert.is(printYaml({ text }), `text: ${JSON.stringify(text)}\n`)
})

printing('a number is one to the letter of YAML 1.1, which asks for a point before an exponent', () => {
  holds(
    fc.property(numbers, number => {
      assert.match(printYaml({ a: number }), /^a: -?[0-9]+(\.[0-9]+(e[-+][0-9]+)?)?\n$/)
    }),
    { numRuns: 500 },
  )
})

printing('the printer that traces prints the same, and each scalar where it says', () => {
  holds(
    fc.property(trees, tree => {
      const scalars: PrintedScalar[] = []
      const text = printYaml(decided('policy:object', tree), scalar => scalars.push(scalar))
      assert.is(text, printYaml(tree))
      const lines = text.split('\n')
      assert.is(scalars.length, leavesIn(tree))
      for (const { line, path, value, origins } of scalars) {
        const statedLine = lines[line - 1] ?? ''
        const isEmpty = value === '{}' || value === '[]' || value === 'null'
        const [printed = '', ...below] = printYaml({ a: value }).slice('a: '.length, -1).split('\n')
        assert.ok(
          statedLine.endsWith(isEmpty ? String(value) : printed) || statedLine.endsWith(printed),
          `${path}: ${statedLine}`,
        )
        const follow = lines.slice(line, line + below.length)
        assert.equal(
          follow.map(line => line.trimStart()),
          below.map(line => line.trimStart()),
        )
        assert.equal(origins, ['policy:object'])
      }
    }),
    { numRuns: 300 },
  )
})

/** Counts the scalars, empty maps and empty lists in a value. */
function leavesIn(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 1
  const parts = Object.values(value)
  return parts.length === 0 ? 1 : parts.reduce((count: number, part) => count + leavesIn(part), 0)
}

printing.run()
