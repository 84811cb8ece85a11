import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { SpecPath } from '../../compiler/diagnostics/diagnostic.ts'
import { explainShape } from '../../compiler/source/explain-shape.ts'
import { isMeshFile } from '../../schema/generated/mesh-validator.mjs'
import { isRecord, type JsonSchema, readRecord } from '../../schema/json-schema.ts'
import { compileText } from '../support/compile-text.ts'

const test = suite('source/shape-words')

const head = 'meshc: v1\nmesh: shop\nservices:\n  web:\n    namespace: shop\n    port: { http: 80 }\n'
const api = '  api:\n    namespace: shop\n    port: { http: 80 }\n'

/** Specs with a wrong value, each with its code and a word of the message and of the help. */
const reported: readonly (readonly [spec: string, code: string, message: RegExp, help: RegExp])[] = [
  [
    `${head}    retries: 3\n`,
    'MESH1012',
    /the number `3`, not `none` or `istio-default` or a map/,
    /attempts: 2/,
  ],
  [`${head}istio: { version: 1.31 }\n`, 'MESH1012', /not a version of Istio/, /`1\.31\.4`/],
  [`${head}    owner: 3\n`, 'MESH1018', /not text/, /quotes/],
  [
    `${head}    allow: [{ from: anyone, because: x }]\n${api}    allow: [{ from: web, paths: [/api/.*] }]\n`,
    'MESH3411',
    /not a regular expression/,
    /^write `\/api\/\*`$/,
  ],
  [`${head}  db:\n`, 'MESH1022', /`services\.db` is empty/, /give it fields/],
  ['meshc: v1\nmesh: shop\nservices:\n', 'MESH1022', /`services` is empty/, /give it fields/],
  [`${head}    timeout:\n`, 'MESH1022', /`services\.web\.timeout` is empty/, /give it a value/],
  [
    `${head}environment: stage\n`,
    'MESH2023',
    /is called `stage`, but its folder is called `prod`/,
    /rename one/,
  ],
  [
    `${head}<<<<<<< HEAD\n    owner: a\n=======\n    owner: b\n>>>>>>> other\n`,
    'MESH1001',
    /`<<<<<<<` is the mark of a merge/,
    /keep one/,
  ],
  [head.replace('mesh: shop', 'mesh: Shop_1'), 'MESH1013', /not a DNS label/, /`shop-1`/],
  [head.replace('  web:', '  Web_1:'), 'MESH1013', /not a DNS label/, /`web-1`/],
  [
    `${head}${api}    allow: [{ from: [web, web-2] }]\n`,
    'MESH1012',
    /a list/,
    /each: `- from: web` and `- from: web-2`/,
  ],
  [`${head}${api}    allow: [{ from: [web] }]\n`, 'MESH1012', /a list/, /without brackets: `web`/],
  [`${head}${api}    <<: *x\n`.replace('  web:', '  web: &x'), 'MESH1003', /merge key/, /`defaults`/],
  [`${head}extends: [a.yaml, b.yaml]\n`, 'MESH1012', /a list/, /extends one other/],
  [`${head}    rateLimit: { requests: 10 }\n`, 'MESH1012', /the number `10`/, /`100\/s`/],
  [`${head}    tcpKeepalive: 30s\n`, 'MESH1011', /`tcpKeepalive`/, /`connections`/],
  [`${head}meshConfig: {}\n`, 'MESH1011', /`meshConfig`/, /`istio`, `egress`/],
  [`${head}    image: web:1\n`, 'MESH1011', /`image`/, /Deployments/],
  [`${head}    fault: { abort: 200, share: 10% }\n`, 'MESH1013', /from 400 to 599/, /503/],
  [`${head}    owner: ${'a'.repeat(400)}\n`, 'MESH1013', /of at most 63 characters/, /team-reviews/],
  [`${head}    timeout: 1.5s\n`, 'MESH1013', /not a duration/, /`1500ms`/],
  [`${head}    timeout: 1.5h\n`, 'MESH1013', /not a duration/, /`90m`/],
  [`${head}    connections: { max: '100' }\n`, 'MESH1012', /is text, not/, /without quotes: `100`/],
]

for (const [spec, code, message, help] of reported)
  test(`${code}: ${spec.split('\n').at(-2)?.trim()}`, () => {
    const { diagnostics } = compileText({ 'spec/prod/mesh.yaml': spec }, 'spec/prod/mesh.yaml')
    assert.equal(
      diagnostics.map(diagnostic => diagnostic.code),
      [code],
    )
    assert.match(diagnostics[0]!.message, message)
    assert.match(diagnostics[0]!.help ?? '', help)
  })

test('an empty field is reported only if it removes no value, and no parent reports it', () => {
  const files = {
    'spec/base/mesh.yaml': `${head}    timeout: 5s\n    owner:\n`,
    'spec/prod/mesh.yaml':
      'meshc: v1\nextends: ../base/mesh.yaml\nservices: { web: { timeout: null, owner: team } }\n',
  }
  assert.equal(compileText(files, 'spec/prod/mesh.yaml').diagnostics, [])
})

test('null takes one label or annotation away, and a cookie has any case', () => {
  const gateway = (more: string) =>
    `gateways: { public: { hosts: [a.example.com], certificate: { issuer: x }${more} } }\n`
  const files = {
    'spec/base/mesh.yaml': `${head}    workload: { labels: { app: web, team: a } }\n    expose: [{ gateway: public, host: a.example.com }]\n    allow: [{ from: gateway/public }]\n    loadBalancing: { policy: consistent-hash, cookie: JSESSIONID }\n${gateway(', service: { annotations: { a: x, b: y } }, labels: { team: a, tier: b }')}`,
    'spec/prod/mesh.yaml':
      'meshc: v1\nextends: ../base/mesh.yaml\nservices: { web: { workload: { labels: { team: null } } } }\ngateways: { public: { service: { annotations: { b: null } }, labels: { tier: null } } }\n',
  }
  const result = compileText(files, 'spec/prod/mesh.yaml')
  assert.equal(
    result.diagnostics.map(({ message }) => message),
    [],
  )
  if (!result.ok) throw new Error('it does not compile')
  const { services, gateways } = result.value.mesh
  const listKeys = (labels: readonly (readonly [string, unknown])[] = []) => labels.map(([key]) => key)
  assert.equal(listKeys(services[0]?.selector), ['app'])
  assert.equal(listKeys(gateways[0]?.installation?.labels), ['team'])
  assert.equal(listKeys(gateways[0]?.installation?.serviceAnnotations), ['a'])
})

test('quotes are proposed only where the value is right in them', () => {
  const schema: JsonSchema = JSON.parse(
    readFileSync(join(import.meta.dirname, '../../schema/mesh.schema.json'), 'utf8'),
  )
  let quoted = 0
  for (const path of listScalars(schema, []))
    for (const value of [3, 1.31, 30, true]) {
      const file = fileWith(path, value)
      if (isMeshFile(file)) continue
      const isToQuote = explainShape(file, '').some(({ code }) => code === 'MESH1018')
      const isRight = explains(fileWith(path, String(value)), path)
      assert.is(isToQuote, isRight, `${path.join('.')}: ${value}`)
      if (isToQuote) quoted++
    }
  assert.ok(quoted > 20, String(quoted))
})

/** Checks that no finding points at a path. */
const explains = (file: unknown, path: SpecPath): boolean =>
  isMeshFile(file) ||
  explainShape(file, '').every(({ at }) => !('path' in at) || at.path.join('.') !== path.join('.'))

/** The paths of fields that hold text. */
function listScalars(schema: JsonSchema, path: SpecPath): readonly SpecPath[] {
  const types = [schema['type']].flat()
  const textPaths = types.includes('string') && !types.includes('object') ? [path] : []
  const entry = schema['additionalProperties']
  const items = schema['items']
  return [
    ...textPaths,
    ...Object.entries(readRecord(schema['properties'])).flatMap(([name, field]) =>
      listScalars(readRecord(field), [...path, name]),
    ),
    ...(isRecord(entry) ? listScalars(entry, [...path, findKey(schema)]) : []),
    ...(isRecord(items) ? listScalars(items, [...path, 0]) : []),
  ]
}

/** A key for a map whose keys are free. */
function findKey(schema: JsonSchema): string {
  const examples = readRecord(schema['propertyNames'])['examples']
  return Array.isArray(examples) ? String(examples[0]) : 'x'
}

const fileWith = (path: SpecPath, value: unknown): unknown =>
  path.reduceRight<unknown>((inner, step) => (typeof step === 'number' ? [inner] : { [step]: inner }), value)

test.run()
