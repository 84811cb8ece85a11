import { execFileSync, spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import nodeModule from 'node:module'
import { dirname, join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { bundle, meshc } from '../support/meshc.ts'
import { getContent, getMesh, pathsIn, project } from '../support/project.ts'

const test = suite('bin/bundle')
const root = join(import.meta.dirname, '../..')
const spec = { 'spec/prod/mesh.yaml': getMesh(3, 'prod') }
const documented = { 'spec/prod/mesh.yaml': getMesh(3, 'prod').replace('outputs: []', 'outputs: [docs]') }

/** Makes a copy of the package with only these files of dist/, and with the schema that explains mistakes. */
function packageWith(...files: readonly string[]): string {
  const copy = project({})
  mkdirSync(join(copy, 'dist'))
  copyFileSync(join(root, 'package.json'), join(copy, 'package.json'))
  mkdirSync(join(copy, 'schema/generated'), { recursive: true })
  copyFileSync(join(root, 'schema/generated/mesh-shape.json'), join(copy, 'schema/generated/mesh-shape.json'))
  for (const file of files) copyFileSync(join(root, 'dist', file), join(copy, 'dist', file))
  return join(copy, 'dist/meshc.cjs')
}

test('it holds the packages for run time, no packages for its build, and the licences', async () => {
  await meshc(root, ['--version'])
  const inputs = execFileSync(process.execPath, ['bin/build/bundle.mjs', '--inputs'], {
    cwd: root,
    encoding: 'utf8',
  })
  const packages = inputs
    .split('\n')
    .flatMap(path => /^node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? [])
  assert.equal([...new Set(packages)].sort(), [
    '@dagrejs/dagre',
    '@marcbachmann/cel-js',
    'cac',
    'diff',
    'ipaddr.js',
    'js-yaml',
    'liquidjs',
    'node-diff3',
    'preact',
    're2js',
    'typedfastbitset',
    'vscode-jsonrpc',
    'vscode-languageserver',
    'vscode-languageserver-protocol',
    'vscode-languageserver-textdocument',
    'vscode-languageserver-types',
    'yaml',
  ])
  const licences = readFileSync(join(root, 'dist/LICENSES.txt'), 'utf8')
  for (const name of packages) assert.match(licences, new RegExp(`^${name} \\d.*\\(`, 'm'))
})

test('the code that every start reads is small', async () => {
  await meshc(root, ['--version'])
  for (const [name, most] of [
    ['meshc.cjs', 8],
    ['cli.cjs', 56],
    ['runs.cjs', 736],
  ] as const) {
    const { size } = statSync(join(root, 'dist', name))
    assert.ok(size < most * 1024, `${name} has ${size} bytes`)
  }
})

test('the page of a map is small, so that a page is mostly its mesh', async () => {
  await meshc(root, ['--version'])
  const sizes = ['map-page.js', 'map-page.css'].map(name => statSync(join(root, 'dist', name)).size)
  const size = sizes.reduce((sum, part) => sum + part, 0)
  assert.ok(size < 900_000, `${size} bytes`)
})

test('a shell can run it', () => {
  assert.match(readFileSync(bundle, 'utf8'), /^#!\/usr\/bin\/env node\n/)
  assert.match(execFileSync(bundle, ['--version'], { encoding: 'utf8' }), /^meshc\//)
})

test('a command loads only the code that it uses', async () => {
  const start = packageWith('meshc.cjs', 'cli.cjs')
  assert.is((await meshc(root, ['--version'], { bundle: start })).code, 0)
  assert.is((await meshc(root, ['build', '--help'], { bundle: start })).code, 0)
  assert.is((await meshc(root, ['bild'], { bundle: start })).code, 2)
  assert.is((await meshc(root, ['completion', 'bash', '--words', 'meshc\nb'], { bundle: start })).code, 0)
  const build = packageWith('meshc.cjs', 'cli.cjs', 'runs.cjs', 'mesh-validator.cjs')
  const explained = await meshc(root, ['explain', 'defaults'], { bundle: build })
  assert.is(explained.code, 2)
  assert.match(explained.stderr, 'answers.cjs')
  assert.is((await meshc(project(spec), ['build'], { bundle: build })).code, 0)
  const verify = await meshc(project(spec), ['build', '--verify'], { bundle: build })
  assert.is(verify.code, 2)
  assert.match(verify.stderr, 'target-validators')
  const documents = await meshc(project(documented), ['build'], { bundle: build })
  assert.is(documents.code, 2)
  assert.match(documents.stderr, 'documents')
  const templated = {
    'spec/prod/mesh.yaml': getMesh(3, 'prod').replace(
      'outputs: []',
      'documents: { A.md: templates/a.liquid }',
    ),
    'templates/a.liquid': '{{ mesh.name }}',
  }
  const templates = await meshc(project(templated), ['build'], { bundle: build })
  assert.is(templates.code, 2)
  assert.match(templates.stderr, 'templates.cjs')
  const trace = await meshc(project(spec), ['trace', '--to', 'service-0'], { bundle: build })
  assert.is(trace.code, 2)
  assert.match(trace.stderr, 'questions.cjs')
  const environments = { 'spec/a/mesh.yaml': getMesh(2, 'a'), 'spec/b/mesh.yaml': getMesh(2, 'b') }
  const diff = await meshc(project(environments), ['diff', '--env', 'a..b'], { bundle: build })
  assert.is(diff.code, 1)
  assert.match(diff.stderr, 'questions.cjs')
  const server = await meshc(project(spec), ['lsp'], { bundle: build })
  assert.is(server.code, 2)
  assert.match(server.stderr, 'lsp.cjs')
})

/** True if Node keeps compiled code in its own folder, as Node 22.1 and later do. */
const keepsItself = 'enableCompileCache' in nodeModule
const modules = ['cli.cjs', 'runs.cjs', 'mesh-validator.cjs']
const makePackage = () => packageWith('meshc.cjs', ...modules)

/**
 * A module that is loaded before meshc. It reports how each module was compiled: from source, or from code
 * that V8 accepted or rejected.
 */
const spy = join(
  project({
    'spy.cjs': `
      const vm = require('node:vm')
      vm.Script = class extends vm.Script {
        constructor(source, options) {
          super(source, options)
          const how = { undefined: 'source', false: 'accepted', true: 'rejected' }[this.cachedDataRejected]
          const line = require('node:path').basename(options.filename) + ' ' + how + '\\n'
          process.on('exit', () => process.stderr.write(line))
        }
      }`,
  }),
  'spy.cjs',
)

/** Makes a copy of the package, and runs it as bin/build/bundle.mjs does. */
async function warmPackage(): Promise<string> {
  const start = makePackage()
  const options = { bundle: start, environment: { MESHC_WARM_UP: '1' } }
  for (const words of [['--help'], ['build']]) assert.is((await meshc(project(spec), words, options)).code, 0)
  return start
}

/** Returns the answers and files of meshc, which do not depend on compiled code. */
async function behaviour(start: string, node: readonly string[] = []) {
  const folder = project(spec)
  const options = { bundle: start, node }
  const { code } = await meshc(folder, ['build'], options)
  const runs = [
    await meshc(folder, ['--help'], options),
    await meshc(folder, ['build', '--check'], options),
    await meshc(project({ 'spec/prod/mesh.yaml': 'meshc: v1\nmesh: 7\n' }), ['validate'], options),
    await meshc(folder, ['bild'], options),
  ]
  return { code, others: runs, content: getContent(folder) }
}

/** Returns how the modules were compiled in a build. */
async function compiled(start: string, node: readonly string[] = []): Promise<readonly string[]> {
  const { code, stderr } = await meshc(project(spec), ['build'], {
    bundle: start,
    node: ['--require', spy, ...node],
  })
  assert.is(code, 0)
  return stderr.split('\n').filter(line => line !== '')
}

/** Returns the output of the spy if all modules were compiled in this way. */
const all = (how: string) => (keepsItself ? [] : modules.map(name => `${name} ${how}`))

test('a Node with cached compiled code uses it, and the results are the same as without', async () => {
  const cold = makePackage()
  const expected = await behaviour(cold)
  assert.equal(
    expected.others.map(({ code }) => code),
    [0, 0, 1, 2],
  )
  assert.equal(await compiled(cold), all('source'))
  assert.equal(pathsIn(dirname(cold)), ['cli.cjs', 'mesh-validator.cjs', 'meshc.cjs', 'runs.cjs'])

  const warm = await warmPackage()
  assert.is(pathsIn(dirname(warm)).filter(path => path.endsWith('.cache')).length, keepsItself ? 0 : 3)
  assert.equal(await compiled(warm), all('accepted'))
  assert.equal(await behaviour(warm), expected)

  // The code that V8 makes depends on its flags.
  assert.equal(await compiled(warm, ['--no-opt']), all('rejected'))
  assert.equal(await behaviour(warm, ['--no-opt']), expected)
})

test('damaged compiled code and compiled code of another file are not used', async () => {
  const warm = await warmPackage()
  const expected = await behaviour(warm)
  const caches = modules.map(name => join(dirname(warm), name.replace('.cjs', '.cache')))
  const [commandLine, main, validator] = caches.map(path =>
    keepsItself ? new Uint8Array(1000) : readFileSync(path),
  ) as [Uint8Array, Uint8Array, Uint8Array]
  const flipped = (bytes: Uint8Array) =>
    bytes.map((byte, index) => (index === bytes.length >> 1 ? byte ^ 1 : byte))
  const wrong: readonly (readonly Uint8Array[])[] = [
    [flipped(commandLine), flipped(main), flipped(validator)],
    [commandLine.subarray(1), main.subarray(0, -1), validator.subarray(0, 40)],
    [new Uint8Array(1), new Uint8Array(0), new Uint8Array(31)],
    [main, validator, commandLine],
  ]
  for (const contents of wrong) {
    caches.forEach((path, index) => {
      writeFileSync(path, contents[index]!)
    })
    assert.equal(await compiled(warm), all('source'))
    assert.equal(await behaviour(warm), expected)
  }
  for (const path of caches) {
    rmSync(path)
    mkdirSync(path)
  }
  assert.equal(await compiled(warm), all('source'))
})

test('a changed module of the same length is compiled again', async () => {
  const warm = await warmPackage()
  const runs = join(dirname(warm), 'runs.cjs')
  const text = readFileSync(runs, 'utf8')
  writeFileSync(runs, text.replace(' is not what the spec makes', ' IS NOT WHAT THE SPEC MAKES'))
  const { stderr } = await meshc(project(spec), ['build', '--check'], { bundle: warm })
  assert.match(stderr, 'IS NOT WHAT THE SPEC MAKES')
})

test('a stack trace names the files and places that Node names', async () => {
  const options = { environment: { MESHC_TRACE: '1' } }
  // Without target-validators.cjs, --verify fails in runs.cjs.
  const warm = await warmPackage()
  const places = async (bundle: string) => {
    const { code, stderr } = await meshc(project(spec), ['build', '--verify'], { ...options, bundle })
    assert.is(code, 2)
    return [...stderr.matchAll(/\(?(\/\S*\bruns\.cjs:\d+:\d+)\)?$/gm)].map(([, place]) => place)
  }
  const plain = join(dirname(warm), 'plain.cjs')
  writeFileSync(plain, "require('./cli.cjs').runMeshc()")
  const direct = (await places(plain)).filter(place => place !== undefined)
  assert.ok(direct.length > 1)
  assert.equal(await places(warm), direct)
})

test('it is made too where meshc cannot be run once', () => {
  const { status, stderr } = spawnSync(process.execPath, ['bin/build/bundle.mjs'], {
    cwd: root,
    env: { ...process.env, TMPDIR: join(project({}), 'none') },
    encoding: 'utf8',
  })
  assert.is(status, 0)
  assert.match(stderr, /^meshc will start slower, as its first run failed: .*\n$/)
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
    'dist/index.cjs',
    'dist/map-page.css',
    'dist/map-page.js',
    'dist/types/package.json',
    'dist/types/compiler/index.d.ts',
    'schema/crds.json',
    'schema/generated/mesh-shape.json',
    'schema/istio-settings.json',
    'schema/manifests.schema.json',
    'schema/mesh.schema.json',
    'docs/diagnostics/MESH1001.md',
    'templates/init/.github/workflows/mesh.yml',
    'templates/init/gitignore',
  ]
  for (const path of expected) assert.ok(paths.includes(path), path)
  const places =
    /^(LICENSE|README\.md|package\.json|schema\/(crds|istio-settings|manifests\.schema|mesh\.schema|generated\/mesh-shape)\.json|dist\/([\w-]+\.(cjs|txt)|map-page\.(css|js))|dist\/types\/(package\.json|compiler\/[\w/-]+\.d\.ts)|docs\/diagnostics\/[\w-]+\.md|templates\/(init|completion)\/.+)$/
  assert.equal(
    paths.filter(path => !places.test(path)),
    [],
  )
})

test.run()
