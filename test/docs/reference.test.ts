import fc from 'fast-check'
import { load } from 'js-yaml'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { parse } from 'yaml'
import { printFlowYaml } from '../../bin/build/derive/flow-yaml.ts'
import { readList, readRecord } from '../../schema/json-schema.ts'
import { MeshSpec } from '../../schema/spec/mesh.ts'
import { holds } from '../holds.ts'
import { pageText } from '../support/markdown.ts'

const test = suite('docs/reference')
const page = pageText('docs/reference.md')
const schema: Record<string, unknown> = MeshSpec.toJSONSchema({ target: 'draft-07', io: 'input' })

/** Returns the rows of the table under a heading, by the field in their first cell. */
function rowsUnder(heading: string): ReadonlyMap<string, readonly string[]> {
  const [, section = ''] = page.split(`\n## ${heading}\n`)
  const rows = [...(section.split('\n## ')[0] ?? '').matchAll(/^\| `([^`]+)` \|(.*)\|$/gm)]
  return new Map(rows.map(([, field = '', rest = '']) => [field, rest.split(/(?<!\\)\|/)]))
}

test('every field of every definition has a row that describes it', () => {
  for (const [name, definition] of [
    ['mesh.yaml', schema],
    ...Object.entries(readRecord(schema['definitions'])),
  ] as const) {
    const rows = rowsUnder(name)
    const forms = [definition, ...readList(readRecord(definition)['anyOf'])]
    for (const field of forms.flatMap(form => Object.keys(readRecord(readRecord(form)['properties'])))) {
      const [summary = '', type = ''] = rows.get(field) ?? []
      assert.not.equal(summary.trim(), '', `${name}.${field}`)
      assert.not.equal(type.trim(), '', `${name}.${field}`)
    }
  }
})

test('every row has five cells', () => {
  for (const line of page.split('\n').filter(line => line.startsWith('|')))
    assert.is(line.split(/(?<!\\)\|/).length, 7, line)
})

test('every example is YAML that names its field', () => {
  let count = 0
  for (const [, field = '', example = ''] of page.matchAll(/^\| `([^`]+)` .* \| `([^`]+)` \|$/gm)) {
    const value: unknown = parse(example.replaceAll('\\|', '|'))
    assert.equal(Object.keys(readRecord(value)), [field.split('.').at(-1)], example)
    count++
  }
  assert.ok(count > 100)
})

test('a value on one line is read back unchanged', () => {
  const text = fc.oneof(
    fc.string(),
    fc.string({ unit: fc.constantFrom(...'a1.:#,-/*%{}[]"\' ~@|>&!?=') }),
    fc.constantFrom(
      'true',
      'No',
      'null',
      '1e3',
      '0x1f',
      '12:30',
      '1.5',
      '-',
      '~',
      '<<',
      '5%',
      '2Gi',
      '1.31.4',
      'a: b',
      '/a #b',
      '2026-11-24',
    ),
  )
  const value = fc.letrec(tie => ({
    value: fc.oneof(
      { maxDepth: 3 },
      text,
      fc.boolean(),
      fc.integer(),
      fc.constant(null),
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(
        text.filter(key => key !== '__proto__'),
        tie('value'),
        { maxKeys: 3, noNullPrototype: true },
      ),
    ),
  })).value
  holds(
    fc.property(value, value => {
      assert.equal(parse(printFlowYaml(value)), value)
      assert.equal(load(printFlowYaml(value)), value)
    }),
    { numRuns: 1000 },
  )
})

test.run()
