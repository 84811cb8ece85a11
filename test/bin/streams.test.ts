import { spawnSync } from 'node:child_process'
import { existsSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { bundle, meshc, startMeshc } from '../support/meshc.ts'
import { getMesh, project, write } from '../support/project.ts'

const test = suite('bin/streams')
const broken = getMesh(2, 'prod').replace('from: service-0', 'from: servce-0')

/** Returns the exit code of a call whose readers end before its first output: `meshc … 2>&1 | true`. */
function codeUnread(folder: string, words: readonly string[]): Promise<number | null> {
  const child = startMeshc(folder, words)
  child.stdout?.destroy()
  child.stderr?.destroy()
  return new Promise(resolve => child.on('exit', resolve))
}

test('a build with closed output writes its files', async () => {
  const folder = project({ 'spec/prod/mesh.yaml': getMesh(2, 'prod') })
  assert.is(await codeUnread(folder, ['build']), 0)
  assert.ok(existsSync(join(folder, 'out/prod/meshc.lock.json')))
})

test('a call with closed output keeps its exit code', async () => {
  const folder = project({ 'spec/prod/mesh.yaml': broken, 'spec/dev/mesh.yaml': getMesh(2, 'dev') })
  const calls: readonly (readonly [string, number])[] = [
    ['validate', 1],
    ['validate --json', 1],
    ['validate --format sarif', 1],
    ['build', 1],
    ['build --check --env dev', 1],
    ['validate --env dev', 0],
    ['validate --env nowhere', 2],
    ['diff --env dev..prod', 1],
    ['schema', 0],
    ['--help', 0],
  ]
  for (const [call, code] of calls) {
    assert.is(await codeUnread(folder, call.split(' ')), code, call)
    assert.is((await meshc(folder, call.split(' '))).code, code, `${call}, heard`)
  }
})

test('a watch with closed output ends after its next build', async () => {
  const folder = project({ 'spec/prod/mesh.yaml': getMesh(2, 'prod') })
  const child = startMeshc(folder, ['build', '--watch'])
  const ended = new Promise(resolve => child.on('exit', resolve))
  await new Promise(resolve => child.stderr?.once('data', resolve))
  child.stdout?.destroy()
  // The watch does not notice a change before its first check of the files.
  let services = 3
  const edits = setInterval(() => write(folder, { 'spec/prod/mesh.yaml': getMesh(services++, 'prod') }), 200)
  assert.is(await ended, 0)
  clearInterval(edits)
  assert.ok(existsSync(join(folder, 'out/prod/manifests/shop/service-2.yaml')))
})

test('a full standard output is an error of one line, and the call fails', async () => {
  const folder = project({
    'spec/prod/mesh.yaml': getMesh(2, 'prod'),
    'spec/dev/mesh.yaml': getMesh(3, 'dev'),
  })
  const calls: readonly (readonly [string, number])[] = [
    ['validate', 2],
    ['validate --json', 2],
    ['schema', 2],
    ['explain', 2],
    ['--help', 2],
    ['--version', 2],
    ['lint --env dev', 2],
    ['diff --env dev..prod', 1],
  ]
  for (const [call, code] of calls) {
    const run = await meshc(folder, call.split(' '), { stdout: openSync('/dev/full', 'w') })
    assert.is(run.code, code, call)
    assert.match(run.stderr, /^error: standard output cannot be written: the disk is full\n {2}= help: .*\n/m)
    assert.not.match(run.stderr, /^ +at /m)
  }
})

test('a file that takes a part only is no success', () => {
  const folder = project({})
  // The unit of the limit is a block of 512 bytes.
  const script = `ulimit -f 2; trap '' XFSZ; exec "$0" "$1" schema > schema.json`
  const { status, stderr } = spawnSync('sh', ['-c', script, process.execPath, bundle], {
    cwd: folder,
    encoding: 'utf8',
  })
  assert.is(status, 2)
  assert.match(
    stderr,
    /^error: standard output cannot be written: it would be larger than this system allows\n/,
  )
})

test('a removed current folder is an error of one line', () => {
  const folder = project({ 'here/spec/prod/mesh.yaml': getMesh(2, 'prod') })
  for (const call of [
    ['build'],
    ['build', '--project', '../here'],
    ['validate', '--json'],
    ['init', 'shop'],
  ]) {
    const script = `mkdir gone; cd gone; rmdir ../gone; exec "$0" "$@"`
    const { status, stdout, stderr } = spawnSync('sh', ['-c', script, process.execPath, bundle, ...call], {
      cwd: folder,
      encoding: 'utf8',
    })
    assert.is(status, 2, call.join(' '))
    const message = call.includes('--json') ? JSON.parse(stdout).failure.message : stderr
    assert.match(message, 'the current folder is gone')
    assert.not.match(stderr, /defect|^ +at /m)
  }
})

test.run()
