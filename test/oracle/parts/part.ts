import { existsSync } from 'node:fs'
import { chmod, cp, mkdir, mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { runOrThrow } from '../command.ts'

/** A part of the installation. Each part can be missing alone. */
export interface Part {
  /** The files and folders that determine the part, including its pins and this recipe. */
  readonly inputs: readonly string[]
  /** Makes the part, a file or a folder, at a path. */
  readonly make: (target: string) => Promise<void>
}

/** A program of a Go module, and the settings of its build. */
export interface GoProgram {
  /** The import path, or the folder in the module. */
  readonly path: string
  /** Variables that the linker sets, by package and name. */
  readonly variables?: Readonly<Record<string, string>>
  readonly tags?: readonly string[]
  /** Builds the tests of the package as a program. */
  readonly isTest?: boolean
}

/**
 * Builds a program of the module in a directory. go.mod and go.sum stay unchanged: a missing entry is an
 * error.
 */
export async function buildGo(directory: string, program: GoProgram, target: string): Promise<void> {
  const variables = Object.entries(program.variables ?? {}).map(([name, value]) => `-X ${name}=${value}`)
  const commandLine = [
    ...(program.isTest ? ['test', '-c'] : ['build']),
    ...['-ldflags', ['-s', '-w', ...variables].join(' ')],
    ...(program.tags ? ['-tags', program.tags.join(',')] : []),
    ...['-o', target, program.path],
  ]
  await runOrThrow('go', commandLine, { cwd: directory, environment: goEnvironment })
}

// If the machine's Go is older than the module requires, Go fetches a newer toolchain.
export const goEnvironment = { GOTOOLCHAIN: 'auto', GOWORK: 'off', GOFLAGS: '-buildvcs=false' } as const

/** The output of `go mod download -json` about a module. */
interface DownloadedModule {
  readonly Dir: string
  readonly Sum: string
}

/** Downloads a module, without a go.mod or in the version that the go.mod in the working directory pins. */
export async function downloadModule(module: string, cwd: string): Promise<DownloadedModule> {
  const options = { cwd, environment: goEnvironment }
  const text = await runOrThrow('go', ['mod', 'download', '-json', module], options)
  const answer: unknown = JSON.parse(text)
  if (
    typeof answer === 'object' &&
    answer !== null &&
    'Dir' in answer &&
    typeof answer.Dir === 'string' &&
    'Sum' in answer &&
    typeof answer.Sum === 'string'
  ) {
    return { Dir: answer.Dir, Sum: answer.Sum }
  }
  throw new Error(`go mod download answered ${text}`)
}

/** Copies files from Go's module cache, which are read-only and can be removed at any time. */
export async function copyWritable(source: string, target: string): Promise<void> {
  await mkdir(dirname(target), { recursive: true })
  await cp(source, target, { recursive: true })
  await makeWritable(target)
}

async function makeWritable(path: string): Promise<void> {
  const directory = (await stat(path)).isDirectory()
  await chmod(path, directory ? 0o755 : 0o644)
  if (!directory) return
  for (const name of await readdir(path)) await makeWritable(join(path, name))
}

export async function withTemporaryDirectory<T>(use: (directory: string) => Promise<T>): Promise<T> {
  const directory = await mkdtemp(join(tmpdir(), 'meshc-oracle-'))
  try {
    return await use(directory)
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

/** Returns the path of a program on the PATH. */
export function programOnPath(name: string): string {
  const folders = (process.env['PATH'] ?? '').split(':').filter(folder => folder !== '')
  const result = folders.map(folder => join(folder, name)).find(existsSync)
  if (result === undefined) throw new Error(`${name} is not installed`)
  return result
}
