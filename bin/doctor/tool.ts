import { parseJson } from '../../compiler/source/parse-json.ts'
import { type ProgramRun, runProgram } from '../programs/run-program.ts'

/** Calls a tool; undefined if it is not installed. */
export const askTool = (name: string, words: readonly string[], folder: string): ProgramRun | undefined =>
  runProgram(name, words, { folder, limit: 20 })

/** Parses the JSON that a program printed; undefined for anything else. */
export function parseToolOutput({ stdout }: ProgramRun): unknown {
  return parseJson(stdout)
}
