import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { meshc } from '../support/meshc.ts'
import { getIdentities, project, write } from '../support/project.ts'

const test = suite('bin/schema')

const file = 'schema/mesh.schema.json'
const spec = (environment: string, ...services: readonly string[]) =>
  [
    `meshc: v1\nmesh: shop\nenvironment: ${environment}\ndelivery: { outputs: [] }\nservices:`,
    ...services.map(name => `  ${name}: { namespace: shop, port: { http: 8080 } }`),
    '',
  ].join('\n')
const specs = {
  'spec/dev/mesh.yaml': spec('dev', 'cart', 'web'),
  'spec/prod/mesh.yaml': spec('prod', 'cart'),
}

const getSchema = (folder: string) => readFileSync(join(folder, file), 'utf8')

test('--workspace writes the names of every layer to where specs look for the schema, once', async () => {
  const folder = project({
    'spec/base/mesh.yaml': `meshc: v1\nmesh: shop\ngateways:\n  public: { hosts: [app.example.com] }\n`,
    'spec/dev/mesh.yaml': `${spec('dev', 'cart', 'web')}extends: ../base/mesh.yaml\ninclude: [teams/*.yaml]\n`,
    'spec/dev/teams/pay.yaml': 'external:\n  stripe: { hosts: [api.stripe.com] }\n',
    'spec/prod/mesh.yaml': `${spec('prod', 'api')}extends: ../base/mesh.yaml\n`,
  })
  const first = await meshc(folder, ['schema', '--workspace'])
  assert.is(first.stderr, '')
  assert.is(first.stdout, `wrote ${file} with the names of 3 services, 1 gateway, 1 external system\n`)
  for (const name of [
    '"api"',
    '"cart"',
    '"web"',
    '"gateway/public"',
    '"external/stripe"',
    '"app.example.com"',
  ])
    assert.match(getSchema(folder), name)
  assert.equal(readdirSync(join(folder, 'schema')), ['mesh.schema.json'], 'nothing is left beside it')
  const before = getIdentities(folder)
  assert.is((await meshc(folder, ['schema', '--workspace'])).stdout, `${file} is up to date\n`)
  assert.equal(getIdentities(folder), before)
})

test('it reads as much as it can of specs that are wrong', async () => {
  const folder = project({ ...specs, 'spec/prod/mesh.yaml': 'services: { broken' })
  assert.is((await meshc(folder, ['schema', '--workspace'])).code, 0)
  assert.match(getSchema(folder), '"web"')
})

test('a build makes no schema, and does not change a schema without names', async () => {
  const folder = project(specs)
  assert.is((await meshc(folder, ['build'])).code, 0)
  assert.not(readdirSync(folder).includes('schema'))
  await meshc(folder, ['schema', '--output', 'mesh.schema.json'])
  write(folder, { [file]: readFileSync(join(folder, 'mesh.schema.json'), 'utf8') })
  const before = getIdentities(folder)[file]
  const { code, stdout } = await meshc(folder, ['build'])
  assert.is(code, 0)
  assert.not.match(stdout, file)
  assert.is(getIdentities(folder)[file], before)
  assert.is((await meshc(folder, ['build', '--check'])).code, 0)
})

test('a build updates the names, and --check reports stale names', async () => {
  const folder = project(specs)
  for (const words of [['schema', '--workspace'], ['build']]) assert.is((await meshc(folder, words)).code, 0)
  const before = getIdentities(folder)[file]
  const again = await meshc(folder, ['build'])
  assert.not.match(again.stdout, file)
  assert.is(getIdentities(folder)[file], before, 'what is fresh is not written')
  assert.is((await meshc(folder, ['build', '--check'])).code, 0)

  // A new service is in an environment that is not built.
  write(folder, { 'spec/dev/mesh.yaml': spec('dev', 'cart', 'web', 'payment') })
  const words = ['build', '--env', 'prod']
  const stale = await meshc(folder, [...words, '--check'])
  assert.is(stale.code, 1)
  assert.is(
    stale.stderr,
    `error: \`${file}\` is not what the specs make: editors offer names that are old\n  = help: run \`meshc build\` and commit what it writes\n`,
  )
  const { ok, schema } = JSON.parse((await meshc(folder, [...words, '--check', '--json'])).stdout)
  assert.equal([ok, schema], [false, { path: file, isFresh: false }])
  assert.not.match(getSchema(folder), '"payment"')

  const built = JSON.parse((await meshc(folder, [...words, '--json'])).stdout)
  assert.equal(built.schema, { path: file, isWritten: true })
  assert.match(getSchema(folder), '"payment"')
  assert.equal(JSON.parse((await meshc(folder, [...words, '--json'])).stdout).schema.isWritten, false)

  write(folder, { 'spec/dev/mesh.yaml': spec('dev', 'cart') })
  const { stdout } = await meshc(folder, ['build'])
  assert.match(stdout, `\nwrote ${file}\n`)
  assert.not.match(getSchema(folder), '"payment"')
})

test('a refused build does not change the schema', async () => {
  const folder = project(specs)
  await meshc(folder, ['schema', '--workspace'])
  const before = getSchema(folder)
  write(folder, { 'spec/dev/mesh.yaml': spec('dev', 'new').replace('http: 8080', 'http: 0') })
  assert.is((await meshc(folder, ['build'])).code, 1)
  assert.is(getSchema(folder), before)
})

test('a pipe in its place is not waited for', async () => {
  const folder = project({ ...specs, 'schema/README': '' })
  execFileSync('mkfifo', [join(folder, file)])
  assert.is((await meshc(folder, ['build'])).code, 0)
})

test('one that a merge has spoilt is made anew', async () => {
  const folder = project(specs)
  await meshc(folder, ['schema', '--workspace'])
  const before = getSchema(folder)
  write(folder, { [file]: before.replace('"cart"', '<<<<<<< ours\n"cart"\n=======\n"kart"\n>>>>>>> theirs') })
  assert.is((await meshc(folder, ['build'])).code, 0)
  assert.is(getSchema(folder), before)
})

test('an error names the cause of a failed write', async () => {
  const folder = project({ ...specs, schema: 'a file' })
  const { code, stderr } = await meshc(folder, ['schema', '--workspace'])
  assert.is(code, 2)
  assert.match(stderr, 'error: `schema` is a file, where meshc writes a folder')
  rmSync(join(folder, 'schema'))
  const both = await meshc(folder, ['schema', '--workspace', '--output', 'here.json'])
  assert.is(both.code, 2)
  assert.match(both.stderr, '`--workspace` and `--output` are given both')
  const nowhere = await meshc(project({}), ['schema', '--workspace'])
  assert.is(nowhere.code, 2)
  assert.match(nowhere.stderr, 'there is no `spec/` here')
})

test.run()
