import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { commands } from '../../bin/commands/index.ts'
import { meshc } from '../support/meshc.ts'
import { getMesh, project } from '../support/project.ts'

const test = suite('bin/cli')
const root = join(import.meta.dirname, '../..')

const shop = () =>
  project({ 'spec/prod/mesh.yaml': getMesh(2, 'prod'), 'spec/dev/mesh.yaml': getMesh(2, 'dev') })
const broken = getMesh(2, 'prod').replace('from: service-0', 'from: servce-0')

const deadRoute = `apiVersion: v1
kind: Service
metadata: { name: cart, namespace: shop }
spec: { selector: { app: cart }, ports: [{ name: http, port: 80 }] }
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: cart, namespace: shop }
spec:
  hosts: [cart]
  http:
    - route: [{ destination: { host: cart } }]
    - match: [{ uri: { prefix: /never } }]
      route: [{ destination: { host: cart } }]
`

test('without a command, and with --help, the commands are listed on stdout', async () => {
  for (const words of [[], ['--help'], ['-h']]) {
    const { code, stdout, stderr } = await meshc(root, words)
    assert.is(code, 0)
    assert.is(stderr, '')
    for (const command of ['init', 'build', 'validate', 'explain', 'schema'])
      assert.match(stdout, `  ${command}`)
    assert.match(stdout, 'Exit codes')
  }
})

test('the help of a command begins with its sentence, and `meshc help` is another way to it', async () => {
  for (const { name, summary, exitCodes } of commands) {
    const { code, stdout } = await meshc(root, [name, '--help'])
    assert.is(code, 0)
    assert.ok(stdout.startsWith(`${summary}\n\nUsage:\n  $ meshc ${name}`), stdout)
    assert.match(stdout, 'Examples:')
    for (const [status, says] of Object.entries(exitCodes)) assert.match(stdout, `\n  ${status}  ${says}\n`)
    assert.is((await meshc(root, ['help', name])).stdout, stdout)
  }
  assert.match((await meshc(root, ['build', '--help'])).stdout, '--verify')
  assert.is((await meshc(root, ['help'])).stdout, (await meshc(root, [])).stdout)
  const wrong = await meshc(root, ['help', 'buidl'])
  assert.is(wrong.code, 2)
  assert.match(wrong.stderr, 'did you mean `build`')
})

test('a command ends with the codes that its help lists, each', async () => {
  const folder = project({
    'spec/prod/mesh.yaml': getMesh(2, 'prod'),
    'spec/dev/mesh.yaml': `${getMesh(2, 'dev')}unknown: 1\n`,
    'dead/mesh.yaml': deadRoute,
  })
  await meshc(folder, ['build', '--env', 'prod'])
  const prod = ['--env', 'prod']
  const dev = ['--env', 'dev']
  const calls: Readonly<Record<string, readonly (readonly [code: number, words: readonly string[]])[]>> = {
    init: [
      [0, ['fresh']],
      [2, ['--mesh']],
    ],
    build: [
      [0, prod],
      [1, dev],
      [2, ['--env', 'nowhere']],
    ],
    validate: [
      [0, prod],
      [1, dev],
      [2, ['--env', 'nowhere']],
    ],
    explain: [
      [0, ['MESH1001']],
      [2, ['MESH0']],
    ],
    why: [
      [0, [...prod, 'services.service-0']],
      [1, [...dev, 'services.service-0']],
      [2, [...prod, 'nowhere.yaml:1']],
    ],
    impact: [
      [0, [...prod, 'spec/prod/mesh.yaml:4']],
      [1, [...dev, 'spec/dev/mesh.yaml:4']],
      [2, [...prod, 'nowhere.yaml:1']],
    ],
    trace: [
      [0, [...prod, '--from', 'service-1', '--to', 'service-0']],
      [1, [...prod, '--from', 'anyone', '--to', 'service-0']],
      [1, [...dev, '--from', 'service-1', '--to', 'service-0']],
      [2, [...prod, '--from', 'nobody', '--to', 'service-0']],
    ],
    can: [
      [0, [...prod, 'service-1', 'service-0']],
      [1, [...prod, 'anyone', 'service-0']],
      [2, [...prod, 'nobody', 'service-0']],
    ],
    lint: [
      [0, prod],
      [1, ['--manifests', 'dead']],
      [2, ['--env', 'nowhere']],
    ],
    schema: [
      [0, []],
      [2, ['--output', 'no/such/folder.json']],
    ],
    completion: [
      [0, ['bash']],
      [2, ['bsh']],
    ],
  }
  // Commands that need more than a folder have their own tests: diff.test.ts, locate.test.ts, doctor.test.ts,
  // lsp/server.test.ts.
  for (const [name, typed] of Object.entries(calls))
    for (const [expected, words] of typed) {
      const { code, stdout, stderr } = await meshc(folder, [name, ...words])
      assert.is(code, expected, `${name} ${words.join(' ')}: ${stdout}${stderr}`)
      const { exitCodes = {} } = commands.find(command => command.name === name) ?? {}
      assert.ok(String(expected) in exitCodes, `${name} ends with ${expected}`)
    }
})

test('--version tells the version of the package', async () => {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const { code, stdout } = await meshc(root, ['--version'])
  assert.is(code, 0)
  assert.match(stdout, `meshc/${version}`)
})

test('a wrong call ends with 2 and proposes what was meant', async () => {
  const folder = shop()
  const calls: readonly (readonly [string, RegExp])[] = [
    ['buidl', /no command `buidl`\n.*did you mean `build`/],
    ['xylophone', /no command `xylophone`\n.*`init`, `import`, `build`, .*`schema`/],
    ['--versoin', /no option `--versoin`\n.*did you mean `--version`/],
    ['build --verfy', /no option `--verfy`\n.*did you mean `--verify`/],
    ['build -x', /no option `-x`/],
    ['build prod', /takes no argument `prod`\n.*`--env prod`/],
    ['schema a b', /takes no argument `a`/],
    ['build --env', /--env/],
    ['build --env=', /--env/],
    ['build --env.name prod', /--env/],
    ['build --env prd', /no environment `prd`\n.*did you mean `prod`/],
    ['build --env elsewhere', /no environment `elsewhere`\n.*`dev` and `prod`/],
    ['build --env ../prod', /no environment `..\/prod`/],
    ['build --env __proto__', /no environment `__proto__`/],
    ['validate --env prd', /did you mean `prod`/],
    ['build --project nowhere', /no folder `nowhere`/],
    ['build --project spec', /`spec` has no folder `spec\/`/],
    ['build --project a --project b', /given 2 times/],
    ['explain MESH100', /nothing to explain under `MESH100`\n.*did you mean `MESH100\d`/],
    ['explain default:timeuot', /did you mean `default:timeout`/],
    ['explain __proto__', /nothing to explain/],
    ['explain services.x.__proto__', /has no field `__proto__`/],
  ]
  for (const [call, expected] of calls) {
    const { code, stdout, stderr } = await meshc(folder, call.split(' '))
    assert.is(code, 2, `${call}: ${stdout}${stderr}`)
    assert.is(stdout, '', call)
    assert.match(stderr, expected)
    assert.not.match(stderr, /^ +at /m)
  }
  assert.not.ok(existsSync(join(folder, 'out')))
})

test('the project is the nearest folder above with spec/, or what --project names', async () => {
  const folder = shop()
  mkdirSync(join(folder, 'docs/deep'), { recursive: true })
  assert.is((await meshc(join(folder, 'docs/deep'), ['build', '--env', 'prod'])).code, 0)
  assert.ok(existsSync(join(folder, 'out/prod/meshc.lock.json')))
  assert.is((await meshc('/', ['build', '--env', 'dev', '--project', folder])).code, 0)
  assert.ok(existsSync(join(folder, 'out/dev/meshc.lock.json')))
})

test('a folder without spec, and a spec without mesh.yaml, end with 2 and a way out', async () => {
  const none = await meshc(project({ 'README.md': '' }), ['build'])
  assert.is(none.code, 2)
  assert.match(none.stderr, /no `spec\/` here or in a folder above\n.*spec\/prod\/mesh\.yaml/)
  const empty = await meshc(project({ 'spec/prod/readme.txt': '' }), ['build'])
  assert.is(empty.code, 2)
  assert.match(empty.stderr, /no folder in `spec\/` has a `mesh.yaml`\n.*spec\/prod\/mesh\.yaml/)
  const named = await meshc(project({ 'spec/prod/readme.txt': '' }), ['build', '--env', 'prod'])
  assert.is(named.code, 2)
  assert.match(named.stderr, /no environment `prod`\n.*spec\/prod\/mesh\.yaml/)
})

test('environments are the specs that no other extends, or that name one, and the examples', async () => {
  const extending = (environment: string, base: string) =>
    `meshc: v1\nenvironment: ${environment}\nextends: ${base}\n`
  const folder = project({
    'spec/base/mesh.yaml': getMesh(2, 'base').replace('environment: base\n', ''),
    'spec/prod/mesh.yaml': extending('prod', '../base/mesh.yaml'),
    'spec/prod-eu/mesh.yaml': `{ meshc: v1, environment: prod-eu, extends: "../prod/mesh.yaml" }\n`,
    'spec/examples/small/mesh.yaml': getMesh(1, 'small').replace('environment: small\n', ''),
    'spec/notes/README.md': 'no spec',
    'spec/.hidden/mesh.yaml': 'meshc: v1\n',
  })
  const { code, stdout } = await meshc(folder, ['validate', '--json'])
  assert.is(code, 0)
  const names = JSON.parse(stdout).environments.map(({ environment }: { environment: string }) => environment)
  assert.equal(names, ['examples/small', 'prod', 'prod-eu'])
  const layer = await meshc(folder, ['build', '--env', 'base'])
  assert.is(layer.code, 2)
  assert.match(layer.stderr, /`base` is a layer that others extend.*\n.*build `prod`/)
  assert.is((await meshc(folder, ['build', '--env', 'examples/small'])).code, 0)
  assert.ok(existsSync(join(folder, 'out/examples/small/meshc.lock.json')))
})

test('validate: diagnostics on stderr with the line, exit code 1, nothing written', async () => {
  const folder = project({ 'spec/prod/mesh.yaml': broken })
  const { code, stdout, stderr } = await meshc(folder, ['validate'])
  assert.is(code, 1)
  assert.is(stdout, '')
  assert.match(stderr, /^error\[MESH2\d\d\d\]: .*`servce-0`/m)
  assert.match(stderr, /--> spec\/prod\/mesh\.yaml:13:21/)
  assert.match(stderr, /did you mean `service-0`\?/)
  assert.match(stderr, /= see `meshc explain MESH2\d\d\d`/)
  assert.match(stderr, /error: 1 error in `prod`\n$/)
  assert.not.ok(existsSync(join(folder, 'out')))
})

test('validate of a clean spec counts its parts', async () => {
  const { code, stdout, stderr } = await meshc(shop(), ['validate', '--env', 'prod'])
  assert.is(code, 0)
  assert.match(stdout, /^prod is valid: 2 services, 0 gateways, 0 external systems\n$/)
  assert.is(stderr, '')
})

test('--json prints one document on stdout and nothing else', async () => {
  const folder = project({ 'spec/prod/mesh.yaml': broken })
  for (const command of ['validate', 'build']) {
    const { code, stdout, stderr } = await meshc(folder, [command, '--json'])
    assert.is(code, 1)
    assert.is(stderr, '')
    const document = JSON.parse(stdout)
    assert.is(document.ok, false)
    assert.is(document.diagnostics.length, 1)
    const [{ file, line, column, endColumn, severity, help }] = document.diagnostics
    assert.equal(
      { file, line, column, endColumn },
      { file: 'spec/prod/mesh.yaml', line: 13, column: 21, endColumn: 29 },
    )
    assert.is(severity, 'error')
    assert.match(help, 'service-0')
  }
  const wrong = await meshc(folder, ['build', '--json', '--env', 'prd'])
  assert.is(wrong.code, 2)
  assert.is(wrong.stderr, '')
  assert.equal(JSON.parse(wrong.stdout), {
    ok: false,
    failure: { message: 'there is no environment `prd`', help: 'did you mean `prod`?', paths: [] },
  })
})

test('a diagnostic that several environments share is printed once', async () => {
  const layer = broken.replace('environment: prod\n', '')
  const extending = (environment: string) =>
    `meshc: v1\nenvironment: ${environment}\nextends: ../base/mesh.yaml\n`
  const folder = project({
    'spec/base/mesh.yaml': layer,
    'spec/dev/mesh.yaml': extending('dev'),
    'spec/prod/mesh.yaml': extending('prod'),
  })
  const { code, stderr } = await meshc(folder, ['validate'])
  assert.is(code, 1)
  assert.is(stderr.match(/^error\[/gm)?.length, 1)
  assert.match(stderr, /1 error in `dev` and `prod`/)
})

test('without a terminal, the output has colour only on request', async () => {
  const folder = project({ 'spec/prod/mesh.yaml': broken })
  const colorful = async (environment: Record<string, string>) =>
    (await meshc(folder, ['validate'], { environment })).stderr.includes('\u001b[')
  assert.is(await colorful({}), false)
  assert.is(await colorful({ FORCE_COLOR: '1' }), true)
  assert.is(await colorful({ FORCE_COLOR: '0' }), false)
  assert.is(await colorful({ NO_COLOR: '1' }), false)
  assert.is(await colorful({ NO_COLOR: '1', FORCE_COLOR: '1' }), true)
})

test('explain shows the page of a code, however it is written', async () => {
  for (const topic of ['MESH1002', 'mesh1002', '1002']) {
    const { code, stdout } = await meshc(root, ['explain', topic])
    assert.is(code, 0)
    assert.match(stdout, 'MESH1002')
    assert.not.match(stdout, /^#|```/m)
  }
})

test('explain lists the diagnostics, the defaults and the policies', async () => {
  const codes = await meshc(root, ['explain'])
  assert.is(codes.code, 0)
  assert.match(codes.stdout, /^ {2}MESH1001 {2}\S/m)
  assert.match(codes.stdout, /^Spec files\n\n {2}MESH1001/)
  assert.match(codes.stdout, /^Allowed callers\n\n {2}MESH3401/m)
  assert.match(codes.stdout, /^ {2}MESH3402 .* \(warning\)$/m)
  const defaults = await meshc(root, ['explain', 'defaults'])
  assert.match(defaults.stdout, /default:timeout .*30s/)
  assert.match(defaults.stdout, /^ +defaults\.timeout$/m)
  assert.match(defaults.stdout, /policy:deny-by-default/)
  const run = await meshc(root, ['explain', 'default:timeout'])
  assert.match(run.stdout, '`defaults.timeout` sets something else')
})

test('explain describes a field of a spec', async () => {
  const timeout = await meshc(root, ['explain', 'services.x.timeout'])
  assert.is(timeout.code, 0)
  assert.is(
    timeout.stdout,
    `services.x.timeout

The time that a caller waits for a response, retries included; \`none\` for streams.

It is a duration or \`none\`, such as \`5s\`.
Default: a request takes 30s at most; \`defaults.timeout\` sets it for all.

Words:

  none  No limit, for streams
`,
  )
  const retries = await meshc(root, ['explain', 'defaults.retries'])
  assert.match(retries.stdout, /^It is a map or `none` or `istio-default`, such as /m)
  assert.match(retries.stdout, /^ {2}istio-default {2}The default retries of Istio: two, /m)
  const access = await meshc(root, ['explain', 'access'])
  assert.match(access.stdout, /^ {2}open {6}A service without `allow` allows every caller/m)
  const allow = await meshc(root, ['explain', 'services.x.allow[0]'])
  assert.match(allow.stdout, /^Fields in it:\n\n {2}from +The allowed caller$/m)
  assert.equal(JSON.parse((await meshc(root, ['explain', 'mtls', '--json'])).stdout).defaults, [
    'mTLS is strict',
  ])
  const wrong = await meshc(root, ['explain', 'services.x.timeuot'])
  assert.is(wrong.code, 2)
  assert.match(wrong.stderr, /`services\.x` has no field `timeuot`\n.*did you mean `timeout`/)
})

test('explain --json has the same for programs', async () => {
  const json = async (...words: readonly string[]) =>
    JSON.parse((await meshc(root, ['explain', ...words, '--json'])).stdout)
  const all = await json()
  assert.equal(all.diagnostics[0], {
    code: 'MESH1001',
    severity: 'error',
    summary: 'A spec is well-formed YAML',
    group: 'Spec files',
    covers: [],
  })
  assert.equal((await json('defaults')).decisions, all.decisions)
  const first = await json('mesh3402')
  assert.is(first.severity, 'warning')
  assert.match(first.page, /^# MESH3402: /)
  assert.is((await json('default:timeout')).set, 'defaults.timeout')
  const none = await meshc(root, ['explain', 'MESH3999', '--json'])
  assert.is(none.code, 2)
  assert.match(JSON.parse(none.stdout).failure.help, 'did you mean `MESH3')
})

test('schema prints the JSON Schema that editors read', async () => {
  const { code, stdout } = await meshc(root, ['schema'])
  assert.is(code, 0)
  assert.is(stdout, readFileSync(join(root, 'schema/mesh.schema.json'), 'utf8'))
  const folder = project({})
  assert.is((await meshc(folder, ['schema', '--output', 'mesh.schema.json'])).code, 0)
  assert.is(readFileSync(join(folder, 'mesh.schema.json'), 'utf8'), stdout)
  const refused = await meshc(folder, ['schema', '--output', 'no/such/folder.json'])
  assert.is(refused.code, 2)
  assert.match(refused.stderr, /cannot be written: there is no such file/)
})

test.run()
