// Runs the tests that use the real consumers: `npm run test:oracle`, or `node --import tsx test/oracle/run.ts
// FILE...`. The last line is `oracle: N passed, N failed, N skipped`. The exit code is 1 if a test failed, or
// was skipped in CI.

import { spawn } from 'node:child_process'
import { readdir } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { shortRunFlags } from '../../bin/flags.ts'
import { install, isContinuousIntegration } from './install.ts'

interface Count {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
}

/** Files that take minutes come first, so that no process runs a long file alone at the end. */
const longest = ['behavior', 'promtool', 'automation', 'chart', 'api-server', 'out', 'documents']

/** Tests wait for servers and for Envoy, so one process more than the number of cores uses the idle time. */
const mostProcesses = availableParallelism() + 1

const directory = dirname(fileURLToPath(import.meta.url))
const start = performance.now()
const named = process.argv.slice(2)

await install()
const total = { passed: 0, failed: 0, skipped: 0 }
const waiting = named.length > 0 ? named : await testFiles()
await Promise.all(Array.from({ length: Math.min(mostProcesses, waiting.length) }, runFiles))
const seconds = ((performance.now() - start) / 1000).toFixed(1)
process.stderr.write(`oracle: all of it took ${seconds} s\n`)
process.stdout.write(`oracle: ${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped\n`)
if (total.failed > 0 || (total.skipped > 0 && isContinuousIntegration())) process.exitCode = 1

/** Runs one waiting file after the other until none is left. */
async function runFiles(): Promise<void> {
  for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) {
    const { passed, failed, skipped } = await runFile(file)
    total.passed += passed
    total.failed += failed
    total.skipped += skipped
  }
}

async function testFiles(): Promise<string[]> {
  const names = await readdir(directory)
  const files = names.filter(name => name.endsWith('.test.ts')).sort()
  const first = longest.map(name => `${name}.test.ts`).filter(file => files.includes(file))
  return [...new Set([...first, ...files])].map(file => join(directory, file))
}

/**
 * Runs a file in a separate process and prints its output at its end. A file cannot affect another file or
 * end the run.
 */
function runFile(file: string): Promise<Count> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...shortRunFlags, '--import', 'tsx', file], {
      env: { ...process.env, NO_COLOR: '1' },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let output = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text
    })
    child.on('error', reject)
    child.on('close', status => {
      process.stdout.write(`${relative(process.cwd(), file)}\n${output}`)
      resolve(countAll(output, status))
    })
  })
}

/**
 * Reads uvu's summary. A file counts as a failure if it ends without a summary, fails outside its tests, or
 * has no test.
 */
function countAll(output: string, status: number | null): Count {
  const [, total, passed, skipped] =
    /\n {2}Total: +(\d+)\n {2}Passed: +(\d+)\n {2}Skipped: +(\d+)\n/.exec(output) ?? []
  if (total === undefined) return { passed: 0, failed: 1, skipped: 0 }
  const failed = Number(total) - Number(passed)
  const isEmpty = Number(total) === 0 && Number(skipped) === 0
  const isBroken = failed === 0 && (status !== 0 || isEmpty)
  return { passed: Number(passed), failed: isBroken ? 1 : failed, skipped: Number(skipped) }
}
