import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Severity } from '../../compiler/diagnostics/diagnostic.ts'
import { makeFrameRenderer } from '../../compiler/diagnostics/frames.ts'
import type { LocatedDiagnostic } from '../../compiler/diagnostics/locate.ts'
import { makeRenderer } from '../../compiler/diagnostics/render.ts'
import type { Location, Source } from '../../compiler/diagnostics/source.ts'
import { measureCell } from '../../compiler/diagnostics/visible.ts'
import { goldenFolder } from '../support/golden.ts'

const test = suite('diagnostics/render')
const golden = goldenFolder('diagnostics/expected')

const prod: Source = {
  name: 'spec/prod/mesh.yaml',
  text: [
    'meshc: v1',
    'environment: prod',
    'extends: ../base/mesh.yaml',
    'services:',
    '  cart:',
    '    namespace: shop',
    '    port: { http: 8080 }',
    '  checkout:',
    '    namespace: shop',
    '    port: { http: 8080 }',
    '    versions: { v1: {}, v2: {} }',
    '    traffic: { v1: 50%, v2: 10% }',
    '    allow:',
    '      - { from: crat, methods: [GET], paths: [/api/*] }',
    '  cart: { namespace: shop }',
    '',
  ].join('\n'),
}
const base: Source = {
  name: 'spec/base/mesh.yaml',
  text: 'meshc: v1\nmesh: shop\ndefaults:\n  timeout: 30s\n',
}

/** Returns the nth place of a word in a text, from 0. */
function at(source: Source, word: string, nth = 0): Location {
  let start = source.text.indexOf(word)
  for (let count = 0; count < nth; count++) start = source.text.indexOf(word, start + 1)
  if (start === -1) throw new Error(`${source.name} does not hold ${word}`)
  return { file: source.name, start, end: start + word.length }
}

interface Finding {
  readonly at: Location
  readonly message: string
  readonly severity?: Severity
  readonly related?: LocatedDiagnostic['related']
  readonly help?: string
}

const shown = (sources: readonly Source[], finding: Finding, color = false) =>
  `${makeRenderer(sources, { color })({ code: 'MESH3001', severity: 'error', related: [], ...finding })}\n`

test('one place', () => {
  const text = shown([prod, base], {
    at: at(prod, '{ v1: 50%, v2: 10% }'),
    message: 'the weights of service `checkout` add up to 60%, not 100%',
    help: 'make them add up to 100%',
  })
  golden.matches('one-place.txt', text)
})

test('two places in one file stand in one frame, in the order of lines', () => {
  const text = shown([prod, base], {
    at: at(prod, 'cart', 1),
    message: '`cart` is set twice in one map',
    related: [{ at: at(prod, 'cart'), message: '`cart` is first set here' }],
    help: 'keep one of the two',
  })
  golden.matches('two-places.txt', text)
})

test('lines that touch stand together, and one line between is shown', () => {
  const text = shown([prod], {
    at: at(prod, 'checkout'),
    message: '`checkout` listens where `cart` does',
    related: [
      { at: at(prod, 'shop', 1), message: 'in the same namespace' },
      { at: at(prod, '8080', 1), message: 'at this port' },
      { at: at(prod, '{ v1: 50%, v2: 10% }'), message: 'and takes all traffic' },
    ],
  })
  golden.matches('lines-that-touch.txt', text)
})

test('several marks on one line', () => {
  const text = shown([prod], {
    at: at(prod, 'crat'),
    message: 'there is no service `crat`',
    related: [
      { at: at(prod, 'GET'), message: 'it may read' },
      { at: at(prod, '/api/*'), message: 'only this' },
    ],
    help: 'did you mean `cart`?',
  })
  golden.matches('marks-on-one-line.txt', text)
})

test('a place in another file', () => {
  const text = shown([prod, base], {
    at: at(prod, '../base/mesh.yaml'),
    message: '`defaults.timeout` is longer than the gateway waits',
    severity: 'warning',
    related: [{ at: at(base, '30s'), message: 'set here' }],
    help: 'set `defaults.timeout` in this file\nor lower it in `base`',
  })
  golden.matches('another-file.txt', text)
})

test('tabs, wide characters and characters without width', () => {
  const source = {
    name: 'spec/prod/mesh.yaml',
    text: 'x: [\t"日本語",\t"e\u0301te\u0301", "🦊", MARK ] # end\r\n',
  }
  const text = shown([source], {
    at: at(source, 'MARK'),
    message: 'the caret stands under the word',
    related: [{ at: at(source, '"日本語"'), message: 'six columns and the quotes' }],
  })
  golden.matches('wide-characters.txt', text)
})

test('a very long line is cut to windows round its marks', () => {
  const source = {
    name: 'long.yaml',
    text: `start: ${'left '.repeat(2000)}MIDDLE ${'right '.repeat(2000)}\n`,
  }
  const text = shown([source], {
    at: at(source, 'MIDDLE'),
    message: 'the window shows it',
    related: [{ at: at(source, 'start'), message: 'far away' }],
  })
  golden.matches('long-line.txt', text)
})

test('frames with any marks and messages fit the columns of a terminal', () => {
  const source = {
    name: 'prod.yaml',
    text: `short: x\nlong: { ${'left '.repeat(30)}MARK, ${'right '.repeat(30)}END }\n日本語: "日本語日本語" # ${'語'.repeat(60)}\n`,
  }
  const message = 'this is said of it in many words, more than stand beside what is marked'
  const places = ['short', 'MARK', 'END', '"日本語日本語"'].map(text => ({ at: at(source, text), message }))
  for (let columns = 50; columns < 140; columns++) {
    const render = makeFrameRenderer([source], { color: false, columns })
    for (const primary of places) {
      const { rows } = render(
        places.map(place => ({ ...place, isPrimary: place === primary })),
        'error',
      )
      for (const row of rows) {
        const width = [...row].reduce((sum, character) => sum + measureCell(character).width, 0)
        assert.ok(width <= columns, `${columns}: ${row}`)
      }
      const reported = rows.join(' ').replace(/[ |\d]+/g, ' ')
      assert.is(reported.split('what is marked').length, 1 + places.length, reported)
    }
  }
})

test('a mark of many lines is shown by its first', () => {
  const source = { name: 'block.yaml', text: 'a: |\n  one\n  two\nb: 1\n' }
  const place = { file: 'block.yaml', start: 3, end: 16 }
  golden.matches('many-lines.txt', shown([source], { at: place, message: 'three lines' }))
})

test('the end of a file, and a file without text', () => {
  const source = { name: 'end.yaml', text: 'a: {\n' }
  golden.matches(
    'end-of-file.txt',
    shown([source, { name: 'empty.yaml', text: '' }], {
      at: { file: 'end.yaml', start: 5, end: 5 },
      message: 'the map does not end',
      related: [{ at: { file: 'empty.yaml', start: 0, end: 0 }, message: 'and this is empty' }],
    }),
  )
})

test('a file that cannot be read is named without a line', () => {
  const finding = {
    at: { file: 'spec/qa/mesh.yaml', start: 0, end: 0 },
    message: '`spec/qa/mesh.yaml` cannot be read: there is no such file',
    related: [{ at: { file: 'spec/base.yaml', start: 0, end: 0 }, message: 'nor can this' }],
    help: 'paths are relative to the file that names them',
  }
  golden.matches('no-text.txt', shown([prod], finding))
})

test('control characters are shown, never obeyed', () => {
  const source = {
    name: 'evil\u001b]0;x\u0007.yaml',
    text: 'a: "\u001b[31mred\u0000\u009b2J\u202e\u200b\u2028"\n',
  }
  const text = shown([source], {
    at: { file: source.name, start: 3, end: source.text.length - 1 },
    message: 'no field `\u001b[2J\n\tx\u0007\u{e0041}`',
    help: 'did you mean `\u0008\u202d`?',
  })
  golden.matches('control-characters.txt', text)
})

test('more related places than ten are counted', () => {
  const source = { name: 'many.yaml', text: Array.from({ length: 30 }, (_, n) => `line${n}\n`).join('') }
  const related = Array.from({ length: 25 }, (_, n) => ({
    at: at(source, `line${n + 1}\n`),
    message: `number ${n}`,
  }))
  golden.matches('many-places.txt', shown([source], { at: at(source, 'line0'), message: 'a crowd', related }))
})

test('with colour', () => {
  const text = shown(
    [prod],
    {
      at: at(prod, 'cart', 1),
      message: '`cart` is set twice in one map',
      related: [{ at: at(prod, 'cart'), message: '`cart` is first set here' }],
      help: 'keep one of the two',
    },
    true,
  )
  golden.matches('colour.txt', text.replaceAll('\u001b', '␛'))
})

test('any text, any place: nothing unprintable, no endless line, at least one caret', () => {
  const anyText = fc.string({ unit: 'binary', maxLength: 400 })
  const place = fc.record({ start: fc.nat(450), length: fc.nat(450) })
  fc.assert(
    fc.property(anyText, place, fc.array(place, { maxLength: 4 }), anyText, (text, at, places, message) => {
      const location = ({ start, length }: { start: number; length: number }) => ({
        file: 'x.yaml',
        start: Math.min(start, text.length),
        end: Math.min(start + length, text.length),
      })
      const related = places.map(otherPlace => ({ at: location(otherPlace), message }))
      const result = shown([{ name: 'x.yaml', text }], { at: location(at), message, related, help: message })
      assert.not.match(result.replaceAll('\n', ''), /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u)
      assert.match(result, /^ +\| [^\n]*\^/m)
    }),
    { numRuns: 300 },
  )
})

test('a large file with many findings is quick', () => {
  const text = `${'x'.repeat(5_000_000)}\n${'key: value\n'.repeat(100_000)}`
  const show = makeRenderer([{ name: 'x.yaml', text }], { color: false })
  const began = performance.now()
  for (let index = 0; index < 500; index++) {
    const at = { file: 'x.yaml', start: 10_000 * index, end: 10_000 * index + 3_000_000 }
    show({ code: 'MESH1001', severity: 'error', message: 'x', at, related: [] })
  }
  assert.ok(performance.now() - began < 5_000)
})

test('every expected text belongs to a test', () => golden.hasNoOther())

test.run()
