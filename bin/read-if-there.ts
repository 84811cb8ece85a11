import { readFileSync } from 'node:fs'
import { isSystemError } from './failure.ts'

/** The text of a file; undefined if it is not there, or cannot be read. */
export function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (isSystemError(error)) return undefined
    throw error
  }
}
