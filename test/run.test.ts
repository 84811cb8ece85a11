import { spawn } from 'node:child_process'
import { cpSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { project, write } from './support/project.ts'

const run = suite('run')
const here = import.meta.dirname

/** A test file with tests that pass, by their names. */
const passing = (...names: readonly string[]) =>
  `import { suite } from 'uvu'\nconst all = suite('all')\n${names
    .map(name => `all('${name}', () => {})\n`)
    .join('')}all.run()\n`

run('with --watch, the selected files run again after a change', async () => {
  const folder = project({
    'package.json': '{ "type": "module" }',
    'test/first.test.ts': passing('a'),
    'test/second.test.ts': passing('b'),
  })
  for (const file of ['test/run.ts', 'test/run-file.ts', 'bin/flags.ts'])
    cpSync(join(here, '..', file), join(folder, file))
  symlinkSync(join(here, '../node_modules'), join(folder, 'node_modules'))
  const child = spawn(process.execPath, ['--import', 'tsx', 'test/run.ts', '--watch', 'first'], {
    cwd: folder,
  })
  let output = ''
  const ended = new Promise(resolve => child.on('close', resolve))
  const sees = (text: RegExp) =>
    new Promise<void>((resolve, reject) => {
      const look = () => text.test(output) && resolve()
      child.stdout.on('data', look)
      child.on('close', () => reject(new Error(`it ended without ${text}:\n${output}`)))
      look()
    })
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    output += text
  })
  try {
    await sees(/1 passed, 0 failed\nwaiting for a change/)
    write(folder, { 'test/first.test.ts': passing('a', 'b', 'c') })
    await sees(/3 passed, 0 failed\nwaiting for a change/)
    assert.not.match(output, 'second.test.ts')
  } finally {
    child.kill()
    await ended
  }
})

run.run()
