import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { stringify } from 'yaml'
import { compile } from '../../compiler/compile.ts'
import { makeRenderer } from '../../compiler/diagnostics/render.ts'
import { MeshSpec } from '../../schema/spec/mesh.ts'
import { getTexts, specs } from '../arbitraries/mesh.ts'
import { mutations } from '../arbitraries/mutations.ts'
import { nearYaml } from '../arbitraries/near-yaml.ts'
import { holds } from '../holds.ts'
import { getWorkspace } from '../support/compile-text.ts'

const totality = suite('totality')

/**
 * Asserts that a compilation ends with files or with diagnostics. Each diagnostic points into a text and can
 * be shown.
 */
function assertAnswer(entry: string, texts: Readonly<Record<string, string>>): void {
  const { diagnostics, sources, ...result } = compile(entry, getWorkspace(texts))
  if (result.ok) {
    let files = 0
    for (const { path, text } of result.value.files()) {
      files++
      assert.ok(path !== '' && text.endsWith('\n'), path)
    }
    assert.ok(files >= 5, `${files} files`)
    for (const { origins } of result.value.sourceMap()) assert.ok(origins.length > 0)
    assert.not.ok(diagnostics.some(({ severity }) => severity === 'error'))
  } else assert.ok(diagnostics.some(({ severity }) => severity === 'error'))
  for (const { code, message, at, related } of diagnostics) {
    assert.match(code, /^MESH[1-9][0-9]{3}$/)
    assert.ok(message !== '' && !message.includes('undefined') && !message.includes('[object'), message)
    for (const place of [at, ...related.map(({ at }) => at)]) {
      const text = sources.find(({ name }) => name === place.file)?.text ?? texts[place.file] ?? ''
      assert.ok(
        place.start >= 0 && place.start <= place.end && place.end <= text.length,
        JSON.stringify(place),
      )
    }
  }
  const places = diagnostics.map(({ at }) => at)
  assert.equal(
    places,
    places.toSorted((a, b) => (a.file < b.file ? -1 : a.file > b.file ? 1 : a.start - b.start)),
  )
  for (const color of [false, true]) {
    const render = makeRenderer(sources, { color })
    for (const diagnostic of diagnostics) {
      const plain = color ? render(diagnostic).replaceAll(paint, '') : render(diagnostic)
      const strange = unprintable.exec(plain)
      assert.is(strange, null, `U+${strange?.[0].codePointAt(0)?.toString(16)} of ${diagnostic.code}`)
    }
  }
}

/**
 * Characters that a terminal obeys, reorders or hides: control, format, lone surrogate, private or
 * unassigned.
 */
const unprintable = /[^\P{C}\n]/u
const paint = new RegExp(`${String.fromCharCode(0x1b)}\\[[0-9;]*m`, 'g')

totality('near-YAML compiles or is refused with a reason; nothing is thrown', () => {
  holds(
    fc.property(nearYaml(), ({ entry, texts }) => assertAnswer(entry, texts)),
    { numRuns: 1000 },
  )
})

totality('mutated specs compile or are refused with a reason', () => {
  holds(
    fc.property(
      specs().chain(spec => mutations(spec)),
      ({ spec }) => assertAnswer(spec.entry, getTexts(spec)),
    ),
    { numRuns: 300 },
  )
})

totality('texts of any sort are refused with a reason', () => {
  const texts = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }), fc.json())
  holds(
    fc.property(texts, text => assertAnswer('spec/prod/mesh.yaml', { 'spec/prod/mesh.yaml': text })),
    { numRuns: 500 },
  )
})

totality('documents of any form are refused with a reason', () => {
  const documents = fc.anything({
    key: fc.oneof(fc.constantFrom(...fieldNames), fc.constantFrom(...hostileNames), fc.string()),
    values: [
      fc.constantFrom('v1', 'shop', '30s', '90%', '*', '/', '__proto__', '\u0000', '\u202e', '\ud800'),
      fc.double(),
      fc.integer(),
      fc.boolean(),
      fc.string({ unit: 'binary' }),
      fc.constant(null),
    ],
    maxDepth: 5,
    withNullPrototype: true,
  })
  let answers = 0
  holds(
    fc.property(documents, document => {
      const header = { meshc: 'v1', mesh: 'shop' }
      const isMap = typeof document === 'object' && document !== null && !Array.isArray(document)
      assertAnswer(entry, { [entry]: stringify(isMap ? { ...header, ...document } : document) ?? '' })
      answers++
    }),
    { numRuns: 500 },
  )
  assert.ok(answers >= 500)
})

totality('names of JavaScript properties are ordinary names', () => {
  const wrong: string[] = []
  for (const [at, field] of namingFields.entries()) {
    for (const name of hostileNames) {
      const texts = {
        'spec/base/mesh.yaml': named(field, name, 'meshc: v1\nmesh: shop\nfaults: allowed'),
        [entry]: named(field, name, 'meshc: v1\nextends: ../base/mesh.yaml'),
      }
      assertAnswer(entry, texts)
      const result = compile(entry, getWorkspace(texts))
      const isMeant = result.ok
        ? [...result.value.files()].some(({ text }) => text.includes(name))
        : result.diagnostics.every(({ message }) => message.includes(name))
      if (!isMeant) wrong.push(`${at} ${name}: ${result.diagnostics[0]?.message ?? 'lost'}`)
    }
  }
  assert.equal(wrong, [])
})

totality('nesting of any depth is read or refused', () => {
  const depths = fc.integer({ min: 1, max: 20_000 })
  const forms = fc.constantFrom<(depth: number) => string>(
    depth => `a: ${'['.repeat(depth)}${']'.repeat(depth)}`,
    depth => `a: ${'{ b: '.repeat(depth)}1${' }'.repeat(depth)}`,
    depth => `a:\n${Array.from({ length: depth % 500 }, (_, at) => `${' '.repeat(at + 1)}b:`).join('\n')}`,
    depth => '- '.repeat(depth),
    depth => '? '.repeat(depth),
    depth => `a: ${'&a '.repeat(1)}${'['.repeat(depth)}`,
    depth =>
      `a0: &a0 [x]\n${Array.from({ length: depth % 60 }, (_, at) => `a${at + 1}: &a${at + 1} [*a${at}, *a${at}]`).join('\n')}`,
  )
  holds(
    fc.property(depths, forms, (depth, form) => {
      assertAnswer(entry, { [entry]: `meshc: v1\nmesh: shop\n${form(depth)}\n` })
    }),
    { numRuns: 200 },
  )
})

const entry = 'spec/prod/mesh.yaml'
const hostileNames = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  'valueOf',
  '__defineGetter__',
]
const fieldNames = [
  ...Object.keys(MeshSpec.shape),
  'port',
  'ports',
  'allow',
  'from',
  'hosts',
  'routes',
  'traffic',
]

/** A place in a spec with a user-defined name, and its value. */
const namingFields = [
  'services: { NAME: { namespace: shop, port: { http: 80 }, allow: [{ from: NAME }] } }',
  'services: { cart: { namespace: shop, port: { http: 80 }, allow: [{ from: anyone, ports: [NAME] }] } }',
  'services: { cart: { namespace: shop, port: { http: 80 }, versions: { NAME: {} }, traffic: { NAME: 100% } } }',
  'services: { cart: { namespace: shop, port: { http: 80 }, workload: { labels: { NAME: x } } } }',
  'services: { cart: { namespace: shop, port: { http: 80 }, fault: { delay: 1s, when: { headers: { NAME: x } } } } }',
  'services: { cart: { namespace: shop, port: { http: 80 }, fault: { delay: 1s, when: { query: { NAME: x } } } } }',
  'services: { cart: { namespace: NAME, port: { http: 80 }, allow: [{ from: namespace/NAME }] } }',
  'services: { cart: { namespace: shop, NAME: 1 } }',
  'gateways: { NAME: { hosts: [api.example.com], certificate: { issuer: ca } } }',
  'external: { NAME: { hosts: [api.example.com], port: { https: 443 } } }',
  'namespaces: { NAME: { labels: { NAME: x } } }',
  'observability: { prometheus: { selectorLabels: { NAME: x } } }',
  'NAME: { a: 1 }',
  'services: { cart: { namespace: shop } }\npatches: [{ kind: Sidecar, namespace: shop, name: cart, spec: { NAME: x } }]',
  'raw: [{ apiVersion: v1, kind: ConfigMap, metadata: { name: x, namespace: istio-system }, data: { NAME: x } }]',
]

const named = (field: string, name: string, header: string) =>
  `${header}\n${field.replaceAll('NAME', name)}\n`

totality.run()
