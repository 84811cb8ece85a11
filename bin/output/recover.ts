import { chmodSync, existsSync, lstatSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { isSystemError } from '../failure.ts'
import type { OutputFolder } from './output-folder.ts'
import { readTree } from './tree.ts'

/*
 * What stands beside an output folder while a build writes it:
 *   next-…      the tree that is being made
 *   previous-…  the tree that was there, whole: only between the two renames that exchange them
 *   old-…       the same, once it is being removed
 *   turn        the right to write; turn.… while one that was left is taken away
 */

/** What builds that were killed have left beside a folder. */
export function leftovers(folder: OutputFolder): readonly string[] {
  try {
    return readdirSync(folder.parent)
      .filter(name => name.startsWith(folder.besideName))
      .map(name => name.slice(folder.besideName.length))
      .filter(name => /^(next|previous|old)-|^turn/.test(name))
  } catch (error) {
    if (isSystemError(error)) return []
    throw error
  }
}

/** Puts back the tree of a build that was killed between two renames, and removes what others left. Needs the turn. */
export function recover(folder: OutputFolder): void {
  for (const name of leftovers(folder)) {
    if (name === 'turn') continue
    if (name.startsWith('previous-') && !existsSync(folder.path)) renameSync(folder.beside(name), folder.path)
    else removeTree(folder.beside(name))
  }
}

/** Removes a folder with all that it holds, also what is write-protected. */
export function removeTree(path: string): void {
  try {
    rmSync(path, { recursive: true, force: true })
  } catch (error) {
    if (!isSystemError(error)) throw error
    for (const [entry, kind] of [['', 'folder'] as const, ...readTree(path)])
      if (kind === 'folder') chmodSync(join(path, entry), lstatSync(join(path, entry)).mode | 0o700)
    rmSync(path, { recursive: true, force: true })
  }
}
