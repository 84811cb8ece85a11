import { spawnSync } from 'node:child_process'
import { mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { commands } from '../../bin/commands/index.ts'
import { bundle, meshc } from '../support/meshc.ts'
import { getMesh, project } from '../support/project.ts'

const test = suite('bin/completion')

const shop = () =>
  project({
    'spec/prod/mesh.yaml': getMesh(1, 'prod'),
    'spec/dev/mesh.yaml': getMesh(1, 'dev'),
    'with space/file.txt': '',
  })

/** The scripts of each shell. A script completes the words of a call, and prints each candidate on a line. */
const shells = {
  bash: (words: readonly string[]) => `
    source <(meshc completion bash)
    COMP_WORDS=(${words.map(word => `'${word}'`).join(' ')})
    COMP_CWORD=$((\${#COMP_WORDS[@]} - 1))
    _meshc
    printf '%s\\n' "\${COMPREPLY[@]}"`,
  zsh: (words: readonly string[]) => `
    compdef() { :; }
    _files() { print -l -- *; }
    _describe() { print -l -- "\${(@P)2%%:*}"; }
    source <(meshc completion zsh)
    words=(${words.map(word => `'${word}'`).join(' ')})
    CURRENT=$#words
    _meshc`,
  fish: (words: readonly string[]) => `
    meshc completion fish | source
    complete --do-complete '${words.join(' ')}' | string replace -r '\\t.*' ''; or true`,
} as const

type Shell = keyof typeof shells

/** A PATH in which `meshc` is the bundle. */
const path = (() => {
  const folder = project({})
  mkdirSync(join(folder, 'bin'))
  symlinkSync(bundle, join(folder, 'bin/meshc'))
  return `${join(folder, 'bin')}:${process.env['PATH']}`
})()

const isThere = (shell: Shell) => spawnSync(shell, ['-c', 'exit 0']).status === 0

function completed(shell: Shell, folder: string, words: readonly string[]): readonly string[] {
  const { stdout, stderr, status } = spawnSync(shell, ['-c', shells[shell](words)], {
    cwd: folder,
    encoding: 'utf8',
    env: { PATH: path, HOME: folder },
  })
  assert.is(stderr, '', words.join(' '))
  assert.is(status, 0)
  return stdout.split('\n').filter(line => line !== '')
}

/** Bash is on every machine of this project. Each other shell is tested if it is installed. */
for (const shell of Object.keys(shells) as Shell[]) {
  const isHere = shell === 'bash' || isThere(shell)
  test(`${shell}${isHere ? ' completes commands, options and their values' : ' is not on this machine: its script is printed, not run'}`, async () => {
    const folder = shop()
    const { code, stdout } = await meshc(folder, ['completion', shell])
    assert.is(code, 0)
    assert.match(stdout, `meshc completion ${shell}`)
    if (!isHere) return
    const names = commands.map(({ name }) => name)
    assert.equal([...completed(shell, folder, ['meshc', ''])].sort(), names.toSorted())
    assert.equal(completed(shell, folder, ['meshc', 'expl']), ['explain'])
    assert.equal([...completed(shell, folder, ['meshc', 'build', '--env', ''])].sort(), ['dev', 'prod'])
    assert.equal(completed(shell, folder, ['meshc', 'build', '--env', 'p']), ['prod'])
    assert.equal(completed(shell, folder, ['meshc', 'build', '--che']), ['--check'])
    assert.equal(completed(shell, folder, ['meshc', 'validate', '--format', 'sa']), ['sarif'])
    assert.equal(completed(shell, folder, ['meshc', 'explain', 'MESH1001']), ['MESH1001'])
    assert.ok(completed(shell, folder, ['meshc', 'why', 'with']).some(word => word.startsWith('with')))
  })
}

/** Returns the words that the scripts request. */
async function candidates(folder: string, ...words: readonly string[]): Promise<readonly string[]> {
  const text = ['meshc', ...words].map(word => `${word}\n`).join('')
  const { code, stdout, stderr } = await meshc(folder, ['completion', 'bash', '--words', text])
  assert.is(stderr, '')
  assert.is(code, 0)
  return stdout.split('\n').filter(line => line !== '')
}

test('every option of every command is offered with its summary, once', async () => {
  const folder = shop()
  for (const { name, options } of commands) {
    const offered = await candidates(folder, name, '--')
    for (const { flag, summary } of options)
      assert.ok(offered.includes(`${/--[a-z-]+/.exec(flag)?.[0]}\t${summary}`), flag)
    assert.is(offered.length, options.length + 1, name)
  }
  const rest = await candidates(folder, 'build', '--check', '--env', 'dev', '--')
  assert.not.ok(rest.some(line => line.startsWith('--check\t')))
  assert.ok(rest.some(line => line.startsWith('--env\t')))
})

test('callers and targets are those of the specs, in their words', async () => {
  const folder = project({
    'spec/prod/mesh.yaml': `meshc: v1
mesh: shop
environment: prod
gateways: { public: { hosts: [api.example.com] } }
services: { web: { namespace: shop, port: { http: 80 } } }
external: { stripe: { hosts: [api.stripe.com], port: { https: 443 } } }
`,
  })
  const callers = ['web', 'gateway/public', 'namespace/shop', 'anyone']
  const targets = ['web', 'external/stripe', 'api.example.com']
  assert.equal(await candidates(folder, 'trace', '--from', ''), callers)
  assert.equal(await candidates(folder, 'trace', '--to', ''), targets)
  assert.equal(await candidates(folder, 'can', ''), callers)
  assert.equal(await candidates(folder, 'can', 'web', 'ex'), ['external/stripe'])
  assert.ok((await candidates(folder, 'can', 'web', 'web', '')).some(line => line.startsWith('--env\t')))
})

test('without candidates completion offers nothing, and leaves files to the shell', async () => {
  const folder = shop()
  assert.equal(await candidates(folder, 'nothing', ''), [])
  assert.equal(await candidates(folder, 'build', '--env', '=', 'p'), ['prod'])
  assert.equal(await candidates(folder, 'build', '--project', ''), [':folders'])
  assert.equal(await candidates(folder, 'why', 'out/'), [':files'])
  assert.equal(await candidates(project({}), 'build', '--env', ''), [])
  assert.ok((await candidates(folder, 'why', 'out/x:3', '')).some(line => line.startsWith('--json\t')))
})

test('a shell without a completion script is an error', async () => {
  const { code, stderr } = await meshc(shop(), ['completion', 'bsh'])
  assert.is(code, 2)
  assert.match(stderr, 'did you mean `bash`?')
})

test.run()
