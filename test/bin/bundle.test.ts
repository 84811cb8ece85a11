import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { bundle, meshc } from '../support/meshc.ts'
import { meshOf, project } from '../support/project.ts'

const test = suite('bin/bundle')
const root = join(import.meta.dirname, '../..')
const spec = { 'spec/prod/mesh.yaml': meshOf(3, 'prod') }

/** A copy of the package that holds only these files of dist/. */
function packageWith(...files: readonly string[]): string {
  const copy = project({})
  mkdirSync(join(copy, 'dist'))
  copyFileSync(join(root, 'package.json'), join(copy, 'package.json'))
  for (const file of files) copyFileSync(join(root, 'dist', file), join(copy, 'dist', file))
  return join(copy, 'dist/meshc.cjs')
}

test('it holds the packages that run, none that only make it, and their licences', async () => {
  await meshc(root, ['--version'])
  const inputs = execFileSync(process.execPath, ['bin/bundle.mjs', '--inputs'], {
    cwd: root,
    encoding: 'utf8',
  })
  const packages = inputs.split('\n').flatMap(path => /^node_modules\/([^/]+)\//.exec(path)?.[1] ?? [])
  assert.equal([...new Set(packages)].sort(), ['cac', 'js-yaml', 're2js'])
  const licences = readFileSync(join(root, 'dist/LICENSES.txt'), 'utf8')
  for (const name of packages) assert.match(licences, new RegExp(`^${name} \\d.*\\(`, 'm'))
})

test('what every start reads is small', async () => {
  await meshc(root, ['--version'])
  const { size } = statSync(join(root, 'dist/main.cjs'))
  assert.ok(size < 400 * 1024, `${size} bytes`)
})

test('a shell can run it', () => {
  assert.match(readFileSync(bundle, 'utf8'), /^#!\/usr\/bin\/env node\n/)
  assert.match(execFileSync(bundle, ['--version'], { encoding: 'utf8' }), /^meshc\//)
})

test('what a command does not use is not loaded', async () => {
  const start = packageWith('meshc.cjs', 'main.cjs')
  assert.is((await meshc(root, ['--version'], { bundle: start })).code, 0)
  assert.is((await meshc(root, ['build', '--help'], { bundle: start })).code, 0)
  assert.is((await meshc(root, ['explain', 'defaults'], { bundle: start })).code, 0)
  const build = packageWith('meshc.cjs', 'main.cjs', 'mesh-validator.cjs')
  assert.is((await meshc(project(spec), ['build'], { bundle: build })).code, 0)
  const verify = await meshc(project(spec), ['build', '--verify'], { bundle: build })
  assert.is(verify.code, 2)
  assert.match(verify.stderr, 'target-validators')
})

test('the package holds what meshc needs at run time, and nothing else', () => {
  const words = ['pack', '--dry-run', '--json', '--ignore-scripts']
  const [{ files }] = JSON.parse(
    execFileSync('npm', words, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }),
  )
  const paths: readonly string[] = files.map(({ path }: { path: string }) => path)
  const expected = [
    'LICENSE',
    'README.md',
    'package.json',
    'dist/LICENSES.txt',
    'dist/meshc.cjs',
    'schema/mesh.schema.json',
    'docs/diagnostics/MESH1001.md',
  ]
  for (const path of expected) assert.ok(paths.includes(path), path)
  const places =
    /^(LICENSE|README\.md|package\.json|schema\/mesh\.schema\.json|dist\/[\w-]+\.(cjs|txt)|docs\/diagnostics\/[\w-]+\.md)$/
  assert.equal(
    paths.filter(path => !places.test(path)),
    [],
  )
})

test.run()
