import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildSync } from 'esbuild'
import { dump } from 'js-yaml'
import { shortRunFlags } from '../../bin/flags.ts'
import { install } from '../oracle/install.ts'
import type { Asked } from './ask.ts'
import { foreignManifests } from './foreign-manifests.ts'
import { corpusMeshes, type HardMesh, hardMeshes } from './hard-meshes.ts'
import { benchServices, benchSpec } from './mesh.ts'

/**
 * `npm run bench:questions [-- WORD…]`: measures the CPU seconds of `lint` and `diff` for meshes whose
 * conditions multiply, and for the meshes of the corpus, and prints each beside its target. Of several
 * changes, only the longest counts. Then measures whole processes of `meshc lint` for meshes of many
 * services, and of `lint` and `diff` for manifests without a spec. Words select meshes by their names. The
 * targets are for a machine that renders the chart of 1,000 services with helm in `usualHelm` seconds. A
 * slower machine gets more time, in the proportion of its helm time.
 */
const usualHelm = 0.77
const target = 2
const sizes = [
  { size: 1000, target: 3 },
  { size: 5000, target: 8 },
]
const foreignSizes = [
  { size: 1000, target: 3 },
  { size: 5000, target: 15 },
]
/** The time limit of a question, in seconds. A longer question is stopped. */
const longest = 300
const meshc = join(import.meta.dirname, '../../dist/meshc.cjs')

// A certificate file for Node would make each start slower, and users do not have it.
const { NODE_EXTRA_CA_CERTS: _, ...environment } = process.env
const words = process.argv.slice(2)
const isAsked = (name: string) => words.length === 0 || words.some(word => name.includes(word))

const folder = mkdtempSync(join(tmpdir(), 'meshc-bench-'))
process.on('exit', () => rmSync(folder, { recursive: true }))
const asker = bundleAsker()
const slowness = await measureSlowness()

console.log(`targets × ${slowness.toFixed(2)}: the machine's helm against ${usualHelm} s`)
tell(['lint s', 'diff s', 'changes', 'target s'], '', false)
for (const mesh of [...hardMeshes(), ...corpusMeshes()]) {
  const { name, before } = mesh
  if (!isAsked(name)) continue
  const { lint, diff } = ask(mesh)
  const isSlow =
    lint.length === 0 || diff.length < before.length || Math.max(...lint, ...diff) > allow(target)
  const changes = `${diff.length}/${before.length}`
  tell([seconds(lint, 1), seconds(diff, before.length), changes, allow(target).toFixed(1)], name, isSlow)
}
for (const { size, target } of sizes) {
  const name = `${size} services`
  if (!isAsked(name)) continue
  const lint = lintProject(size)
  const isSlow = lint.length === 0 || lint[0]! > allow(target)
  tell([seconds(lint, 1), '', '', allow(target).toFixed(1)], name, isSlow)
}

for (const { size, target } of foreignSizes) {
  const name = `${size} foreign services`
  if (!isAsked(name)) continue
  const [before, after] = [join(folder, `${size}-before.yaml`), join(folder, `${size}-after.yaml`)]
  writeFileSync(before, foreignManifests(size, '3s'))
  writeFileSync(after, foreignManifests(size, '4s'))
  const lint = timeCommand(['lint', after])
  const diff = timeCommand(['diff', before, after])
  const isSlow = [lint, diff].some(([time = longest]) => time > allow(target))
  tell([seconds(lint, 1), seconds(diff, 1), '', allow(target).toFixed(1)], name, isSlow)
}

/**
 * Returns how many times slower this machine is than the usual machine, by three runs of helm; 1 if it is
 * faster.
 */
async function measureSlowness(): Promise<number> {
  const helm = join((await install(['clients'])).paths.get('clients')!, 'helm')
  const values = join(folder, 'values.yaml')
  writeFileSync(values, dump({ services: benchServices(1000) }, { noRefs: true }))
  const command = [helm, 'template', 'bench', join(import.meta.dirname, 'chart'), '-f', values]
  const times = [1, 2, 3].flatMap(() => timeProcess([...command, '--output-dir', join(folder, 'helm')]))
  return Math.max(1, times.toSorted((a, b) => a - b)[1]! / usualHelm)
}

/** Returns the seconds that this machine gets for some seconds of the usual machine. */
function allow(seconds: number): number {
  return seconds * slowness
}

function tell(cells: readonly string[], name: string, isSlow: boolean): void {
  console.log(`${cells.map(cell => cell.padStart(9)).join(' ')}  ${name}${isSlow ? '  TOO SLOW' : ''}`)
}

/** Returns the CPU seconds of each question, which its own process has answered. */
function ask({ name, objects, before }: HardMesh): {
  readonly lint: readonly number[]
  readonly diff: readonly number[]
} {
  const places = new Map(objects.map((object, place) => [object, place]))
  const asked: Asked = { objects, before: before.map(side => side.map(object => places.get(object)!)) }
  const file = join(folder, 'mesh.json')
  writeFileSync(file, JSON.stringify(asked))
  const { status, signal, stdout, stderr } = spawnSync(process.execPath, [...shortRunFlags, asker, file], {
    encoding: 'utf8',
    env: environment,
    timeout: longest * 1000,
  })
  if (status !== 0 && signal !== 'SIGTERM') throw new Error(`${name}: ${stderr}`)
  const lines = stdout
    .trim()
    .split('\n')
    .map(line => line.split(' '))
  const answered = (question: string) =>
    lines.flatMap(([asked, cpu]) => (asked === question ? [Number(cpu)] : []))
  return { lint: answered('lint'), diff: answered('diff') }
}

/** Bundles the engine and the questions into one file, like the published files. It runs with their flags. */
function bundleAsker(): string {
  const file = join(folder, 'ask.cjs')
  buildSync({
    entryPoints: [join(import.meta.dirname, 'ask.ts')],
    outfile: file,
    bundle: true,
    platform: 'node',
    target: 'node20',
    minify: true,
  })
  return file
}

/** Returns the CPU seconds of the published `meshc lint`; none if it was stopped. */
function lintProject(size: number): readonly number[] {
  const project = join(folder, `${size}`)
  mkdirSync(join(project, 'spec/bench'), { recursive: true })
  writeFileSync(join(project, 'spec/bench/mesh.yaml'), benchSpec(benchServices(size)))
  return timeCommand(['lint', '--env', 'bench', '--project', project])
}

/** Returns the CPU seconds of a call of the published meshc; none if it was stopped. */
function timeCommand(words: readonly string[]): readonly number[] {
  return timeProcess([process.execPath, meshc, ...words])
}

/** Returns the CPU seconds of a process from start to end; none if it was stopped. */
function timeProcess(command: readonly string[]): readonly number[] {
  const { stderr } = spawnSync(
    'bash',
    ['-c', `TIMEFORMAT='%U %S'; time timeout ${longest} "$@" >/dev/null`, 'bash', ...command],
    { encoding: 'utf8', env: environment },
  )
  const [user = longest, system = 0] = stderr.trim().split('\n').at(-1)!.split(' ').map(Number)
  return user + system >= longest ? [] : [user + system]
}

function seconds(all: readonly number[], asked: number): string {
  const most = Math.max(0, ...all)
  return all.length < asked ? `> ${most.toFixed(1)}` : most.toFixed(2)
}
