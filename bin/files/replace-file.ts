import { randomUUID } from 'node:crypto'
import { renameSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'

/** A new name beside a file, for its replacement: hidden, and one that no other process can have put there before. */
export const nameBeside = (file: string): string =>
  join(dirname(file), `.${basename(file)}.meshc-${process.pid}-${randomUUID().slice(0, 8)}`)

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
