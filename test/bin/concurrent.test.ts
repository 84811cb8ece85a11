import { execFileSync, spawn } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Failure } from '../../bin/cli/failure.ts'
import { isTurnTaken, takeTurn } from '../../bin/output/exclusive.ts'
import { OutputFolder } from '../../bin/output/output-folder.ts'
import { stageOutput } from '../../bin/output/stage.ts'
import { bundleProgram } from '../support/bundle-program.ts'
import { ended, meshc, type Run, startMeshc } from '../support/meshc.ts'
import { getContent, getMesh, project, write } from '../support/project.ts'

const test = suite('bin/concurrent')
const spec = 'spec/prod/mesh.yaml'
const words = ['build', '--env', 'prod']

test('builds of different specs at once: the folder is that of one of them, whole', async () => {
  const folder = project({ [spec]: getMesh(60, 'prod') })
  const versions = await Promise.all(
    ['1s', '2s', '3s'].map(async timeout => {
      const alone = project({ [spec]: getMesh(60, 'prod', timeout) })
      assert.is((await meshc(alone, words)).code, 0)
      return { timeout, tree: getContent(join(alone, 'out')) }
    }),
  )
  for (let round = 0; round < 8; round++) {
    const runs = []
    for (const { timeout } of versions) {
      // The file is replaced in one step, as editors do: a build must not read a half of it.
      write(folder, { 'mesh.yaml': getMesh(60, 'prod', timeout) })
      renameSync(join(folder, 'mesh.yaml'), join(folder, spec))
      runs.push(ended(startMeshc(folder, words)))
      // The delay is long enough for most builds to read their own spec, and short enough for them to write
      // at the same time.
      await sleep(40 + 40 * Math.random())
    }
    for (const { code, stderr } of await Promise.all(runs)) assert.is(code, 0, stderr)
    const content = getContent(join(folder, 'out'))
    assert.ok(
      versions.some(({ tree }) => JSON.stringify(tree) === JSON.stringify(content)),
      `round ${round}`,
    )
  }
})

test('builds of different environments at once do not wait for each other', async () => {
  const folder = project({ [spec]: getMesh(5, 'prod'), 'spec/dev/mesh.yaml': getMesh(5, 'dev') })
  const turn = await takeTurn({ file: join(folder, '.unrelated'), name: 'unrelated' })
  const runs = await Promise.all(['prod', 'dev'].map(name => meshc(folder, ['build', '--env', name])))
  turn.release()
  for (const { code } of runs) assert.is(code, 0)
  assert.equal(readdirSync(join(folder, 'out')).sort(), ['dev', 'prod'])
})

/** The result of a build of two files. */
const output = (text: string) => ({
  version: '1.2.3',
  sources: [{ name: 'spec/prod/mesh.yaml', text }],
  files: () => [
    { path: 'a.yaml', text: `a: ${text}\n` },
    { path: 'b/c.yaml', text: `c: ${text}\n` },
  ],
  neighbors: new Set<string>(),
})

async function getFailure(work: () => Promise<unknown>): Promise<Failure> {
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
  const failure = await getFailure(() => stageOutput(folder, output('second'), { patience: 100 }))
  assert.match(failure.message, `another build (process ${process.pid}) is writing here`)
  assert.match(failure.help ?? '', 'remove `out/.prod.meshc-turn-')
  const waiting = stageOutput(folder, output('second'), { patience: 5_000 })
  await sleep(60)
  first.commit()
  first.close()
  const second = await waiting
  // The second build has seen the files of the first build, although it began before.
  assert.equal(second.changes.written.toSorted(), ['a.yaml', 'b/c.yaml', 'meshc.lock.json'])
  second.commit()
  second.close()
  assert.is(readFileSync(folder.pathTo('b/c.yaml'), 'utf8'), 'c: second\n')
  assert.equal(readdirSync(folder.parent), ['prod'])
})

test('a discarded stage leaves no trace', async () => {
  const root = project({})
  const staged = await stageOutput(new OutputFolder(root, 'out/examples/small'), output('x'))
  staged.close()
  assert.equal(readdirSync(root), [])
})

/**
 * Writes a module that makes a process sleep before many of its calls about turns, so that other processes
 * run in between.
 */
function sleeper(folder: string): string {
  const file = join(folder, 'sleeper.cjs')
  const calls = ['close', 'lstat', 'open', 'readdir', 'readFile', 'rename', 'rm', 'stat', 'writeFile']
  writeFileSync(
    file,
    `const fs = require('node:fs')
    const cell = new Int32Array(new SharedArrayBuffer(4))
    for (const name of ${JSON.stringify(calls.map(name => `${name}Sync`))}) {
      const original = fs[name]
      fs[name] = (...words) => {
        if (Math.random() < 0.4) Atomics.wait(cell, 0, 0, 8 * Math.random())
        return original(...words)
      }
    }
    require('node:module').syncBuiltinESMExports()`,
  )
  return file
}

/** Starts processes that compete for the turn of a folder. */
function compete(rounds: number): Promise<readonly Run[]> {
  const folder = project({})
  const competitor = bundleProgram('test/support/turn-competitor.ts')
  const words = ['--import', sleeper(project({})), competitor, folder, String(rounds)]
  return Promise.all([1, 2, 3, 4].map(() => ended(spawn(process.execPath, words, { stdio: 'pipe' }))))
}

test('of four processes that pause anywhere, among locks of ended processes, at most one has the lock', async () => {
  for (const { code, stdout, stderr } of await compete(100)) {
    assert.is(code, 0, stderr)
    assert.is(stdout, '0')
  }
})

/**
 * Returns a function that makes names of claims. By default, a claim has the machine and start of this
 * process.
 */
async function claims() {
  const folder = project({})
  const turn = await takeTurn({ file: join(folder, 'turn'), name: 'turn' })
  const [name = ''] = readdirSync(folder)
  turn.release()
  const [, here, , start] = /^turn-(\w+)-(\d+)-(\d+)-/.exec(name) ?? []
  return (id: number, { home = here, since = start } = {}) => `turn-${home}-${id}-${since}-00000000`
}

test('the lock of a process that ended, or whose id another process has, is free', async () => {
  const getClaim = await claims()
  const parent = readFileSync(`/proc/${process.ppid}/stat`, 'latin1')
  const since = parent.slice(parent.lastIndexOf(')') + 2).split(' ')[19]!
  const take = async (name: string, make: (path: string) => void) => {
    const folder = project({})
    make(join(folder, name))
    const turn = await takeTurn({ file: join(folder, 'turn'), name: 'turn' }, 50)
    turn.release()
    return readdirSync(folder)
  }
  const file = (path: string) => writeFileSync(path, '')
  const future = (path: string) => {
    file(path)
    utimesSync(path, 2 ** 32, 2 ** 32)
  }
  const obstacles: readonly ((path: string) => void)[] = [
    file,
    future,
    path => symlinkSync('nowhere', path),
    path => symlinkSync('/dev/zero', path),
    path => mkdirSync(join(path, 'deep'), { recursive: true }),
    path => execFileSync('mkfifo', [path]),
    path => {
      file(path)
      truncateSync(path, 2 ** 40)
    },
  ]
  for (const make of obstacles) {
    assert.equal(await take(getClaim(2 ** 22 + 7), make), [])
    // Another process had the number of this process, as after the restart of a container, or the number of a
    // running process.
    assert.equal(await take(getClaim(process.pid), make), [])
    assert.equal(await take(getClaim(process.ppid, { since: `${Number(since) - 1}` }), make), [])
  }
  for (const name of ['turn', 'turn-', 'turn.12', `${getClaim(1)}.yaml`, 'turn-x'])
    for (const make of obstacles) assert.equal(await take(name, make), [name])
  const zombie = spawn('sh', ['-c', 'sleep 0 & exec sleep 60'])
  try {
    const gone = await getZombie(zombie.pid!)
    assert.equal(await take(getClaim(gone.id, { since: gone.since }), file), [])
  } finally {
    zombie.kill('SIGKILL')
  }
  for (const name of [getClaim(process.ppid, { since }), getClaim(1, { home: '000000000000' })])
    for (const make of [file, future]) {
      const failure = await getFailure(() => take(name, make))
      assert.match(failure.message, 'another build (process')
      assert.match(failure.help ?? '', `remove \`${name}\``)
    }
})

/** Starts a process that has ended, but whose parent does not wait for it. */
async function getZombie(parent: number): Promise<{ readonly id: number; readonly since: string }> {
  for (;;) {
    for (const id of readdirSync('/proc').filter(name => /^\d+$/.test(name))) {
      const stat = existsSync(`/proc/${id}/stat`) ? readFileSync(`/proc/${id}/stat`, 'latin1') : ''
      const [state, program, ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
      if (program === `${parent}` && state === 'Z') return { id: Number(id), since: fields[17]! }
    }
    await sleep(10)
  }
}

test('the lock of another computer is held until its holder is silent for long', async () => {
  const getClaim = await claims()
  const folder = project({})
  const name = getClaim(1, { home: '000000000000' })
  writeFileSync(join(folder, name), '')
  writeFileSync(join(folder, name.replace('turn', 'next')), '')
  assert.ok(isTurnTaken(join(folder, 'turn')) && isTurnTaken(join(folder, 'next')))
  const touch = setInterval(() => {
    const time = Math.random() * 2 ** 31
    utimesSync(join(folder, name), time, time)
  }, 500)
  const began = performance.now()
  let released = 0
  setTimeout(() => {
    clearInterval(touch)
    released = performance.now()
  }, 2_500)
  const turn = await takeTurn({ file: join(folder, 'turn'), name: 'turn' }, 60_000)
  assert.ok(released > 0 && performance.now() - began > 20_000)
  turn.release()
  // The test watches several such turns at once, to save time.
  const next = await takeTurn({ file: join(folder, 'next'), name: 'next' }, 50)
  next.release()
  assert.equal(readdirSync(folder), [])
})

test.run()
