import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { goldenFolder } from '../support/golden.ts'
import { meshc } from '../support/meshc.ts'
import { project, write } from '../support/project.ts'

const test = suite('bin/why')
const golden = goldenFolder('provenance/expected')

const base = `meshc: v1
mesh: shop
observability:
  tracing: { collector: jaeger-collector.observability:4317, sampling: 1% }
defaults:
  timeout: 30s
gateways:
  public: { hosts: [api.example.com], certificate: { issuer: letsencrypt } }
services:
  web:
    namespace: shop
    port: { http: 3000 }
  api:
    namespace: shop
    owner: team-api
    port: { http: 8080 }
    versions: { stable: { version: v1 }, canary: { version: v2 } }
    traffic: { stable: 90%, canary: 10% }
    expose: [{ gateway: public, host: api.example.com }]
    allow:
      - { from: gateway/public, methods: [GET] }
      - from: web
        methods: [GET, POST]
`
const prod = `meshc: v1
environment: prod
extends: ../base/mesh.yaml
observability:
  tracing: { sampling: 5% }
services:
  api:
    timeout: 7s
`
const staging = `meshc: v1
environment: staging
extends: ../base/mesh.yaml
observability: { tracing: { sampling: 100% } }
`
const canary = `meshc: v1
environment: test
extends: ../base/mesh.yaml
observability: { tracing: null }
defaults: { timeout: null }
services:
  api:
    versions: null
    traffic: null
    owner: null
`
const api = 'out/prod/manifests/shop/api.yaml'

/** The effect of a line in an environment, in the form of `--json`. */
interface Effect {
  readonly environment: string
  readonly values: readonly unknown[]
  readonly overriddenBy: { readonly line: number }
}

const shop = () =>
  project({ 'spec/base/mesh.yaml': base, 'spec/prod/mesh.yaml': prod, 'spec/staging/mesh.yaml': staging })

const built = async () => {
  const folder = shop()
  assert.is((await meshc(folder, ['build'])).code, 0)
  return folder
}

/** Returns the line number, from 1, of the nth line in a file with a text. */
function getLine(folder: string, file: string, text: string, nth = 0): number {
  const lines = readFileSync(join(folder, file), 'utf8').split('\n')
  const result = lines.flatMap((line, index) => (line.includes(text) ? [index + 1] : []))
  if (result[nth] === undefined) throw new Error(`${file} does not hold ${text}`)
  return result[nth]
}

/** Returns the output of meshc, and asserts that stderr is empty. */
async function stated(folder: string, ...words: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await meshc(folder, words)
  assert.is(stderr, '', words.join(' '))
  assert.is(code, 0, words.join(' '))
  return stdout
}

test('why shows the line behind a value, the overridden layers, and the decisions of meshc', async () => {
  const folder = await built()
  const at = (file: string, text: string, nth?: number) => `${file}:${getLine(folder, file, text, nth)}`
  const questions: Readonly<Record<string, readonly string[]>> = {
    'a-value-of-a-layer': ['why', at(api, 'timeout: 7s')],
    'a-share': ['why', at(api, 'weight: 10')],
    'a-default': ['why', at(api, 'maxConnections:')],
    'a-policy': ['why', at(api, 'argocd.argoproj.io/sync-wave', 1)],
    'a-name': ['why', at(api, 'name: api')],
    'a-key-with-all-below': ['why', at(api, '  http:', 1)],
    'an-overridden-value': ['why', 'observability.tracing.sampling'],
    'an-object-in-each-environment': ['why', 'VirtualService/shop/api#/spec/http/0/timeout'],
    'a-field-that-is-not-set': ['why', 'services.web.timeout'],
    'a-field-that-no-layer-sets': ['why', 'services.api.connections.max', '--env', 'prod'],
    'a-line-of-a-spec': ['why', 'spec/base/mesh.yaml:18', '--env', 'prod'],
    'impact-of-a-default': ['impact', 'spec/base/mesh.yaml:6'],
    'impact-of-an-overridden-line': ['impact', 'spec/base/mesh.yaml:4', '--env', 'prod'],
    'impact-of-a-key': ['impact', 'spec/base/mesh.yaml:13', '--env', 'staging'],
  }
  for (const [name, words] of Object.entries(questions))
    golden.matches(`${name}.txt`, `$ meshc ${words.join(' ')}\n${await stated(folder, ...words)}`)
  // This test has its own environment, so that the answers above stay short.
  write(folder, { 'spec/test/mesh.yaml': canary })
  assert.is((await meshc(folder, ['build'])).code, 0)
  const web = 'out/test/manifests/shop/web.yaml'
  const ofNulls: Readonly<Record<string, readonly string[]>> = {
    'a-default-behind-a-null': ['why', at(web, 'timeout:')],
    'a-field-that-a-null-takes-away': ['why', 'defaults.timeout', '--env', 'test'],
    'impact-of-a-null': ['impact', 'spec/test/mesh.yaml:4'],
    'impact-of-a-null-that-needs-another': ['impact', 'spec/test/mesh.yaml:9'],
    'impact-of-a-null-in-a-text': ['impact', 'spec/test/mesh.yaml:10'],
  }
  for (const [name, words] of Object.entries(ofNulls))
    golden.matches(`${name}.txt`, `$ meshc ${words.join(' ')}\n${await stated(folder, ...words)}`)
  golden.hasNoOther()
})

test('why answers in JSON with every reason and its place', async () => {
  const folder = await built()
  const line = getLine(folder, api, 'timeout: 7s')
  const document = JSON.parse(await stated(folder, 'why', `${api}:${line}`, '--json'))
  const [answer] = document.answers
  assert.is(answer.object, 'VirtualService/shop/api')
  const [scalar] = answer.scalars
  assert.equal(
    { ...scalar, reasons: scalar.reasons[0] },
    {
      file: api,
      line,
      pointer: '/spec/http/0/timeout',
      value: '7s',
      reasons: {
        kind: 'spec',
        path: 'services.api.timeout',
        file: 'spec/prod/mesh.yaml',
        line: 8,
        column: 14,
        value: '7s',
        overrides: [],
      },
    },
  )
  const spec = JSON.parse(
    await stated(folder, 'why', 'observability.tracing.sampling', '--env', 'prod', '--json'),
  )
  const [environment] = spec.environments
  assert.is(environment.value, '5%')
  assert.equal(
    environment.reasons[0].overrides.map(({ file, line, value }: Record<string, unknown>) => [
      file,
      line,
      value,
    ]),
    [['spec/base/mesh.yaml', 4, '1%']],
  )
  assert.equal(
    environment.makes.map(({ value }: { value: unknown }) => value),
    [5],
  )
})

test('a dash asks for the entry of the list, a column further right for the scalar', async () => {
  const folder = await built()
  const line = getLine(folder, api, '- destination:')
  const column = readFileSync(join(folder, api), 'utf8').split('\n')[line - 1]!.indexOf('-') + 1
  assert.match(await stated(folder, 'why', `${api}:${line}:${column}`), /route\/0: 4 values/)
  assert.match(await stated(folder, 'why', `${api}:${line}:${column + 4}`), /route\/0\/destination: 3 values/)
})

test('files are found from here and from the root of the project, and a file without a line is all of it', async () => {
  const folder = await built()
  const answer = await stated(folder, 'why', `${api}:5`)
  assert.is(await stated(join(folder, 'out/prod'), 'why', 'manifests/shop/api.yaml:5'), answer)
  assert.is(await stated(join(folder, 'out/prod'), 'why', `${api}:5`), answer)
  assert.is(await stated('/', 'why', join(folder, `${api}:5`), '--project', folder), answer)
  assert.match(await stated(folder, 'why', api), /^DestinationRule\/shop\/api: \d+ values$/m)
})

test('a file with edits by hand: the present text, and the spec line of the expected text', async () => {
  const folder = await built()
  const line = getLine(folder, api, 'timeout: 7s')
  const text = readFileSync(join(folder, api), 'utf8')
  writeFileSync(
    join(folder, api),
    text.replace('timeout: 7s', 'timeout: 60s').replace('---\n', '---\n# by hand\n'),
  )
  const edited = await meshc(folder, ['why', `${api}:${line + 1}`])
  assert.is(edited.code, 0)
  assert.match(edited.stderr, /was edited by hand/)
  assert.match(edited.stderr, `line ${line + 1} is \`timeout: 60s\`; the spec makes \`timeout: 7s\` there`)
  assert.match(edited.stdout, /timeout: 7s\n.*\n +--> spec\/prod\/mesh\.yaml:8:14/)
  const added = await meshc(folder, ['why', `${api}:${getLine(folder, api, '# by hand')}`])
  assert.is(added.code, 2)
  assert.match(added.stderr, 'nothing of the spec makes line')
})

test('a file that is older than its spec: the answer describes the next build', async () => {
  const folder = await built()
  const line = getLine(folder, api, 'timeout: 7s')
  write(folder, { 'spec/prod/mesh.yaml': prod.replace('timeout: 7s', 'timeout: 9s') })
  const { code, stdout, stderr } = await meshc(folder, ['why', `${api}:${line}`])
  assert.is(code, 0)
  assert.match(stderr, /is older than its spec/)
  assert.match(stderr, 'is `timeout: 7s`; the spec makes `timeout: 9s` there')
  assert.match(stdout, 'timeout: 9s')
})

test('before the first build the answer describes the next build', async () => {
  assert.match(await stated(shop(), 'why', `${api}:5`), 'metadata/name: api')
})

test('a misspelt or missing name: exit 2, and the nearest name', async () => {
  const folder = await built()
  const calls: readonly (readonly [string, string | RegExp])[] = [
    ['why out/prod/manifests/shop/apy.yaml:3', 'did you mean `out/prod/manifests/shop/api.yaml`?'],
    ['why out/prod/manifests/chop/api.yaml:3', 'did you mean `out/prod/manifests/shop/api.yaml`?'],
    ['why VirtualService/shop/apy', 'did you mean `VirtualService/shop/api`?'],
    ['why VirtualService/chop/api', 'did you mean `VirtualService/shop/api`?'],
    ['why VirtualServce/shop/api', /did you mean `\w+\/shop\/api`\?/],
    ['why VirtualService/shop/api#/spec/http/0/timeuot', 'did you mean `/spec/http/0/timeout`?'],
    ['why services.apy.timeout', 'did you mean `services.api.timeout`?'],
    ['why services.api.timeuot', 'did you mean `services.api.timeout`?'],
    ['why services.api.allow[7]', /has no entry `7`/],
    ['why nothing/here.yaml', 'there is no file `nothing/here.yaml`'],
    [`why ${api}:9999`, /has \d+ lines/],
    [`why ${api}:0`, 'count from 1'],
    ['why ../elsewhere.yaml:3', /elsewhere/],
    ['why', /needs a <place>\n.*meshc why out/],
    ['impact spec/base/mesh.yaml:9999', 'has 23 lines'],
    ['impact spec/base/mesh.yaml', 'is no line of a file'],
    ['impact spec/bse/mesh.yaml:3', /cannot be read|no file/],
    ['impact services.api', 'is no line of a file'],
  ]
  for (const [call, expected] of calls) {
    const { code, stdout, stderr } = await meshc(folder, call.split(' '))
    assert.is(code, 2, `${call}: ${stdout}${stderr}`)
    assert.match(stderr, expected, call)
    assert.not.match(stderr, /defect/, call)
  }
})

test('every file of out/ answers, also those that are no manifests', async () => {
  const folder = await built()
  const why = async (file: string, text: string) =>
    (await meshc(folder, ['why', `${file}:${getLine(folder, file, text)}`])).stdout
  const chart = 'out/prod/chart'
  assert.match(
    await why(`${chart}/values.schema.json`, '"timeout": {'),
    /^HelmChartValues\/chart#.*timeout: /,
  )
  assert.match(
    await why(`${chart}/README.md`, '| services.api.timeout |'),
    /timeout: 7s\n(.*\n)* *--> spec\/prod\/mesh/,
  )
  assert.match(await why(`${chart}/templates/_helpers.tpl`, 'define'), 'is the same in every chart')
  assert.match(await why('out/prod/docs/README.md', '| api |'), '`services.api`')
  assert.match(await why('out/prod/docs/README.md', '# shop in prod'), 'names no part of it')
  const lock = 'out/prod/meshc.lock.json'
  assert.match(await why(lock, '"spec/base/mesh.yaml"'), 'the digest of `spec/base/mesh.yaml`')
  assert.match(await why(lock, 'shop/api.yaml'), 'the digest of `out/prod/manifests/shop/api.yaml`')
  assert.match(await why(lock, '"meshc":'), 'the version of meshc')
})

test('a question about a list entry in an included file uses its index in the whole list', async () => {
  const expect = (to: string) => `expect:\n  - to: ${to}\n    only: [web]\n`
  const folder = project({
    'spec/prod/mesh.yaml': `meshc: v1
mesh: shop
include: [teams/*.yaml]
services:
  web: { namespace: shop, port: { http: 3000 } }
${expect('web').replace('[web]', '[]')}`,
    'spec/prod/teams/a.yaml': `services:
  a: { namespace: shop, port: { http: 8080 }, allow: [{ from: web }] }
${expect('a')}`,
    'spec/prod/teams/b.yaml': `services:
  b: { namespace: shop, port: { http: 8080 }, allow: [{ from: web }] }
${expect('b')}`,
  })
  const answer = await stated(folder, 'why', 'spec/prod/teams/b.yaml:4')
  assert.match(answer, /^expect\[2\].*\n/)
  assert.match(answer, 'spec/prod/teams/b.yaml:4')
})

test('a spec that does not compile has no answer', async () => {
  const folder = await built()
  write(folder, { 'spec/prod/mesh.yaml': prod.replace('7s', 'soon') })
  for (const words of [
    ['why', `${api}:5`],
    ['impact', 'spec/prod/mesh.yaml:8'],
  ]) {
    const { code, stderr } = await meshc(folder, words)
    assert.is(code, 1)
    assert.match(stderr, /^error\[MESH1/m)
  }
  assert.match(await stated(folder, 'why', 'out/staging/manifests/shop/api.yaml:5'), 'metadata/name: api')
})

test('impact gives the reason if nothing depends on a line', async () => {
  const folder = await built()
  write(folder, {
    'spec/staging/mesh.yaml': staging,
    'spec/base/mesh.yaml': base
      .replace('collector:', '# a comment\n    collector:')
      .replace('{ # a', '{\n    # a'),
    'spec/notes.txt': 'nothing\n',
  })
  assert.match(await stated(folder, 'impact', 'spec/base/mesh.yaml:5'), 'it says nothing')
  assert.match(await stated(folder, 'impact', 'spec/notes.txt:1'), 'no environment reads `spec/notes.txt`')
  assert.match(
    await stated(folder, 'impact', 'spec/base/mesh.yaml:17'),
    'no value of a manifest comes from this line',
  )
  write(folder, {
    'spec/base/mesh.yaml': base
      .replace('{ collector', '\n    { collector')
      .replace(', sampling', ',\n      sampling'),
  })
  const overridden = await stated(folder, 'impact', 'spec/base/mesh.yaml:6')
  assert.match(overridden, 'it is overridden by `spec/prod/mesh.yaml:5` and `spec/staging/mesh.yaml:4`')
  const document = JSON.parse(await stated(folder, 'impact', 'spec/base/mesh.yaml:6', '--json'))
  assert.equal(
    document.environments.map(({ environment, values, overriddenBy }: Effect) => [
      environment,
      values,
      overriddenBy.line,
    ]),
    [
      ['prod', [], 5],
      ['staging', [], 4],
    ],
  )
})

test.run()
