import { chmodSync, mkdirSync, readFileSync, statSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { ended, meshc, startMeshc } from '../support/meshc.ts'
import { getContent, pathsIn, project, write } from '../support/project.ts'
import { unprivileged } from '../support/unprivileged.ts'

const test = suite('bin/init')

const files = [
  '.gitattributes',
  '.github/CODEOWNERS.example',
  '.github/workflows/mesh.yml',
  '.github/workflows/review.yml',
  '.gitignore',
  '.pre-commit-config.yaml',
  '.vscode/extensions.json',
  '.vscode/settings.json',
  'README.md',
  'package.json',
  'schema/mesh.schema.json',
  'scripts/istioctl.sh',
  'scripts/review-page.sh',
  'scripts/review.sh',
  'scripts/validate.sh',
  'spec/base/mesh.yaml',
  'spec/dev/mesh.yaml',
  'spec/prod/mesh.yaml',
]

/** The words of a call that sets every name. */
const named = [
  ...['--mesh', 'bakery', '--namespace', 'bread', '--host', 'bread.example.org'],
  ...['--repository', 'https://git.example.org/bakery.git'],
]

test('in an empty folder it asks nothing, and its files build without a warning', async () => {
  const parent = project({})
  const { code, stdout, stderr } = await meshc(parent, ['init', 'My Shop'])
  assert.is(stderr, '')
  assert.is(code, 0)
  assert.match(stdout, `wrote ${files.length} files in ${parent}/My Shop\n`)
  assert.match(stdout, "  cd 'My Shop'\n  npm install ")
  const folder = join(parent, 'My Shop')
  assert.equal(Object.keys(getContent(folder)).sort(), [...files].sort())
  assert.match(readFileSync(join(folder, 'spec/base/mesh.yaml'), 'utf8'), /^mesh: my-shop$/m)

  for (const words of [['validate'], ['build', '--verify'], ['build', '--check']]) {
    const run = await meshc(folder, words)
    assert.is(run.code, 0, run.stderr)
    assert.is(run.stderr, '', words.join(' '))
  }
  const { environments } = JSON.parse((await meshc(folder, ['validate', '--json'])).stdout)
  assert.equal(
    environments.map(({ environment }: { environment: string }) => environment),
    ['dev', 'prod'],
  )
})

test('the names that are given stand everywhere, and those of the templates nowhere', async () => {
  const folder = project({})
  assert.is((await meshc(folder, ['init', ...named])).code, 0)
  assert.is((await meshc(folder, ['build'])).code, 0)
  const content = getContent(folder)
  delete content['schema/mesh.schema.json'] // its examples are its own
  const texts = Object.values(content).join('\n')
  for (const word of ['my-mesh', 'my-namespace', 'app.example.com', 'git.example.com', '0.0.0'])
    assert.not.match(texts, word)
  assert.match(content['spec/base/mesh.yaml']!, /^mesh: bakery$[\s\S]*namespace: bread$/m)
  for (const name of ['dev', 'prod']) {
    const root = content[`out/${name}/argocd/root.yaml`]!
    assert.match(root, `name: bakery-${name}-root\n`)
    assert.match(root, 'repoURL: https://git.example.org/bakery.git\n')
    assert.match(root, `path: out/${name}/argocd\n`)
  }
  // A name that stands for the owner is in no registry.
  assert.is(JSON.parse(content['package.json']!).devDependencies, undefined)
  assert.ok(Object.keys(content).some(path => path.startsWith('out/prod/manifests/bread/')))
})

test('a name that looks like an example of another is not replaced in turn', async () => {
  const folder = project({})
  assert.is((await meshc(folder, ['init', '--mesh', 'my-namespace', '--namespace', 'my-mesh'])).code, 0)
  const spec = readFileSync(join(folder, 'spec/base/mesh.yaml'), 'utf8')
  assert.match(spec, /^mesh: my-namespace$[\s\S]*namespace: my-mesh$/m)
})

test('the editor finds the schema without a network, and it is that of this meshc, with the names of the specs', async () => {
  const folder = project({})
  await meshc(folder, ['init'])
  const schema = await meshc(folder, ['schema', '--workspace'])
  assert.is(schema.stdout, 'schema/mesh.schema.json is up to date\n')
  for (const layer of ['base', 'dev', 'prod']) {
    const [line = ''] = readFileSync(join(folder, `spec/${layer}/mesh.yaml`), 'utf8').split('\n')
    const path = /^# yaml-language-server: \$schema=(\S+)$/.exec(line)?.[1] ?? ''
    assert.ok(statSync(join(folder, 'spec', layer, path)).isFile())
  }
  const settings = JSON.parse(readFileSync(join(folder, '.vscode/settings.json'), 'utf8'))
  for (const path of Object.keys(settings['yaml.schemas'])) assert.ok(statSync(join(folder, path)).isFile())
})

test('scripts can be executed, and nothing else', async () => {
  const folder = project({})
  await meshc(folder, ['init'])
  for (const path of files) {
    const isExecutable = (statSync(join(folder, path)).mode & 0o100) !== 0
    assert.is(isExecutable, path.startsWith('scripts/'), path)
  }
})

test('a folder that has other files keeps them', async () => {
  const mine = ['LICENSE', 'README.md', 'package.json', 'docs/README.md', '.github/CODEOWNERS']
  const folder = project(Object.fromEntries(mine.map(path => [path, 'mine'])))
  const { code, stdout } = await meshc(folder, ['init'])
  assert.is(code, 0)
  assert.match(stdout, 'kept `README.md` and `package.json` as it is')
  const content = getContent(folder)
  for (const path of mine) assert.is(content[path], 'mine', path)
  assert.ok('spec/prod/mesh.yaml' in content)
})

test('init names and keeps a file in the way, and writes nothing', async () => {
  const folder = project({ '.github': 'mine', scripts: 'a file', 'spec/prod/mesh.yaml/deep': 'a folder' })
  symlinkSync('nowhere', join(folder, 'package.json'))
  const before = getContent(folder)
  const { code, stdout, stderr } = await meshc(folder, ['init'])
  assert.is(code, 2)
  assert.is(stdout, '')
  assert.match(stderr, /^error: 4 paths in .* would be overwritten; nothing was written\n/)
  const named = [...stderr.matchAll(/^ {2}(\S+)$/gm)].map(([, path]) => path)
  assert.equal(named, ['.github', 'package.json', 'scripts', 'spec/prod/mesh.yaml'])
  assert.match(stderr, '= help: move them away')
  assert.equal(getContent(folder), before)
})

test('a second time it writes what is missing; what was changed since stays, and is named', async () => {
  const folder = project({})
  await meshc(folder, ['init', ...named])
  assert.match((await meshc(folder, ['init', ...named])).stdout, `wrote 0 files in ${folder}\n`)
  write(folder, { 'spec/base/mesh.yaml': 'meshc: v1\n' })
  const before = getContent(folder)
  const again = await meshc(folder, ['init', ...named])
  assert.is(again.code, 2)
  assert.match(again.stderr, 'error: 1 path in ')
  assert.match(again.stderr, '  spec/base/mesh.yaml\n')
  assert.equal(getContent(folder), before)
})

test('without write permission, it reports an error and leaves no files', async () => {
  const user = unprivileged()
  const folder = project({})
  user.handOver(folder)
  chmodSync(folder, 0o555)
  const refused = await user.run(folder, ['init'])
  assert.is(refused.code, 2)
  assert.match(refused.stderr, 'cannot be written: permission is denied')
  assert.equal(pathsIn(folder), [])

  // Files that come earlier in alphabetical order were written before the failure.
  const half = project({})
  mkdirSync(join(half, 'scripts'))
  user.handOver(half)
  chmodSync(join(half, 'scripts'), 0o555)
  const failed = await user.run(half, ['init'])
  assert.is(failed.code, 2)
  assert.match(failed.stderr, '`scripts/istioctl.sh` cannot be written: permission is denied')
  assert.equal(pathsIn(half), ['scripts'])
})

test('init that gets a signal leaves nothing or everything', async () => {
  for (const delay of [40, 60, 80, 100, 120]) {
    const folder = project({})
    const child = startMeshc(folder, ['init'])
    const timer = setTimeout(() => child.kill('SIGTERM'), delay)
    await ended(child)
    clearTimeout(timer)
    assert.ok([0, files.length].includes(Object.keys(getContent(folder)).length), `${delay} ms`)
  }
})

test('an invalid name is refused, and no file is written', async () => {
  const folder = project({})
  const calls: readonly (readonly [words: readonly string[], expected: RegExp])[] = [
    [['--mesh', 'My Shop'], /`My Shop` is not the name of a mesh\n.*--mesh my-mesh/],
    [['--mesh', 'a: b'], /is not the name of a mesh/],
    [['--namespace', 'Shop_1'], /is not a namespace/],
    [['--namespace', 'istio-system'], /root namespace/],
    [['--namespace', '123'], /would not build: `namespace` is the number `123`, not text/],
    [['--host', 'localhost'], /`localhost` is not a host/],
    [['--repository', 'here'], /`here` is not the URL of a git repository/],
    [['--mesh'], /--mesh/],
    [['--mesh', 'a', '--mesh', 'b'], /given 2 times/],
    [['--hots', 'a.example.com'], /did you mean `--host`/],
    [['one', 'two'], /takes only one argument: `two` is too much\n.*`meshc init shop /],
  ]
  for (const [words, expected] of calls) {
    const { code, stdout, stderr } = await meshc(folder, ['init', ...words])
    assert.is(code, 2, `${words.join(' ')}: ${stdout}${stderr}`)
    assert.is(stdout, '')
    assert.match(stderr, expected)
    assert.equal(pathsIn(folder), [], words.join(' '))
  }
})

test.run()
