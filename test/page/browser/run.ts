// Runs the tests that open the page in Chromium: `npm run test:page`, or `npm run test:page -- WORD` for files whose name holds a word.
// The last line is `page: N passed, N failed`. Without Chromium, every test fails and says how to install it.
import { spawn } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { shortRunFlags } from '../../../bin/flags.ts'

const words = process.argv.slice(2)
const files = readdirSync(import.meta.dirname)
  .filter(
    file => file.endsWith('.test.ts') && (words.length === 0 || words.some(word => file.includes(word))),
  )
  .sort()
if (files.length === 0) throw new Error('there is no test file of that name')

let [passed, failed] = [0, 0]
for (const file of files) {
  const { output, code } = await runFile(file)
  process.stdout.write(`${file}\n${output}`)
  const [, total, good] = /\n {2}Total: +(\d+)\n {2}Passed: +(\d+)\n/.exec(output) ?? []
  const count = Number(good ?? 0)
  passed += count
  // A file that ends without a sum, or fails outside of its tests, counts as a failure.
  failed += Math.max(Number(total ?? 0) - count, code === 0 && Number(total ?? 0) > 0 ? 0 : 1)
}
process.stdout.write(`page: ${passed} passed, ${failed} failed\n`)
if (failed > 0) process.exitCode = 1

function runFile(file: string): Promise<{ output: string; code: number | null }> {
  return new Promise((resolve, reject) => {
    const child = spawn(
      process.execPath,
      [...shortRunFlags, '--import', 'tsx', join(import.meta.dirname, file)],
      {
        env: { ...process.env, NO_COLOR: '1' },
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    )
    let output = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text
    })
    child.on('error', reject)
    child.on('close', code => resolve({ output, code }))
  })
}
