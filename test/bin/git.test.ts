import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { meshc } from '../support/meshc.ts'
import { getMesh, project, write } from '../support/project.ts'
import { git } from '../support/repository.ts'

const test = suite('bin/git')
const spec = 'spec/prod/mesh.yaml'

function commit(folder: string): void {
  git(folder, 'add', '--all')
  git(folder, 'commit', '--quiet', '--message', 'a change')
}

/** Makes a repository with two commits of the specs below a folder. */
function repository(below = ''): string {
  const folder = project({ [join(below, spec)]: getMesh(2, 'prod') })
  git(folder, 'init', '--quiet', '--initial-branch', 'main')
  commit(folder)
  write(folder, { [join(below, spec)]: getMesh(2, 'prod', '9s') })
  commit(folder)
  return folder
}

/** Writes a program that writes a file when it runs. */
function program(path: string, mark: string): void {
  write(join(path, '..'), { [path.split('/').at(-1)!]: `#!/bin/sh\ntouch ${mark}\nexit 1\n` })
  chmodSync(path, 0o755)
}

test('a folder of a commit that is a bare repository runs nothing', async () => {
  const marks = project({})
  const folder = repository('mesh')
  const config = `[core]
\trepositoryformatversion = 1
\tbare = false
\tworktree = .
\tfsmonitor = "touch ${marks}/fsmonitor; false"
\tsshCommand = "touch ${marks}/ssh; false"
[extensions]
\tpartialClone = evil
[remote "evil"]
\turl = ssh://localhost/x
\tpromisor = true
`
  const digest = '1'.repeat(40)
  write(folder, {
    'mesh/HEAD': 'ref: refs/heads/main\n',
    'mesh/config': config,
    'mesh/objects/keep': '',
    'mesh/refs/heads/main': `${digest}\n`,
  })
  const attack = async () => {
    for (const words of [['diff', '--base', 'main'], ['diff', '--base', 'origin/main...'], ['diff']]) {
      const { code, stderr } = await meshc(folder, [...words, '--project', 'mesh'])
      assert.is(code, 1)
      assert.match(stderr, /error: `.*\/mesh` has `HEAD`, .* git would take it for a repository/)
      assert.match(stderr, 'help: move these away')
    }
    const { code, stdout } = await meshc(folder, ['doctor', '--project', 'mesh'])
    assert.is(code, 1)
    assert.match(stdout, /✗ `.*\/mesh` has `HEAD`, .* git would take it for a repository/)
    for (const mark of ['fsmonitor', 'ssh']) assert.not.ok(existsSync(join(marks, mark)), mark)
  }
  await attack()
  // The file `commondir` of a worktree names the folder of all other files.
  write(folder, { 'mesh/commondir': '../elsewhere\n', 'elsewhere/config': config })
  execFileSync('mv', ['objects', 'refs', '../elsewhere'], { cwd: join(folder, 'mesh') })
  await attack()
})

test('a clone with a fsmonitor of its own is read without it', async () => {
  const marks = project({})
  const folder = repository()
  git(folder, 'config', 'core.fsmonitor', `touch ${marks}/fsmonitor; false`)
  await meshc(folder, ['doctor'])
  assert.is((await meshc(folder, ['diff', '--base', 'HEAD~1'])).code, 2)
  assert.not.ok(existsSync(join(marks, 'fsmonitor')))
})

test('programs are those of PATH, never those that lie in the repository', async () => {
  const marks = project({})
  const folder = repository('mesh')
  const real = process.env['PATH']!
  const places = ['', 'mesh', 'node_modules/.bin', 'mesh/node_modules/.bin', 'mesh/spec/prod']
  const names = ['git', 'istioctl', 'kubectl', 'helm']
  for (const place of places)
    for (const name of names)
      program(join(folder, place, name), join(marks, `${name}-of-${place.replaceAll('/', '-')}`))
  const link = join(project({}), 'bin')
  symlinkSync(join(folder, 'node_modules/.bin'), link)
  const entries = ['', '.', './node_modules/.bin', ...places.map(place => join(folder, place)), link]
  for (const [where, words] of [
    ['mesh', []],
    ['', ['--project', 'mesh']],
  ] as const)
    for (const path of [`${entries.join(':')}:${real}`, `:${real}`, `${folder}/mesh:${real}`]) {
      const run = (...command: readonly string[]) =>
        meshc(join(folder, where), [...command, ...words], { environment: { PATH: path } })
      assert.is((await run('diff', '--base', 'HEAD~1')).code, 2)
      await run('doctor')
      await run('doctor', '--cluster')
    }
  for (const place of places)
    for (const name of names)
      assert.not.ok(existsSync(join(marks, `${name}-of-${place.replaceAll('/', '-')}`)), name)
  const nothing = await meshc(join(folder, 'mesh'), ['diff', '--base', 'HEAD~1'], {
    environment: { PATH: entries.join(':') },
  })
  assert.is(nothing.code, 1)
  assert.match(nothing.stderr, 'git is not installed')
})

test('no word of `--base` is an option of git, or another thing than a commit', async () => {
  const folder = repository()
  const mark = join(project({}), 'mark')
  for (const word of [
    '--git-dir=/tmp',
    `--exec=touch ${mark}`,
    `-otouch ${mark}`,
    '-h',
    '--all',
    '^HEAD',
    'HEAD:spec',
    ':/((((',
    'HEAD^{/[}',
    '--output=x...HEAD',
    'HEAD...-h',
    'HEAD...^HEAD',
    'a\nb',
  ]) {
    const { code, stdout, stderr } = await meshc(folder, ['diff', `--base=${word}`])
    assert.is(code, 1, word)
    assert.is(stdout, '')
    assert.match(stderr, /^error: there is no revision `/, word)
    assert.not.match(stderr, 'defect')
  }
  assert.not.ok(existsSync(mark))
  assert.not.ok(existsSync(join(folder, 'x')))
})

test('a partial clone fetches nothing, and the way out gets what it lacks', async () => {
  const source = repository()
  git(source, 'config', 'uploadpack.allowFilter', 'true')
  for (const filter of ['blob:none', 'tree:0']) {
    const clone = project({})
    git(clone, 'clone', '--quiet', '--no-local', `--filter=${filter}`, `file://${source}`, '.')
    const objects = () => git(clone, 'count-objects', '--verbose')
    const before = objects()
    const refused = await meshc(clone, ['diff', '--base', 'HEAD~1'])
    assert.is(refused.code, 1)
    assert.match(refused.stderr, /git cannot read .*\n.*`git fetch --refetch --no-filter origin` gets them/)
    assert.is(objects(), before)
    git(clone, 'fetch', '--quiet', '--refetch', '--no-filter', 'origin')
    assert.is((await meshc(clone, ['diff', '--base', 'HEAD~1'])).code, 2)
  }
})

test.run()
