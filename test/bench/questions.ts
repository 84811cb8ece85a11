import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { corpusMeshes, hardMeshes } from './hard-meshes.ts'

/**
 * `npm run bench:questions [-- WORD…]`: CPU seconds that `lint` and `diff` take for meshes whose conditions multiply, and
 * for the meshes of the corpus, beside their target; of several changes the longest. Words choose meshes by their names.
 */
const target = 2
/** A question that takes longer is stopped, in seconds. */
const longest = 300

const words = process.argv.slice(2)
console.log(['lint s', 'diff s', 'changes', 'target s'].map(cell => cell.padStart(9)).join(' '))
for (const { name, before } of [...hardMeshes(), ...corpusMeshes()]) {
  if (words.length > 0 && !words.some(word => name.includes(word))) continue
  const { lint, diff } = ask(name)
  const cells = [
    seconds(lint, 1),
    seconds(diff, before.length),
    `${diff.length}/${before.length}`,
    target.toFixed(1),
  ]
  const isSlow = lint.length === 0 || diff.length < before.length || Math.max(...lint, ...diff) > target
  console.log(`${cells.map(cell => cell.padStart(9)).join(' ')}  ${name}${isSlow ? '  TOO SLOW' : ''}`)
}

/** The CPU seconds of each question that a process of its own has answered. */
function ask(name: string): { readonly lint: readonly number[]; readonly diff: readonly number[] } {
  const { NODE_EXTRA_CA_CERTS: _, ...environment } = process.env
  const { status, signal, stdout, stderr } = spawnSync(
    process.execPath,
    ['--import', 'tsx', join(import.meta.dirname, 'ask.ts'), name],
    { encoding: 'utf8', env: environment, timeout: longest * 1000 },
  )
  if (status !== 0 && signal !== 'SIGTERM') throw new Error(`${name}: ${stderr}`)
  const told = stdout
    .trim()
    .split('\n')
    .map(line => line.split(' '))
  const of = (question: string) => told.flatMap(([asked, cpu]) => (asked === question ? [Number(cpu)] : []))
  return { lint: of('lint'), diff: of('diff') }
}

function seconds(all: readonly number[], asked: number): string {
  const most = Math.max(0, ...all)
  return all.length < asked ? `> ${most.toFixed(1)}` : most.toFixed(2)
}
