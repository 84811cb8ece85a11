import { type SpawnOptions, spawn, spawnSync } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '../..')

/** The bundle that users run. It is built again if a source is newer. */
export const bundle = join(root, 'dist/meshc.cjs')

/** The result of a run of meshc. */
export interface Run {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

/** The options of a run of meshc. */
export interface RunOptions {
  /** Variables added to an environment without colours; undefined removes a variable. */
  readonly environment?: Readonly<Record<string, string | undefined>>
  /** The path of another copy of the bundle. */
  readonly bundle?: string
  /** The id of the user that runs meshc. Only root can set it. */
  readonly user?: number
  /** The descriptor for standard output. Without it, the result has the output. */
  readonly stdout?: number
  /** The text on standard input; empty by default. */
  readonly stdin?: string
  /** Arguments for node itself. */
  readonly node?: readonly string[]
}

/** Runs meshc in a folder, as in a terminal, and waits for its end. */
export function meshc(folder: string, words: readonly string[], options: RunOptions = {}): Promise<Run> {
  const child = startMeshc(folder, words, options)
  child.stdin?.on('error', () => {})
  child.stdin?.end(options.stdin)
  return ended(child)
}

/** Starts meshc in a folder. */
export function startMeshc(folder: string, words: readonly string[], options: RunOptions = {}) {
  if (options.bundle === undefined) refreshBundle()
  const spawnOptions: SpawnOptions = {
    cwd: folder,
    env: { PATH: process.env['PATH'], ...options.environment },
    stdio: [options.stdin === undefined ? 'ignore' : 'pipe', options.stdout ?? 'pipe', 'pipe'],
    ...(options.user !== undefined && { uid: options.user, gid: options.user }),
  }
  return spawn(process.execPath, [...(options.node ?? []), options.bundle ?? bundle, ...words], spawnOptions)
}

/** Waits for the end of a started process, and returns its result. */
export function ended(child: ReturnType<typeof spawn>): Promise<Run> {
  let stdout = ''
  let stderr = ''
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
  })
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }))
  })
}

let isFresh = false

function refreshBundle(): void {
  if (isFresh) return
  isFresh = true
  if (existsSync(bundle) && newestSource() < statSync(bundle).mtimeMs) return
  const { status, stderr } = spawnSync(process.execPath, ['bin/build/bundle.mjs'], {
    cwd: root,
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(`the bundle cannot be made: ${stderr}`)
}

function newestSource(): number {
  const files = ['bin', 'compiler', 'schema'].flatMap(folder =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map(path =>
      join(root, folder, path),
    ),
  )
  return Math.max(...files.map(file => statSync(file).mtimeMs))
}
