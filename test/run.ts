import { type ChildProcess, fork } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, watch, writeFileSync } from 'node:fs'
import { availableParallelism, totalmem } from 'node:os'
import { join } from 'node:path'
import { shortRunFlags } from '../bin/flags.ts'
import type { FileResult } from './run-file.ts'

/*
 * Runs every test file in parallel processes: `npm test`, or `npm test -- bin golden` for the files whose paths contain a word.
 * With `--watch`, runs them again whenever a file of the project changes.
 * test/oracle, test/live and test/page/browser have their own runners.
 * The run fails if a file fails, has no test, or skips a test.
 */

/** The time in milliseconds after which a file counts as hung. */
const longestFile = 15 * 60_000

/**
 * The numbers of processes for the two kinds of files. Tests of commands mostly wait for programs and disks. The other files keep a
 * core busy; each process compiles the code of meshc for itself, so they run in as few processes as there are cores.
 */
const processes = { commands: 2, rest: availableParallelism() }
const isAboutCommands = (file: string) => file.startsWith('test/bin/')

/** The memory in bytes above which a process ends after its file: laws leave specs and results in it. */
const mostMemory = Math.min(3 * 2 ** 30, totalmem() / 8)

/** A larger space for young objects, in MiB: a law makes and drops a mesh hundreds of times. */
const youngFlags = ['--min-semi-space-size=64', '--max-semi-space-size=64']

const root = join(import.meta.dirname, '..')
const timesFile = join(root, '.cache/test-times.json')

/** The folders whose files tests run or read. */
const watched = ['bin', 'compiler', 'docs', 'schema', 'spec', 'templates', 'test']
/** The pause in milliseconds that ends a change: an editor writes several files. */
const quiet = 200

/** Each start of Node would read the certificates again, and no test asks a server that needs them. */
const { NODE_EXTRA_CA_CERTS: _, ...environment } = process.env

const times = readTimes()
const isWatching = process.argv.includes('--watch')
const words = process.argv.slice(2).filter(word => word !== '--watch')

if (isWatching) await watchFiles()
else await runFiles()

/** Runs the files that the words select, in fresh processes. */
async function runFiles(): Promise<void> {
  const began = performance.now()
  const files = testFiles().filter(file => words.length === 0 || words.some(word => file.includes(word)))
  if (files.length === 0) throw new Error('there is no test file of that name')
  // The longest file runs first, so that it does not end alone. A file without a time may be long.
  const waiting = files.toSorted(
    (a, b) => (times[b] ?? Infinity) - (times[a] ?? Infinity) || (a < b ? -1 : 1),
  )
  const results: FileResult[] = []
  const commands = waiting.filter(isAboutCommands)
  const rest = waiting.filter(file => !isAboutCommands(file))
  const start = (count: number, queues: readonly string[][]) =>
    Array.from({ length: Math.min(count, waiting.length) }, () => work(queues, results))
  await Promise.all([...start(processes.commands, [commands]), ...start(processes.rest, [rest, commands])])
  writeTimes(results)
  summarize(results, performance.now() - began)
}

/** Runs the files now and after each change, until the process is ended. */
async function watchFiles(): Promise<void> {
  let changed = () => {}
  for (const folder of watched.map(name => join(root, name)).filter(folder => existsSync(folder)))
    watch(folder, { recursive: true }, () => changed())
  for (;;) {
    const change = new Promise<void>(resolve => {
      let timer: NodeJS.Timeout | undefined
      changed = () => {
        clearTimeout(timer)
        timer = setTimeout(resolve, quiet)
      }
    })
    await runFiles()
    console.log('waiting for a change')
    await change
  }
}

function testFiles(): readonly string[] {
  return readdirSync(join(root, 'test'), { recursive: true, encoding: 'utf8' })
    .map(path => `test/${path.replaceAll('\\', '/')}`)
    .filter(path => path.endsWith('.test.ts') && !/^test\/(oracle|live|page\/browser)\//.test(path))
    .sort()
}

/**
 * Runs files in one process after another until no file waits in a queue, the first queue first. A new process replaces one that ends.
 */
async function work(queues: readonly string[][], results: FileResult[]): Promise<void> {
  const takeFile = () => queues.find(queue => queue.length > 0)?.shift()
  let child: ChildProcess | undefined
  for (let file = takeFile(); file !== undefined; file = takeFile()) {
    child ??= fork(join(root, 'test/run-file.ts'), {
      // The optimizing compiler of V8 would take a third of the CPU time of most files.
      execArgv: ['--import', 'tsx', ...shortRunFlags, ...youngFlags],
      cwd: root,
      env: environment,
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    })
    const result = await runIn(child, file)
    if (result.memory > mostMemory) child.disconnect()
    if (child.exitCode !== null || child.signalCode !== null || !child.connected) child = undefined
    results.push(result)
    show(result)
  }
  child?.disconnect()
}

function runIn(child: ChildProcess, file: string): Promise<FileResult> {
  const started = performance.now()
  return new Promise(resolve => {
    let noise = ''
    const listen = (chunk: Buffer) => {
      noise += chunk.toString()
    }
    const finish = (result: FileResult) => {
      clearTimeout(timer)
      child.stderr?.off('data', listen)
      child.off('message', answered)
      child.off('exit', died)
      resolve(result)
    }
    const answered = (message: unknown) => {
      // The only message that run-file.ts sends.
      const result = message as FileResult
      finish({ ...result, output: result.output + noise })
    }
    const died = (code: number | null, signal: string | null) => {
      const milliseconds = performance.now() - started
      const output = `the process ended (${signal ?? `exit code ${code}`}) before the file was done\n${noise}`
      finish({ file, total: 0, passed: 0, skipped: 0, failures: '', output, milliseconds, memory: 0 })
    }
    const timer = setTimeout(() => child.kill('SIGKILL'), longestFile)
    child.stderr?.on('data', listen)
    child.on('message', answered)
    child.on('exit', died)
    child.send(file)
  })
}

function findFault({ total, passed, skipped }: FileResult): string | undefined {
  if (total === 0) return 'ran no test'
  if (passed < total) return `${total - passed} failed`
  if (skipped > 0) return `${skipped} skipped`
  return undefined
}

function show(result: FileResult): void {
  const fault = findFault(result)
  const seconds = (result.milliseconds / 1000).toFixed(1).padStart(6)
  console.log(
    `${fault === undefined ? '✓' : '✘'} ${seconds} s  ${result.file}  ${fault ?? `${result.total} passed`}`,
  )
  if (fault !== undefined) console.log(`${result.failures}\n${result.output}`)
}

function summarize(results: readonly FileResult[], milliseconds: number): void {
  const faulty = results.filter(result => findFault(result) !== undefined)
  const passed = results.reduce((sum, result) => sum + result.passed, 0)
  // A file that does not reach its tests, or skips a test, counts as a failure.
  const failed = faulty.reduce((sum, { total, passed }) => sum + Math.max(1, total - passed), 0)
  if (faulty.length > 0) console.log(`\nfailed: ${faulty.map(({ file }) => file).join(', ')}`)
  console.log(`\n${results.length} files in ${(milliseconds / 1000).toFixed(1)} s`)
  console.log(`${passed} passed, ${failed} failed`)
  process.exitCode = failed > 0 ? 1 : 0
}

function readTimes(): Record<string, number> {
  try {
    // `writeTimes` writes the file. A damaged file could only change the order.
    return JSON.parse(readFileSync(timesFile, 'utf8')) as Record<string, number>
  } catch {
    return {}
  }
}

function writeTimes(results: readonly FileResult[]): void {
  for (const { file, milliseconds } of results) times[file] = Math.round(milliseconds)
  mkdirSync(join(root, '.cache'), { recursive: true })
  writeFileSync(timesFile, JSON.stringify(times))
}
