import { readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Document, visit } from 'yaml'
import type { SpecPath } from '../../compiler/diagnostics/diagnostic.ts'
import { isMap, type SpecDocument } from '../../compiler/source/document.ts'
import { parse, parseAny } from '../../compiler/source/parse.ts'
import { findPathAt } from '../../compiler/source/path-at.ts'
import { parsePlain } from '../../compiler/source/plain-yaml.ts'
import { specs } from '../arbitraries/mesh.ts'
import { nearYaml } from '../arbitraries/near-yaml.ts'
import { benchServices, benchSpec } from '../bench/mesh.ts'
import { holds } from '../holds.ts'

const plainYaml = suite('source: plain YAML')

const root = new URL('../../spec/', import.meta.url)
const committed: Readonly<Record<string, string>> = Object.fromEntries(
  readdirSync(root, { recursive: true })
    .map(file => String(file).replaceAll('\\', '/'))
    .filter(file => file.endsWith('.yaml'))
    .sort()
    .map(file => [file, readFileSync(new URL(file, root), 'utf8')]),
)

/** Writes a value as a text that differs if two values differ in order, in -0, or in the prototype of a map. */
function exactly(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(exactly).join()}]`
  if (!isMap(value)) return Object.is(value, -0) ? '-0' : (JSON.stringify(value) ?? 'undefined')
  const prototype: unknown = Object.getPrototypeOf(value)
  const inherits = prototype === Object.prototype ? 'Object' : ''
  return `${inherits}{${Object.entries(value).map(([key, value]) => `${JSON.stringify(key)}:${exactly(value)}`)}}`
}

/** Asserts that the quick parser and js-yaml read a text alike. Returns false if the quick parser does not take the text. */
function agrees(text: string): boolean {
  const plain = parsePlain(text)
  if (plain === undefined) return false
  const { document, diagnostics } = parseAny({ name: 'mesh.yaml', text })
  assert.equal(diagnostics, [], JSON.stringify(text))
  assert.is(exactly(plain.value), exactly(document?.value), JSON.stringify(text))
  assert.is(plain.hasNull, document?.hasNull, JSON.stringify(text))
  return true
}

/** Lists each path of a value, and below each a path without a value. */
function listPaths(value: unknown, path: SpecPath = []): readonly SpecPath[] {
  const entries = typeof value === 'object' && value !== null ? Object.entries(value) : []
  const getKey = (key: string) => (Array.isArray(value) ? Number(key) : key)
  return [
    path,
    [...path, 'nowhere'],
    ...entries.flatMap(([key, below]) => listPaths(below, [...path, getKey(key)])),
  ]
}

/** Asserts that the span of a part is the same from its entry or section alone and from the whole text. Returns the number of parts. */
function comparePlaces(text: string): number {
  if (parsePlain(text) === undefined) return 0
  const paths = listPaths(parsePlain(text)?.value)
  const whole = parseAny({ name: 'mesh.yaml', text }).document
  const all = paths.flatMap(path => [undefined, 'key' as const].map(part => ({ path, part })))
  // A sample from the whole text, with all of its sections, keeps the test short.
  const step = Math.ceil(all.length / 60)
  const sample = all.filter(({ path }, index) => index % step === 0 || path.length === 1)
  // The parser reads the whole document once parts of it have cost as much. For a small document, that is after a few questions.
  for (let first = 0; first < sample.length; first += 3) {
    const { document } = parse({ name: 'mesh.yaml', text })
    for (const { path, part } of sample.slice(first, first + 3)) {
      assert.equal(document?.spanOf(path, part), whole?.spanOf(path, part), `${path.join('.')} of ${text}`)
      assert.equal(document?.entryAt(path), whole?.entryAt(path), `${path.join('.')} of ${text}`)
    }
  }
  comparePaths(text, whole)
  return sample.length
}

/** Asserts that the path at an offset is the same from the entry of its lines and from the whole document. */
function comparePaths(text: string, whole: SpecDocument | undefined): void {
  if (whole === undefined) return
  const { document } = parse({ name: 'mesh.yaml', text })
  // A document without a text has no lines that lead to an entry.
  const withoutLines = { ...whole, source: { ...whole.source, text: '' } }
  for (let offset = 0; offset <= text.length; offset += Math.ceil(text.length / 15) || 1)
    assert.equal(
      document && findPathAt(document, offset),
      findPathAt(withoutLines, offset),
      `${offset} of ${text}`,
    )
}

plainYaml('where parts of a spec stand is read of their entries and sections alone', () => {
  let paths = Object.values(committed).reduce((sum, text) => sum + comparePlaces(text), 0)
  holds(
    fc.property(nearYaml(), ({ texts }) => {
      for (const text of Object.values(texts)) paths += comparePlaces(text)
    }),
  )
  assert.ok(paths > 10_000, String(paths))
  const odd =
    'a:\n# x\n\n  # y\n  b:\n  - 1\n  - { c: 2,\n      b: 3 }\n # z\n  c: 4\nb:\n  b: 1\n  bb: 2\n"c":\n  b: 3\nd: { b: 1 }\ne:\n- b: 1\n'
  assert.ok(comparePlaces(odd) > 10)
})

/** Scalars and texts that look like them, as people write them who do not know the rules of YAML. */
const scalars = [
  ...[
    'yes',
    'no',
    'on',
    'y',
    'true',
    'True',
    'TRUE',
    'tRue',
    'false',
    'null',
    'Null',
    'NULL',
    'nULL',
    '~',
    '~a',
    '',
  ],
  ...[
    '0',
    '-0',
    '+1',
    '1',
    '007',
    '0o17',
    '0o8',
    '-0o17',
    '0x1F',
    '0X1F',
    '0xG',
    '0b1',
    '1_000',
    '12:30',
    '1:2:3',
  ],
  ...[
    '1e3',
    '1E+3',
    '1e',
    '1.',
    '.5',
    '-.5',
    '.',
    '..',
    '...',
    '1.2.3',
    '1e400',
    '.inf',
    '-.INF',
    '.nan',
    '+.NaN',
    'NaN',
  ],
  ...[
    '999999999999999',
    '9007199254740991',
    '9007199254740993',
    '123456789012345678901',
    '0.1',
    '1.10',
    '-',
    '- -',
    '--',
  ],
  ...[
    '2024-01-01',
    '10%',
    '26s',
    '500m',
    '2Gi',
    '1.31.4',
    'f',
    'n',
    't',
    'nano',
    '0xfe',
    'e3',
    '-1s',
    '+',
    '=',
    '<',
    '<<',
  ],
  ...[
    'a: b',
    'a:b',
    'a :b',
    'a:',
    ':',
    ':a',
    'a #b',
    'a# b',
    'a#',
    '#',
    '#a',
    '- a',
    '-a',
    '-- a',
    '?',
    '? a',
    '?a',
    '@x',
  ],
  ...[
    '`x',
    '%x',
    '&a',
    '&a b',
    '*a',
    '*',
    '!x',
    '!!str 1',
    '|',
    '>',
    '>-',
    '{',
    '}',
    '[',
    ']',
    ',',
    'a,b',
    'a, b',
    'a]b',
    'a{b',
  ],
  ...[
    '---',
    '--- a',
    '...a',
    "it's",
    'say "a"',
    '"',
    "'",
    '""',
    "''",
    '"a"',
    '"a" b',
    '"a": b',
    "'a'b",
    "'a''b'",
    "''''",
  ],
  ...[
    '"a\\"b"',
    '"\\n\\t\\/\\\\"',
    '"\\u00e9"',
    '"\\uD800"',
    '"\\u0000"',
    '"\\u12"',
    '"\\x41"',
    '"\\ "',
    '"\\',
    '"#"',
    "': '",
  ],
  ...[
    'a ',
    ' a',
    'a  b',
    'é',
    'naïve',
    '名前',
    '😀',
    '\uD800',
    '\uFEFF',
    '\0',
    '\u0085',
    '\u00A0',
    'a\u00A0',
    '\u2028',
    '\t',
    'a\tb',
  ],
  ...[
    'a\n',
    'a\n b',
    'a\n\n  b',
    'a\nb',
    '\n  - a',
    '\n- a',
    '\n  a',
    '\n  a: b',
    '\n  a: b\n c: d',
    ' # a\n  # b\n  c: d',
    '\r',
    'a\r\n',
  ],
  ...[
    '[]',
    '{}',
    '[ ]',
    '[a]',
    '[a, b]',
    '[a,b]',
    '[a, b, ]',
    '[a,, b]',
    '[, a]',
    '[a: b]',
    '[a b, c d ]',
    '[a: ]',
    '[-]',
    '[- a]',
  ],
  ...[
    '{ a: b }',
    '{a: b}',
    '{a:b}',
    '{a}',
    '{ a: }',
    '{ a: , b: c }',
    '{ a: b, a: c }',
    '{ "a": 1 }',
    '{ "a":1 }',
    '{ "a" : 1 }',
  ],
  ...[
    '{ a: [b, { c: d }], e: ~ }',
    '{ <<: a }',
    '{ "<<": a }',
    '{ a: b } c',
    '{ a: b } # c',
    '{ a: b }#c',
    '[a #b]',
    '[a#b]',
    '[a]: b',
  ],
  ...[
    '[\n  a,\n  b,\n  ]',
    '[\n  a\n]',
    '[\na]',
    '[a\n  b]',
    '[\n\n  a ]',
    '[ # a\n  b ]',
    '{\n  a: b,\n  c:\n    d }',
    '[?, :, a?]',
    '[*a]',
  ],
  ...[
    '__proto__',
    'constructor',
    '{ __proto__: 1, constructor: 2 }',
    '[[[[[[[[[[[[a]]]]]]]]]]]]',
    '[http://a:80/b, a:]',
    '[:a, a::b]',
  ],
]

/** The positions in a document at which a value may be. */
const places = [
  ...[
    'S',
    'a: S',
    'a:  S ',
    'a: S\n',
    'a: S # b\nc: d',
    'a: S\nb: 1',
    'a:\n  b: S\nc: 1',
    '- S',
    '- S\n- 1',
    '- a: S\n  b: 1',
  ],
  ...[
    'a:\n- S\n- b\nc: d',
    'a:\n  - S\n  # b\n\n  - c',
    'a: [S]',
    'a: [ S , b]',
    'a: [b, S ]',
    'a: { b: S }',
    'a: {b: S, c: d}',
    '- { b: [S] }',
  ],
  ...[
    'S: a',
    '- S: a',
    'a:\n  S: b\n  c: d',
    'a: { S: b }',
    'a: {S: b, S: c}',
    'S: a\nb: c\nS: d',
    '"S": a',
    "'S': a",
    "a: 'S'",
    'a: "S"',
  ],
  ...[
    '# S\na: b',
    'a: b # S',
    'a: b\n# S',
    'a:\n  S\nb: c',
    '\n\nS\na: b',
    'a:\n    S\n  b: c',
    '-   a: b\n    c: S',
    'a:\n-   - S',
    '- - S\n- T',
  ],
]

plainYaml('each value means in each place what js-yaml takes it for', () => {
  let accepted = 0
  for (const place of places)
    for (const scalar of scalars) if (agrees(place.replaceAll('S', () => scalar))) accepted++
  assert.ok(accepted > 2000, `${accepted} of ${places.length * scalars.length}`)
})

plainYaml('values in random places, side by side', () => {
  const lines = fc.array(
    fc.tuple(
      fc.nat({ max: 5 }),
      fc.constantFrom(...places),
      fc.constantFrom(...scalars),
      fc.nat({ max: 99 }),
    ),
    { minLength: 1, maxLength: 5 },
  )
  let accepted = 0
  holds(
    fc.property(lines, lines => {
      const text = lines
        .map(([indent, place, scalar, key]) =>
          place
            .replaceAll('S', () => scalar)
            .replaceAll(/^a/gm, `a${key}`)
            .replaceAll(/^/gm, ' '.repeat(indent >> 1)),
        )
        .join('\n')
      if (agrees(text)) accepted++
    }),
    { numRuns: 4000 },
  )
  assert.ok(accepted > 50, `${accepted}`)
})

plainYaml('near-YAML', () => {
  let accepted = 0
  holds(
    fc.property(nearYaml(), ({ texts }) => {
      for (const text of Object.values(texts)) if (agrees(text)) accepted++
    }),
    { numRuns: 400 },
  )
  assert.ok(accepted > 1000, `${accepted}`)
})

plainYaml('specs in the styles that other printers have', () => {
  const styles = fc.record({
    indent: fc.integer({ min: 1, max: 5 }),
    indentSeq: fc.boolean(),
    lineWidth: fc.constantFrom(0, 40, 80),
    flowCollectionPadding: fc.boolean(),
    defaultStringType: fc.constantFrom('PLAIN', 'QUOTE_DOUBLE', 'QUOTE_SINGLE'),
    defaultKeyType: fc.constantFrom('PLAIN', 'QUOTE_DOUBLE', 'QUOTE_SINGLE'),
    flow: fc.nat({ max: 6 }),
    comment: fc.constantFrom('', ' why', 'a: b', ' - [ "'),
  })
  let accepted = 0
  holds(
    fc.property(specs(), styles, ({ documents }, { flow, comment, ...options }) => {
      for (const values of Object.values(documents)) {
        const document = new Document(values)
        let count = 0
        visit(document, {
          Collection: (_, node, path) => {
            if (path.length > 2 && ++count % 7 < flow) node.flow = true
          },
          Scalar: (_, node) => {
            if (comment !== '' && ++count % 5 === 0) node.comment = comment
          },
        })
        if (agrees(document.toString({ ...options, collectionStyle: 'any' } as object))) accepted++
      }
    }),
    { numRuns: 500 },
  )
  assert.ok(accepted > 50, `${accepted}`)
})

plainYaml('committed specs with a character or line more, less, or elsewhere', () => {
  const signs = [...' \n:-#,[]{}"\'&*!|>%@`?~.0aé\\\t\r', ': ', ' #', '- ', '\n  ', '<<: ', '---\n']
  const edits = fc.array(
    fc.tuple(
      fc.nat({ max: 6 }),
      fc.nat({ max: 1_000_000 }),
      fc.nat({ max: 1000 }),
      fc.constantFrom(...signs),
    ),
    { minLength: 1, maxLength: 3 },
  )
  const edit = (text: string, [kind, at, choice, sign]: [number, number, number, string]): string => {
    const place = at % (text.length + 1)
    if (kind === 0) return text.slice(0, place) + sign + text.slice(place)
    if (kind === 1) return text.slice(0, place) + text.slice(place + 1)
    if (kind === 2) return text.slice(0, place) + sign + text.slice(place + 1)
    const lines = text.split('\n')
    const index = at % lines.length
    const line = lines[index] ?? ''
    const otherLine = lines[choice % lines.length] ?? ''
    const changed =
      kind === 3
        ? []
        : kind === 4
          ? [line, otherLine]
          : kind === 5
            ? [` ${line}`]
            : [line.replace(/^ {1,2}/, '')]
    return lines.toSpliced(index, 1, ...changed).join('\n')
  }
  let accepted = 0
  holds(
    fc.property(fc.constantFrom(...Object.values(committed)), edits, (text, edits) => {
      if (agrees(edits.reduce(edit, text))) accepted++
    }),
    { numRuns: 5000 },
  )
  assert.ok(accepted > 1000, `${accepted}`)
})

plainYaml('is what specs are written in: every committed one, and the one of the benchmark', () => {
  for (const [file, text] of Object.entries(committed)) assert.ok(agrees(text), file)
  assert.ok(Object.keys(committed).length > 5)
  assert.ok(agrees(benchSpec(benchServices(200))))
})

plainYaml('a text of any length and depth is read or left to js-yaml', () => {
  const long = 3_000_000
  for (const part of ['x', 'x ', "''", '\\n', 'a: ', '[', '{ a: ', '- ', ' ', ' #', ','])
    for (const start of ['a: ', 'a: "', "a: '", 'a: [', '- ', '', '# '])
      parsePlain(start + part.repeat(long / part.length))
  const deep = (depth: number) => Array.from({ length: depth }, (_, at) => `${' '.repeat(at)}a:\n`).join('')
  assert.ok(agrees(deep(30)))
  assert.not.ok(agrees(deep(99)))
  assert.not.ok(agrees(`a: ${'['.repeat(99)}${']'.repeat(99)}`))
})

plainYaml('spans and faults are as js-yaml has them', () => {
  const text = committed['base/mesh.yaml'] ?? ''
  const source = { name: 'mesh.yaml', text }
  assert.ok(parsePlain(text) !== undefined)
  for (const path of [['istio', 'version'], ['services', 'my-api', 'allow', 0, 'methods'], []])
    assert.equal(parse(source).document?.spanOf(path), parseAny(source).document?.spanOf(path))
})

plainYaml.run()
