import { renameSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'

/** A new name beside a file, for its replacement: hidden, and unique among processes. */
export const nameBeside = (file: string): string =>
  join(dirname(file), `.${basename(file)}.meshc-${process.pid}-${Math.random().toString(36).slice(2, 10)}`)

/** Puts a text into the place of a file in one step: a reader finds the old or the new. A link there is replaced, never followed. */
export function replaceFile(file: string, text: string): void {
  const next = nameBeside(file)
  try {
    writeFileSync(next, text, { flag: 'wx' })
    renameSync(next, file)
  } finally {
    rmSync(next, { force: true })
  }
}
