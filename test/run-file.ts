import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

/** The result of one test file. */
export interface FileResult {
  readonly file: string
  readonly total: number
  readonly passed: number
  readonly skipped: number
  /** The report of uvu on the tests that failed. */
  readonly failures: string
  /** The output of the file. */
  readonly output: string
  readonly milliseconds: number
  /** The bytes that the process holds after the file. */
  readonly memory: number
}

/** A suite in the queue of uvu: its run returns its failures and the counts of passed, skipped and all tests. */
type Suite = () => Promise<[failures: string | true, passed: number, skipped: number, total: number]>

declare global {
  // `uvu/run` sets these names, so that suites wait in a queue by file instead of running at once.
  var UVU_DEFER: number | undefined
  var UVU_INDEX: number | undefined
  var UVU_QUEUE: [string | null, ...Suite[]][]
}

globalThis.UVU_DEFER = 1
await import('uvu')

process.on('message', file => {
  void run(String(file)).then(result => process.send?.(result))
})

async function run(file: string): Promise<FileResult> {
  const began = performance.now()
  const index = globalThis.UVU_QUEUE.push([file]) - 1
  globalThis.UVU_INDEX = index
  const write = process.stdout.write
  let output = ''
  let failures = ''
  let passed = 0
  let skipped = 0
  let total = 0
  process.stdout.write = chunk => {
    output += String(chunk)
    return true
  }
  try {
    await import(pathToFileURL(join(import.meta.dirname, '..', file)).href)
    const [, ...suites] = globalThis.UVU_QUEUE[index] ?? [null]
    for (const suite of suites) {
      const [failed, ran, left, all] = await suite()
      if (typeof failed === 'string') failures += failed
      passed += ran
      skipped += left
      total += all
    }
  } catch (error) {
    failures += error instanceof Error ? (error.stack ?? error.message) : String(error)
    total = Math.max(total, passed + 1)
  } finally {
    process.stdout.write = write
  }
  const milliseconds = performance.now() - began
  return { file, total, passed, skipped, failures, output, milliseconds, memory: process.memoryUsage.rss() }
}
