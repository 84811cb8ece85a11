import { spawnSync } from 'node:child_process'
import { accessSync, constants, realpathSync, statSync } from 'node:fs'
import { delimiter, dirname, isAbsolute, join } from 'node:path'
import { isInFolder } from '../files/is-in-folder.ts'
import { isSystemError } from '../files/system-error.ts'
import { workingTreeAround } from '../files/working-tree.ts'

/** The end of a program. */
export interface ProgramRun {
  readonly isGood: boolean
  readonly bytes: Buffer
  readonly stdout: string
  /** The last line of the error output. */
  readonly trouble: string
}

/** The folder in which a program runs, and its other options. */
interface ProgramOptions {
  readonly folder: string
  readonly input?: string
  /** Added to the environment of meshc. */
  readonly environment?: Readonly<Record<string, string>>
  /** The limit in seconds. A program that takes longer is ended. */
  readonly limit?: number
}

/** Runs a program that the user has installed; undefined if it is not installed. */
export function runProgram(
  name: string,
  words: readonly string[],
  { folder, input = '', environment = {}, limit }: ProgramOptions,
): ProgramRun | undefined {
  const path = programPath(name, folder)
  if (path === undefined) return undefined
  const { error, status, stdout, stderr } = spawnSync(path, words, {
    cwd: folder,
    input,
    maxBuffer: 2 ** 31 - 1,
    env: { ...process.env, ...environment },
    ...(limit !== undefined && { timeout: limit * 1000 }),
  })
  const isLate = error !== undefined && isSystemError(error) && error.code === 'ETIMEDOUT'
  const lastLine = String(stderr ?? '')
    .trim()
    .split('\n')
    .at(-1)
  const bytes = stdout ?? Buffer.alloc(0)
  return {
    isGood: error === undefined && status === 0,
    bytes,
    // The longest text that there can be is shorter than the most bytes.
    get stdout() {
      return bytes.toString()
    },
    trouble: isLate ? `it did not answer within ${limit} seconds` : lastLine || (error?.message ?? ''),
  }
}

/**
 * The file of a program, from PATH. A pull request can bring files, and these are never run: relative and empty entries of
 * PATH mean the current folder, `npx` puts `node_modules/.bin` of the project into PATH, and Windows looks into the current
 * folder first when a program is named without its folder.
 *
 * @param folder the folder of the project: it, the working tree around it and the one around the current folder are passed over
 */
function programPath(name: string, folder: string): string | undefined {
  const here = realPath('.')
  const foreign = [folder, workingTreeAround(folder), here && workingTreeAround(here)]
    .map(path => (path === undefined ? undefined : realPath(path)))
    // A project that is the root of the system has every program in it.
    .filter(path => path !== undefined && dirname(path) !== path)
  const endings = process.platform === 'win32' ? ['.exe', '.com'] : ['']
  for (const entry of (process.env['PATH'] ?? '').split(delimiter)) {
    if (!isAbsolute(entry)) continue
    const real = realPath(entry)
    if (real === undefined || foreign.some(folder => folder !== undefined && isInFolder(real, folder)))
      continue
    for (const ending of endings) {
      const path = join(entry, name + ending)
      if (isProgram(path)) return path
    }
  }
  return undefined
}

function realPath(path: string): string | undefined {
  try {
    return realpathSync.native(path)
  } catch (error) {
    if (isSystemError(error)) return undefined
    throw error
  }
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch (error) {
    if (isSystemError(error)) return false
    throw error
  }
}
