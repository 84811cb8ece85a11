import { spawnSync } from 'node:child_process'
import { parseJson } from '../../compiler/source/parse-json.ts'
import { isSystemError } from '../failure.ts'

/** What a program said. */
export interface ToolRun {
  readonly isGood: boolean
  readonly stdout: string
  /** The last line of what went wrong. */
  readonly trouble: string
}

/** Runs a program; undefined where it is not installed. */
export function runTool(command: string, words: readonly string[], folder: string): ToolRun | undefined {
  const { error, status, stdout, stderr } = spawnSync(command, words, {
    cwd: folder,
    encoding: 'utf8',
    timeout: 20_000,
  })
  if (error !== undefined && isSystemError(error) && error.code === 'ENOENT') return undefined
  const isLate = error !== undefined && isSystemError(error) && error.code === 'ETIMEDOUT'
  const trouble = isLate
    ? 'it did not answer within 20 seconds'
    : ((stderr ?? '').trim().split('\n').at(-1) ?? '')
  return {
    isGood: error === undefined && status === 0,
    stdout: stdout ?? '',
    trouble: trouble || (error?.message ?? ''),
  }
}

/** What a program said in JSON; undefined for anything else. */
export function jsonOfTool({ stdout }: ToolRun): unknown {
  return parseJson(stdout)
}
