import { appendFileSync, existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { coarsestClock } from '../../bin/files/coarsest-clock.ts'
import { meshc } from '../support/meshc.ts'
import { getMesh, project, write } from '../support/project.ts'

/** Builds without a change, as a user sees them. */
const test = suite('bin/unchanged')

/** A module that is loaded before meshc. At the end, it reports whether the compiler was loaded. */
const spy = join(
  project({
    'spy.cjs': `process.on('exit', () => {
      if (Object.keys(require.cache).some(file => file.endsWith('runs.cjs'))) process.stderr.write('compiled\\n')
    })`,
  }),
  'spy.cjs',
)

const spec = getMesh(3, 'prod').replace('outputs: []', 'outputs: [docs]')

/** Makes a project with its own folder for the memory of builds. */
function remembered() {
  const folder = project({ 'spec/prod/mesh.yaml': spec })
  const cache = project({})
  const run = async (...words: readonly string[]) => {
    const options = { node: ['--require', spy], environment: { XDG_CACHE_HOME: cache } }
    const { code, stdout, stderr } = await meshc(folder, words, options)
    const hasCompiled = stderr.endsWith('compiled\n')
    return {
      code,
      stdout: stdout.replace(/\(.* s\)/, '(… s)'),
      stderr: stderr.replace(/compiled\n$/, ''),
      hasCompiled,
    }
  }
  return { folder, cache, run }
}

/** The age at which the dates of a file are reliable, in milliseconds. */
const settled = coarsestClock + 100

test('a build without changes loads no compiler, and prints the same', async () => {
  const { folder, run } = remembered()
  await run('build')
  await wait(settled)
  const worked = await run('build')
  assert.is(worked.hasCompiled, true)
  const again = await run('build')
  assert.equal(again, { ...worked, hasCompiled: false })
  assert.match(again.stdout, /^wrote 0 files, \d+ unchanged in out\/prod \(… s\)\n$/)
  assert.is((await run('build', '--no-cache')).hasCompiled, true)
  // A check is a separate call.
  const checked = await run('build', '--check')
  assert.equal([checked.hasCompiled, checked.stdout], [true, 'out/prod is up to date\n'])
  assert.equal(await run('build', '--check'), { ...checked, hasCompiled: false })
  appendFileSync(join(folder, 'out/prod/docs/README.md'), 'scribbled\n')
  const edited = await run('build', '--check')
  assert.equal([edited.code, edited.hasCompiled], [1, true])
})

test('an edit of the spec is built, and one of a file in out/ is put back', async () => {
  const { folder, run } = remembered()
  await run('build')
  await wait(settled)
  await run('build')
  write(folder, { 'spec/prod/mesh.yaml': spec.replace('5s', '6s') })
  assert.match((await run('build')).stdout, /^wrote [1-9]/)
  await wait(settled)
  await run('build')
  assert.is((await run('build')).hasCompiled, false)
  appendFileSync(join(folder, 'out/prod/docs/README.md'), 'scribbled\n')
  assert.match((await run('build')).stdout, /^wrote [1-9]/)
  assert.not.match(readFileSync(join(folder, 'out/prod/docs/README.md'), 'utf8'), 'scribbled')
})

test('a spec with errors, another format and a watch are not remembered', async () => {
  const { folder, cache, run } = remembered()
  write(folder, { 'spec/prod/mesh.yaml': 'meshc: v1\nmesh: 7\n' })
  await wait(settled)
  assert.is((await run('build')).code, 1)
  write(folder, { 'spec/prod/mesh.yaml': spec })
  await run('build')
  await wait(settled)
  await run('build', '--json')
  const kept = join(cache, 'meshc/builds')
  assert.equal(existsSync(kept) ? readdirSync(kept) : [], [])
})

test.run()
