import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { dump, loadAll } from 'js-yaml'
import { coarsestClock } from '../../bin/files/coarsest-clock.ts'
import { install } from '../oracle/install.ts'
import { write } from '../support/project.ts'
import { type Measurement, measureProcess } from './measure-process.ts'
import { makeMemoryFolder } from './memory-folder.ts'
import { benchServices, benchSpec, includedSpec, richSpec } from './mesh.ts'
import { drawBuildProfile } from './profile.ts'

/**
 * `npm run bench [-- --runs N] [-- SIZE…]`: compares `meshc build` with `helm template` for the same objects.
 * The two run in turns. Each run is a cold process that writes to an empty folder. The bench prints medians
 * of wall time, CPU time and peak memory, and checks that both made the same objects. Other files that meshc
 * builds, and helm does not, are measured separately: `meshc, all`. Then the bench measures the same mesh in
 * other shapes, and `meshc diff` since a commit, after a change of one service, against building the same
 * mesh. It measures a build without a change, help, a version, a completion and a wrong word against a start
 * of Node. `bench:questions` measures questions about meshes, and `bench:page` measures the page of `meshc
 * map`. With `--profile`, the bench only draws a picture (`profile.ts`).
 */
const here = fileURLToPath(new URL('.', import.meta.url))
const meshc = fileURLToPath(new URL('../../dist/meshc.cjs', import.meta.url))
const { runs, sizes, shapedSizes, diffedSizes, isProfile } = readArguments()
if (isProfile) {
  drawBuildProfile(sizes[0]!)
  process.exit()
}
const workspace = makeMemoryFolder()
/**
 * The age at which the dates of a file are reliable, in milliseconds. From then on, meshc remembers a build
 * without changes.
 */
const settled = coarsestClock + 100
const helm = join((await install(['clients'])).paths.get('clients')!, 'helm')

/** The namespaced kinds that both make. Only meshc makes the few mesh-wide objects. */
const compared = ['DestinationRule', 'VirtualService', 'AuthorizationPolicy', 'Sidecar']

try {
  console.log(`${availableParallelism()} cores, node ${process.version}, medians of ${runs} runs in turns`)
  console.log(row(['services', 'tool', 'wall s', 'CPU s', 'peak MiB', 'meshc / helm', 'growth']))
  let before: { readonly size: number; readonly wall: number } | undefined
  for (const size of sizes) {
    const folder = join(workspace, String(size))
    prepare(size, folder)
    const [manifests, templated, everything] = measureInTurns(
      () => build(join(folder, 'manifests')),
      () =>
        run(
          [
            helm,
            'template',
            'bench',
            join(here, 'chart'),
            '-f',
            join(folder, 'values.yaml'),
            '--output-dir',
            join(folder, 'helm'),
          ],
          join(folder, 'helm'),
        ),
      () => build(join(folder, 'everything')),
    )
    const same = compare(join(folder, 'manifests/out'), join(folder, 'helm'))
    const growth =
      before === undefined
        ? ''
        : (Math.log(manifests.wall / before.wall) / Math.log(size / before.size)).toFixed(2)
    console.log(
      row([size, 'meshc', ...figures(manifests), (manifests.wall / templated.wall).toFixed(2), growth]),
    )
    console.log(row(['', 'helm', ...figures(templated), same, '']))
    console.log(row(['', 'meshc, all', ...figures(everything), '', '']))
    before = { size, wall: manifests.wall }
    rmSync(folder, { recursive: true })
  }
  console.log(row(['services', 'shape', 'wall s', 'CPU s', 'peak MiB', 'CPU, shape / plain', '']))
  for (const size of shapedSizes) {
    const shapes = Object.entries(makeShapes(size))
    const folders = shapes.map(([shape, files]) => {
      const project = join(workspace, `${size} ${shape}`)
      write(join(project, 'spec/bench'), files)
      return project
    })
    const measured = measureInTurns(...folders.map(project => () => build(project)))
    for (const [index, [shape]] of shapes.entries()) {
      const ratio = (measured[index]!.cpu / measured[0]!.cpu).toFixed(2)
      console.log(row([index === 0 ? size : '', shape, ...figures(measured[index]!), ratio, '']))
    }
    for (const project of folders) rmSync(project, { recursive: true })
  }
  console.log(row(['services', 'tool', 'wall s', 'CPU s', 'peak MiB', 'more wall, CPU s', '']))
  for (const size of diffedSizes) {
    const project = join(workspace, `${size} diffed`)
    commitAndChange(size, project)
    const [built, diffed] = measureInTurns(
      () => build(project),
      // The exit code reports a change, which is no failure.
      () => run(['node', meshc, 'diff', '--base', 'HEAD', '--project', project], undefined, 2),
    )
    const more = [diffed.wall - built.wall, diffed.cpu - built.cpu].map(seconds => seconds.toFixed(3))
    console.log(row([size, 'build', ...figures(built), '', '']))
    console.log(row(['', 'diff', ...figures(diffed), more.join(', '), '']))
    rmSync(project, { recursive: true })
  }
  console.log(row(['services', 'tool', 'wall s', 'CPU s', 'peak MiB', 'meshc / node', '']))
  for (const size of sizes) {
    const project = join(workspace, `${size} unchanged`)
    prepare(size, project)
    const folder = join(project, 'everything')
    build(folder)
    await wait(settled)
    const buildAgain = () => run(['node', meshc, 'build', '--env', 'bench', '--project', folder], undefined)
    buildAgain()
    const [unchanged, started] = measureInTurns(buildAgain, () => run(['node', '-e', '0'], undefined))
    console.log(row([size, 'unchanged', ...figures(unchanged), (unchanged.cpu / started.cpu).toFixed(1), '']))
    console.log(row(['', 'node -e 0', ...figures(started), '', '']))
    rmSync(project, { recursive: true })
  }
  const calls = [['--version'], ['--help'], ['completion', 'bash'], ['bild']] as const
  const [started, ...called] = measureInTurns(
    () => run(['node', '-e', '0'], undefined),
    ...calls.map(words => () => run(['node', meshc, ...words], undefined, words[0] === 'bild' ? 2 : 0)),
  )
  for (const [index, measurement] of called.entries())
    console.log(
      row(['', calls[index]![0], ...figures(measurement), (measurement.cpu / started.cpu).toFixed(2), '']),
    )
} finally {
  rmSync(workspace, { recursive: true, force: true })
}
for (const part of ['questions.ts', 'page.ts'])
  spawnSync(process.execPath, ['--import', 'tsx', join(here, part)], { stdio: 'inherit' })

function prepare(size: number, folder: string): void {
  const services = benchServices(size)
  const spec = benchSpec(services)
  write(folder, {
    'manifests/spec/bench/mesh.yaml': `${spec}delivery: { outputs: [] }\n`,
    'everything/spec/bench/mesh.yaml': spec,
    'values.yaml': dump({ services }, { noRefs: true }),
  })
}

/** Makes the files of one mesh in several shapes. Only meshc can build the richer shapes. */
function makeShapes(size: number): Readonly<Record<string, Readonly<Record<string, string>>>> {
  const services = benchServices(size)
  return {
    plain: { 'mesh.yaml': benchSpec(services) },
    rich: { 'mesh.yaml': richSpec(services) },
    '200 files': includedSpec(services, 200),
  }
}

/** Makes a repository with a project and its built files, and then changes the timeout of a service. */
function commitAndChange(size: number, project: string): void {
  const spec = 'spec/bench/mesh.yaml'
  const text = benchSpec(benchServices(size))
  write(project, { [spec]: text })
  build(project)
  const git = (...words: readonly string[]) => {
    const author = ['-c', 'user.name=bench', '-c', 'user.email=bench@example.com']
    const { status, stderr } = spawnSync('git', ['-C', project, ...author, ...words], { encoding: 'utf8' })
    if (status !== 0) throw new Error(`git ${words[0]} failed:\n${stderr}`)
  }
  git('init', '--quiet')
  git('add', '--all')
  git('commit', '--quiet', '--message', 'all services')
  write(project, { [spec]: text.replace(/timeout: .*/, 'timeout: 31s') })
}

function build(project: string): Measurement {
  return run(['node', meshc, 'build', '--env', 'bench', '--project', project], join(project, 'out'))
}

/** Returns the medians of each command. */
function measureInTurns<const Commands extends readonly (() => Measurement)[]>(
  ...commands: Commands
): { readonly [Index in keyof Commands]: Measurement } {
  const measured = commands.map(() => [] as Measurement[])
  for (let turn = 0; turn < runs; turn++)
    for (const [index, command] of commands.entries()) measured[index]!.push(command())
  const medians = measured.map(all => ({
    wall: median(all.map(({ wall }) => wall)),
    cpu: median(all.map(({ cpu }) => cpu)),
    memory: median(all.map(({ memory }) => memory)),
  }))
  // There is a list for each command.
  return medians as { readonly [Index in keyof Commands]: Measurement }
}

/** Runs a command with an empty folder for its output, and throws an error if it ends with another status. */
function run(command: readonly string[], output: string | undefined, expected = 0): Measurement {
  if (output !== undefined) {
    rmSync(output, { recursive: true, force: true })
    mkdirSync(output, { recursive: true })
  }
  const log = join(workspace, 'log')
  const { status, ...measurement } = measureProcess(command, log)
  if (status !== expected) throw new Error(`${command.join(' ')} failed:\n${readFileSync(log, 'utf8')}`)
  return measurement
}

/** Compares the objects of two folders, of the compared kinds. Throws an error if they differ. */
function compare(ours: string, theirs: string): string {
  const left = objectsIn(ours)
  const right = objectsIn(theirs)
  const different = [...new Set([...left.keys(), ...right.keys()])].filter(
    key => left.get(key) !== right.get(key),
  )
  if (different.length === 0) return `same ${left.size} objects`
  throw new Error(
    `${different.length} of ${left.size} objects differ, first ${different[0]}:\n${left.get(different[0]!)}\n${right.get(different[0]!)}`,
  )
}

function objectsIn(folder: string): ReadonlyMap<string, string> {
  const objects = new Map<string, string>()
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile() || !entry.name.endsWith('.yaml')) continue
    for (const document of loadAll(readFileSync(join(entry.parentPath, entry.name), 'utf8'))) {
      const { kind, metadata } = (document ?? {}) as {
        kind?: string
        metadata?: { name: string; namespace: string }
      }
      if (kind === undefined || metadata === undefined || !compared.includes(kind)) continue
      if (metadata.namespace === 'istio-system') continue
      objects.set(`${kind} ${metadata.namespace}/${metadata.name}`, JSON.stringify(sorted(document)))
    }
  }
  return objects
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, entry]) => [key, sorted(entry)]),
  )
}

function readArguments(): {
  readonly runs: number
  readonly sizes: readonly number[]
  readonly shapedSizes: readonly number[]
  readonly diffedSizes: readonly number[]
  readonly isProfile: boolean
} {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { runs: { type: 'string', default: '5' }, profile: { type: 'boolean', default: false } },
  })
  const [runs, isProfile] = [Number(values.runs), values.profile]
  const sizes = positionals.map(Number)
  if (isProfile) return { runs, sizes: [...sizes, 1000], shapedSizes: [], diffedSizes: [], isProfile }
  if (sizes.length > 0) return { runs, sizes, shapedSizes: sizes, diffedSizes: sizes, isProfile }
  return {
    runs,
    sizes: [100, 1000, 5000, 10_000],
    shapedSizes: [1000],
    diffedSizes: [400, 5000],
    isProfile,
  }
}

function figures({ wall, cpu, memory }: Measurement): readonly string[] {
  return [wall.toFixed(3), cpu.toFixed(3), memory.toFixed(0)]
}

function row(cells: readonly (string | number)[]): string {
  return cells.map((cell, index) => String(cell).padStart(index === 5 ? 18 : index === 1 ? 10 : 9)).join(' ')
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!
}
