import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { shortRunFlags } from '../../bin/flags.ts'
import { write } from '../support/project.ts'
import { type CpuProfile, drawFlameGraph, sumRooms } from './flame-graph.ts'
import { makeMemoryFolder } from './memory-folder.ts'
import { benchServices, benchSpec } from './mesh.ts'

const rootUrl = new URL('../../', import.meta.url).href
const root = fileURLToPath(rootUrl)
const picture = 'docs/pictures/build-profile.svg'

/** The microseconds between two samples. */
const interval = 100

/** The color of each room of a build, in its order. */
const colors = {
  source: '#f4c27a',
  resolve: '#e9a6a6',
  validate: '#d9b3e6',
  emit: '#9cc9ee',
  print: '#8fd3c8',
  documents: '#f2b6d0',
  expectations: '#c3d98b',
  output: '#e8e07a',
  others: '#d5d5d5',
  'garbage collector': '#b9a18e',
}

/**
 * `npm run bench -- --profile [SIZE]`: builds a mesh with this number of services (1,000) from the sources of
 * meshc. Draws the use of CPU time as `docs/pictures/build-profile.svg`. The loading of sources is left out,
 * since `dist/` loads in another way.
 */
export function drawBuildProfile(size: number): void {
  const workspace = makeMemoryFolder()
  try {
    write(workspace, { 'spec/bench/mesh.yaml': benchSpec(benchServices(size)) })
    const { status, stderr } = spawnSync(
      process.execPath,
      [
        '--cpu-prof',
        `--cpu-prof-interval=${interval}`,
        `--cpu-prof-dir=${join(workspace, 'profiles')}`,
        ...shortRunFlags,
        '--import',
        'tsx',
        'bin/meshc.ts',
        ...['build', '--env', 'bench', '--no-cache', '--project', workspace],
      ],
      { cwd: root, encoding: 'utf8' },
    )
    if (status !== 0) throw new Error(`the build failed:\n${stderr}`)
    const title = `meshc build of ${size.toLocaleString('en')} services, cold: where the time goes`
    const profile = readProfile(join(workspace, 'profiles'))
    writeFileSync(join(root, picture), drawFlameGraph(profile, findRoom, colors, title))
    printRooms(sumRooms(profile, findRoom))
    console.log(`wrote ${picture}`)
  } finally {
    rmSync(workspace, { recursive: true, force: true })
  }
}

/** Prints the time of each room, the longest first. */
function printRooms(sums: ReadonlyMap<string, number>): void {
  const all = [...sums.values()].reduce((sum, time) => sum + time, 0)
  for (const [room, time] of [...sums].toSorted(([, a], [, b]) => b - a))
    console.log(
      `${(time / 1000).toFixed(0).padStart(6)} ms ${((100 * time) / all).toFixed(0).padStart(3)} %  ${room}`,
    )
}

/**
 * Reads the largest profile of a folder. Each thread writes a profile, and the other threads load sources.
 */
function readProfile(folder: string): CpuProfile {
  const texts = readdirSync(folder).map(file => readFileSync(join(folder, file), 'utf8'))
  const [text] = texts.toSorted((a, b) => b.length - a.length)
  if (text === undefined) throw new Error('the build wrote no profile')
  // Node writes this format.
  return JSON.parse(text) as CpuProfile
}

/** Finds the room of a meshc function. Code of Node or of a package counts for its caller. */
function findRoom(url: string, functionName: string): keyof typeof colors | undefined {
  if (functionName === '(garbage collector)') return 'garbage collector'
  if (!url.startsWith(rootUrl)) return undefined
  const path = url.slice(rootUrl.length)
  if (path.startsWith('schema/generated/')) return 'source'
  if (/^compiler\/emit\/(?:print|yaml|plain-tree)\.ts/.test(path)) return 'print'
  const folder = /^(?:compiler|bin)\/([\w-]+)/.exec(path)?.[1]
  if (folder === undefined) return undefined
  return folder in colors ? (folder as keyof typeof colors) : 'others'
}
