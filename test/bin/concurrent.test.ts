import { readdirSync, readFileSync, renameSync, utimesSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Failure } from '../../bin/failure.ts'
import { takeTurn } from '../../bin/output/exclusive.ts'
import { OutputFolder } from '../../bin/output/output-folder.ts'
import { stageOutput } from '../../bin/output/stage.ts'
import { ended, meshc, startMeshc } from '../support/meshc.ts'
import { contentOf, meshOf, project, write } from '../support/project.ts'

const test = suite('bin/concurrent')
const spec = 'spec/prod/mesh.yaml'
const words = ['build', '--env', 'prod']

test('builds of different specs at once: the folder is that of one of them, whole', async () => {
  const folder = project({ [spec]: meshOf(60, 'prod') })
  const versions = await Promise.all(
    ['1s', '2s', '3s'].map(async timeout => {
      const alone = project({ [spec]: meshOf(60, 'prod', timeout) })
      assert.is((await meshc(alone, words)).code, 0)
      return { timeout, tree: contentOf(join(alone, 'out')) }
    }),
  )
  for (let round = 0; round < 8; round++) {
    const runs = []
    for (const { timeout } of versions) {
      // In one step, as editors do: a build must not find half of it.
      write(folder, { 'mesh.yaml': meshOf(60, 'prod', timeout) })
      renameSync(join(folder, 'mesh.yaml'), join(folder, spec))
      runs.push(ended(startMeshc(folder, words)))
      // Long enough that most have read their own spec, short enough that they write at the same time.
      await sleep(40 + 40 * Math.random())
    }
    for (const { code, stderr } of await Promise.all(runs)) assert.is(code, 0, stderr)
    const content = contentOf(join(folder, 'out'))
    assert.ok(
      versions.some(({ tree }) => JSON.stringify(tree) === JSON.stringify(content)),
      `round ${round}`,
    )
  }
})

test('builds of different environments at once do not wait for each other', async () => {
  const folder = project({ [spec]: meshOf(5, 'prod'), 'spec/dev/mesh.yaml': meshOf(5, 'dev') })
  const turn = await takeTurn({ file: join(folder, '.unrelated'), name: 'unrelated' })
  const runs = await Promise.all(['prod', 'dev'].map(name => meshc(folder, ['build', '--env', name])))
  turn.release()
  for (const { code } of runs) assert.is(code, 0)
  assert.equal(readdirSync(join(folder, 'out')).sort(), ['dev', 'prod'])
})

/** What a build of two files gives. */
const output = (text: string) => ({
  version: '1.2.3',
  sources: [{ name: 'spec/prod/mesh.yaml', text }],
  files: () => [
    { path: 'a.yaml', text: `a: ${text}\n` },
    { path: 'b/c.yaml', text: `c: ${text}\n` },
  ],
  neighbors: new Set<string>(),
})

async function failureOf(work: () => Promise<unknown>): Promise<Failure> {
  try {
    await work()
  } catch (error) {
    if (error instanceof Failure) return error
    throw error
  }
  throw new Error('it did not fail')
}

test('a build waits for another, but not for ever', async () => {
  const folder = new OutputFolder(project({}), 'out/prod')
  const first = await stageOutput(folder, output('first'))
  const failure = await failureOf(() => stageOutput(folder, output('second'), 100))
  assert.match(failure.message, `another build (process ${process.pid}) is writing here`)
  assert.match(failure.help ?? '', 'remove `out/.prod.meshc-turn`')
  const waiting = stageOutput(folder, output('second'), 5_000)
  await sleep(60)
  first.commit()
  const second = await waiting
  // It has seen what the first wrote, though it began before.
  assert.equal(second.changes.written.toSorted(), ['a.yaml', 'b/c.yaml', 'meshc.lock.json'])
  second.commit()
  assert.is(readFileSync(folder.pathTo('b/c.yaml'), 'utf8'), 'c: second\n')
  assert.equal(readdirSync(folder.parent), ['prod'])
})

test('what is staged and discarded leaves no trace', async () => {
  const root = project({})
  const staged = await stageOutput(new OutputFolder(root, 'out/examples/small'), output('x'))
  staged.discard()
  assert.equal(readdirSync(root), [])
})

test('a turn whose holder is gone is free; one that is held elsewhere is, after ten minutes', async () => {
  const folder = project({})
  const file = join(folder, 'turn')
  const left = async (content: string, age = 0) => {
    writeFileSync(file, content)
    const time = Date.now() / 1000 - age
    utimesSync(file, time, time)
    const turn = await takeTurn({ file, name: 'turn' }, 50)
    turn.release()
    assert.equal(readdirSync(folder), [])
  }
  const held = (process: number, host: string) => JSON.stringify({ process, host })
  await left(held(2 ** 22 + 7, hostname()))
  // Another process had our number before us, as in a container that was started again.
  await left(held(process.pid, hostname()))
  await left('', 60)
  await left('not json', 60)
  await left(held(process.ppid, hostname()), 11 * 60)
  await left(held(1, 'elsewhere'), 11 * 60)
  for (const content of [held(process.ppid, hostname()), held(1, 'elsewhere'), '']) {
    const failure = await failureOf(() => left(content))
    assert.match(failure.message, 'another build')
  }
})

test.run()
