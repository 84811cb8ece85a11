import { lstatSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { meshc } from '../support/meshc.ts'
import { getContent, project } from '../support/project.ts'
import { faultySpecs } from '../support/report.ts'

const test = suite('bin/findings')
const january = { SOURCE_DATE_EPOCH: String(Date.UTC(2027, 0, 1) / 1000) }

const untidy = `# Comments stay.
meshc: v1
mesh:   shop
services:
  cart: # and so does this
    namespace: "shop"
    port: { http: 8080 }
    timeuot: 5s     # the layout, too
    versions: { v1: { version: 1.10 }, v2: {} }
    traffic: { v1: 90, v2: 10% }
    allow:
      - { from: wbe, methods: [get, POST,POST] }
      - from: web2
        paths:
          - /a/*
          # between
          - /a/*
  web: { namespace: shop }
  web2: { namespace: shop }
`
const tidy = untidy
  .replace('timeuot', 'timeout')
  .replace('1.10', '"1.10"')
  .replace('90,', '90%,')
  .replace('get, POST,POST', 'GET, POST')
  .replace('          # between\n          - /a/*\n', '          # between\n')

test('--format writes each document on stdout, and remarks on stderr', async () => {
  const folder = project(faultySpecs)
  for (const command of ['validate', 'build']) {
    const reported = async (format: string) => {
      const run = await meshc(folder, [command, '--format', format], { environment: january })
      assert.is(run.code, 1, format)
      return run
    }
    const sarif = await reported('sarif')
    assert.equal(
      JSON.parse(sarif.stdout).runs.map(
        ({ automationDetails: { id } }: { automationDetails: { id: string } }) => id,
      ),
      ['meshc/dev', 'meshc/prod', 'meshc/staging'],
    )
    assert.match(sarif.stderr, /2 errors and 1 warning in `dev` and `prod`/)
    assert.not.match(sarif.stderr, /error\[/)
    assert.is(JSON.parse((await reported('gitlab')).stdout).length, 3)
    assert.match(
      (await reported('junit')).stdout,
      /^<\?xml .*\n<testsuites name="meshc" tests="4" failures="2"/,
    )
    const github = await reported('github')
    assert.match(github.stdout, /^::error file=spec\/dev\/mesh\.yaml,line=4,/)
    assert.match(github.stderr, /^error\[MESH3101\]/m)
    const json = await reported('json')
    assert.is(json.stdout, (await meshc(folder, [command, '--json'], { environment: january })).stdout)
    assert.is(json.stderr, '')
  }
})

test('where the project is a folder of a repository, documents name files from the root of that', async () => {
  const inFolder = Object.entries(faultySpecs).map(([path, text]) => [`platform/mesh/${path}`, text])
  const folder = join(project({ '.git/HEAD': '', ...Object.fromEntries(inFolder) }), 'platform/mesh')
  const reported = async (format: string) =>
    (await meshc(folder, ['validate', '--format', format], { environment: january })).stdout
  for (const format of ['sarif', 'github', 'gitlab', 'junit']) {
    const files = [
      ...(await reported(format)).matchAll(/(?:"uri": "|"path": "|file="?|name=")([\w/]+\.yaml)/g),
    ]
    assert.ok(files.length > 0, format)
    for (const [, file = ''] of files) assert.match(file, /^platform\/mesh\/spec\//, format)
  }
})

test('an unknown format and two formats end with 2', async () => {
  const folder = project(faultySpecs)
  const none = await meshc(folder, ['validate', '--format', 'sarf'])
  assert.is(none.code, 2)
  assert.match(none.stderr, /no format `sarf`\n.*did you mean `sarif`/)
  const two = await meshc(folder, ['validate', '--format', 'sarif', '--json'])
  assert.is(two.code, 2)
  assert.match(two.stdout, '`--json` and `--format sarif` are given both')
})

test('a clean build prints its result beside its report', async () => {
  const spec = 'meshc: v1\nmesh: shop\nservices: { cart: { namespace: shop, port: { http: 8080 } } }\n'
  const { code, stdout, stderr } = await meshc(project({ 'spec/prod/mesh.yaml': spec }), [
    'build',
    '--format',
    'github',
  ])
  assert.is(code, 0)
  assert.is(stdout, '')
  assert.match(stderr, /wrote \d+ files in out\/prod/)
})

test('--fix applies only unambiguous fixes, keeps everything else, and lists its edits', async () => {
  const folder = project({ 'spec/prod/mesh.yaml': untidy })
  const before = await meshc(folder, ['validate'])
  assert.match(before.stderr, /`meshc validate --fix` mends them/)
  const { code, stderr } = await meshc(folder, ['validate', '--fix'])
  // `wbe` can mean `web` or `web2`, so no program can choose.
  assert.is(code, 1)
  assert.equal(getContent(folder), {
    'spec/prod/mesh.yaml': tidy
      .replace('GET, POST', 'GET, POST,POST')
      .replace('# between\n', '# between\n          - /a/*\n'),
  })
  assert.match(stderr, /^fixed MESH1011 at spec\/prod\/mesh\.yaml:8: write `timeout`$/m)
  assert.match(stderr, /^fixed MESH1018 at spec\/prod\/mesh\.yaml:9: put it in quotes$/m)
  assert.match(stderr, /no service `wbe`/)
  assert.not.match(stderr, /--fix/)

  const file = join(folder, 'spec/prod/mesh.yaml')
  writeFileSync(file, readFileSync(file, 'utf8').replace('wbe', 'web'))
  const after = await meshc(folder, ['validate', '--fix', '--json'])
  assert.is(after.code, 0)
  assert.is(readFileSync(file, 'utf8'), tidy.replace('wbe', 'web'))
  assert.equal(JSON.parse(after.stdout).fixes, [
    { code: 'MESH3105', file: 'spec/prod/mesh.yaml', line: 12, title: 'remove the second' },
    { code: 'MESH3105', file: 'spec/prod/mesh.yaml', line: 17, title: 'remove the second' },
  ])
  const third = await meshc(folder, ['validate', '--fix', '--json'])
  assert.equal(JSON.parse(third.stdout).fixes, [])
})

test('build --fix applies fixes first, as validate does, and builds the fixed specs', async () => {
  const folder = project({ 'spec/prod/mesh.yaml': untidy })
  const wrong = await meshc(folder, ['build', '--fix'])
  assert.is(wrong.code, 1)
  assert.match(wrong.stderr, /nothing in `out\/` was written/)
  const file = join(folder, 'spec/prod/mesh.yaml')
  writeFileSync(file, untidy.replace('wbe', 'web'))
  const { code, stdout, stderr } = await meshc(folder, ['build', '--fix'])
  assert.is(code, 0, stderr)
  assert.is(readFileSync(file, 'utf8'), tidy.replace('wbe', 'web'))
  assert.match(stderr, /^fixed MESH1011 at spec\/prod\/mesh\.yaml:8: write `timeout`$/m)
  assert.match(stdout, /^wrote \d+ files in out\/prod/)
  const again = await meshc(folder, ['build', '--fix', '--json'])
  assert.equal(JSON.parse(again.stdout).fixes, [])

  for (const [words, message] of [
    [['build', '--fix', '--check'], '`--fix` and `--check` are given both'],
    [['build', '--watch', '--fix'], '`--watch` and `--fix` are given both'],
  ] as const) {
    const refused = await meshc(folder, words)
    assert.is(refused.code, 2)
    assert.match(refused.stderr, message)
  }
})

test('--fix writes through a link within the project, and keeps the mode, the byte order mark and line ends', async () => {
  const text = `\ufeff${untidy.replace('wbe', 'web')}`.replaceAll('\n', '\r\n')
  const folder = project({ 'shared/mesh.yaml': text, 'spec/prod/readme.txt': '' })
  symlinkSync('../../shared/mesh.yaml', join(folder, 'spec/prod/mesh.yaml'))
  const mode = lstatSync(join(folder, 'shared/mesh.yaml')).mode
  const { code, stderr } = await meshc(folder, ['validate', '--fix'])
  assert.is(code, 0, stderr)
  const expected = `\ufeff${tidy.replace('wbe', 'web')}`.replaceAll('\n', '\r\n')
  assert.equal(getContent(folder), {
    'shared/mesh.yaml': expected,
    'spec/prod/mesh.yaml': '-> ../../shared/mesh.yaml',
    'spec/prod/readme.txt': '',
  })
  assert.is(lstatSync(join(folder, 'shared/mesh.yaml')).mode, mode)
})

test('--fix changes nothing outside of the project', async () => {
  const outside = project({ 'mesh.yaml': untidy })
  const folder = project({ 'spec/prod/readme.txt': '' })
  symlinkSync(join(outside, 'mesh.yaml'), join(folder, 'spec/prod/mesh.yaml'))
  const { code, stderr } = await meshc(folder, ['validate', '--fix'])
  assert.is(code, 1)
  assert.match(stderr, 'a symbolic link that leaves the project')
  assert.is(readFileSync(join(outside, 'mesh.yaml'), 'utf8'), untidy)
})

test('a suppressed finding is silent until its last day; the build never depends on the day', async () => {
  const folder = project({
    'spec/prod/mesh.yaml': `meshc: v1
mesh: shop
services:
  cart: { namespace: shop, port: { http: 8080 }, allow: [{ from: anyone }] }
suppress: [{ code: MESH3408, at: services.cart, because: moves in January, until: 2027-01-31 }]
manages: mesh
`,
  })
  const on = (year: number, month: number, day: number) => ({
    environment: { SOURCE_DATE_EPOCH: String(Date.UTC(year, month - 1, day) / 1000) },
  })
  const quiet = await meshc(folder, ['build'], on(2027, 1, 31))
  assert.is(quiet.code, 0)
  assert.is(quiet.stderr, '')
  const json = JSON.parse((await meshc(folder, ['validate', '--json'], on(2027, 1, 31))).stdout)
  assert.equal(json.diagnostics, [])
  assert.is(json.environments[0].suppressed[0].because, 'moves in January')
  const built = getContent(folder)
  const late = await meshc(folder, ['build'], on(2027, 2, 1))
  assert.is(late.code, 1)
  assert.match(late.stderr, /^error\[MESH5002\]: the suppression of `MESH3408` ended on 2027-01-31/m)
  assert.equal(getContent(folder), built)
  assert.is((await meshc(folder, ['build', '--check'], on(2020, 1, 1))).code, 0)
  const odd = await meshc(folder, ['build'], { environment: { SOURCE_DATE_EPOCH: 'tomorrow' } })
  assert.is(odd.code, 2)
  assert.match(odd.stderr, 'SOURCE_DATE_EPOCH is `tomorrow`')
})

test.run()
