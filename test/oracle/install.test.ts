// A missing part never counts as a pass. Without Go and Python, each test is reported as skipped, and fails
// in CI.

import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type CommandResult, runCommand } from './command.ts'
import { partNames } from './install.ts'
import { withDirectory } from './tools.ts'

const installation = suite('installation of the oracles')

const path = (name: string) => fileURLToPath(new URL(name, import.meta.url))

// The probes lie outside the project, where Node.js cannot find the bare name `uvu`.
const importSuite = `import { suite } from ${JSON.stringify(import.meta.resolve('uvu'))}`
const skipping = `
${importSuite}
import { requireOracle } from ${JSON.stringify(pathToFileURL(path('tools.ts')).href)}
const test = suite('probe')
const withHelm = await requireOracle(test, 'helm', 'chart')
withHelm('renders', () => {})
test('does without', () => {})
test.run()
`
const failing = `
${importSuite}
const test = suite('probe')
test('fails', () => { throw new Error('as it should') })
test('passes', () => {})
test.run()
`
const crashing = "throw new Error('before any test')\n"
const forgetful = `
${importSuite}
suite('probe')('never run', () => {})
`

installation('without Go and Python, tests are skipped by name and counted as skipped', async () => {
  const { status, stdout, stderr } = await runOnBareMachine(skipping, 'false')
  assert.match(stderr, 'oracle: check cannot be had: go is not installed')
  assert.match(stderr, 'skipped: helm (python3 is not installed)\nskipped: chart (go is not installed)\n')
  assert.match(stdout, /\noracle: 1 passed, 0 failed, 1 skipped\n$/)
  assert.is(status, 0)
})

installation('in CI, a missing oracle is an error', async () => {
  const { status, stdout, stderr } = await runOnBareMachine(skipping, 'true')
  assert.match(stderr, 'oracles are missing in CI: ')
  for (const name of partNames) {
    assert.match(stderr, `oracle: ${name} cannot be had: `)
  }
  assert.not.match(stdout, 'passed')
  assert.is(status, 1)
})

installation('a failure, a crash and a file without tests fail the run', async () => {
  for (const [text, line] of [
    [failing, 'oracle: 1 passed, 1 failed, 0 skipped'],
    [crashing, 'oracle: 0 passed, 1 failed, 0 skipped'],
    [forgetful, 'oracle: 0 passed, 1 failed, 0 skipped'],
  ] as const) {
    const { status, stdout } = await runOnBareMachine(text, 'false')
    assert.match(stdout, `${line}\n`)
    assert.is(status, 1)
  }
})

installation.run()

/** Runs a test file through `run.ts` with an empty cache and an empty PATH. */
function runOnBareMachine(text: string, isInCi: 'true' | 'false'): Promise<CommandResult> {
  return withDirectory(async directory => {
    const emptyPath = join(directory, 'bin')
    await mkdir(emptyPath)
    const file = join(directory, 'probe.test.mjs')
    await writeFile(file, text)
    return runCommand(process.execPath, ['--import', 'tsx', path('run.ts'), file], {
      environment: { PATH: emptyPath, XDG_CACHE_HOME: directory, CI: isInCi },
    })
  })
}
