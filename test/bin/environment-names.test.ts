import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { compile } from '../../compiler/compile.ts'
import { holds } from '../holds.ts'
import { getWorkspace } from '../support/compile-text.ts'
import { meshc } from '../support/meshc.ts'
import { getMesh, pathsIn, project } from '../support/project.ts'

const test = suite('bin/environment-names')
const spec = getMesh(2, 'prod')
const plain = /^[A-Za-z0-9]([A-Za-z0-9.-]{0,61}[A-Za-z0-9])?$/

/** Names of folders that have a meaning in comments, shells, terminals, YAML or Markdown. */
const hostile = [
  'pr\nod',
  'prod*',
  'a *',
  'pr\u001b[31mod',
  'pr\u202eod',
  '-rf',
  'a b',
  '$(id)',
  '`id`',
  "a'b",
  'a"b',
  'a;b',
  'a|b',
  'prod_eu',
  'prod-',
  'prod.',
  'ünlaut',
  'a\\b',
  'x'.repeat(64),
]

function git(folder: string, ...words: readonly string[]): void {
  const who = ['-c', 'user.name=meshc', '-c', 'user.email=meshc@example.com']
  execFileSync('git', [...who, ...words], { cwd: folder, stdio: 'ignore' })
}

test('a folder of any name compiles if the name is plain, and is refused with MESH1021 otherwise', () => {
  const names = fc.oneof(
    fc.constantFrom(...hostile, 'prod', 'prod-eu', 'v1.2', 'A', '0', 'x'.repeat(63)),
    fc.stringMatching(/^[A-Za-z0-9.-]{1,70}$/),
    fc.string({ unit: 'binary', minLength: 1, maxLength: 20 }),
  )
  let refused = 0
  holds(
    fc.property(names, fc.boolean(), (name, isExample) => {
      if (name.includes('/')) return
      const entry = `spec/${isExample ? 'examples/' : ''}${name}/mesh.yaml`
      const { ok, diagnostics } = compile(entry, getWorkspace({ [entry]: spec }))
      assert.is(ok, plain.test(name), JSON.stringify(name))
      if (ok) return
      refused++
      assert.equal(
        diagnostics.map(({ code, at }) => `${code} ${at.file}`),
        [`MESH1021 ${entry}`],
      )
    }),
    { numRuns: 300 },
  )
  assert.ok(refused > 50, `${refused} refused`)
})

test('every command refuses a folder of another name, and writes nothing for it', async () => {
  for (const name of hostile) {
    const folder = project({ [`spec/${name}/mesh.yaml`]: spec, 'spec/dev/mesh.yaml': getMesh(2, 'dev') })
    for (const words of [['build'], ['validate', `--env=${name}`]]) {
      const { code, stdout, stderr } = await meshc(folder, words)
      assert.is(code, 1, `${JSON.stringify(name)}: ${stdout}${stderr}`)
      assert.match(stderr, /^error\[MESH1021\]: /m)
      // A terminal would obey such a character, or show the text backwards.
      assert.not.match(stdout + stderr, /[^\P{C}\n]/u)
    }
    assert.not.ok(existsSync(join(folder, 'out')))
  }
})

test('a revision with such a folder is no base of a comparison', async () => {
  const folder = project({ 'spec/pr*od/mesh.yaml': spec, 'spec/dev/mesh.yaml': getMesh(2, 'dev') })
  git(folder, 'init', '--quiet')
  git(folder, 'add', '.')
  git(folder, 'commit', '--quiet', '--message', 'all')
  git(folder, 'mv', 'spec/pr*od', 'spec/prod')
  const { code, stderr } = await meshc(folder, ['diff', '--base', 'HEAD'])
  assert.is(code, 1)
  assert.match(
    stderr,
    /^error: the revision has an environment of a name that none may have\n {2}spec\/pr\*od\/mesh\.yaml\n/,
  )
})

test('a build changes no folder of out/ with an invalid name', async () => {
  const folder = project({
    'spec/dev/mesh.yaml': getMesh(2, 'dev'),
    'out/a\nb/meshc.lock.json': '{ "files": { "x.yaml": "" } }',
    'out/a\nb/x.yaml': 'kept',
  })
  const { code, stdout, stderr } = await meshc(folder, ['build'])
  assert.is(code, 0, stderr)
  assert.not.match(stdout + stderr, 'a\nb')
  assert.ok(pathsIn(folder).includes('out/a\nb/x.yaml'))
})

test.run()
