import { chmodSync, lstatSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { isSystemError } from '../files/system-error.ts'
import { readFolderTree } from './tree.ts'

/** Removes a path: of a link only the link, of a folder everything in it, even if it is write-protected. */
export function removeTree(path: string): void {
  try {
    rmSync(path, { recursive: true, force: true })
  } catch (error) {
    if (!isSystemError(error) || !lstatSync(path).isDirectory()) throw error
    for (const [entry, kind] of [['', 'folder'] as const, ...readFolderTree(path)])
      if (kind === 'folder') chmodSync(join(path, entry), lstatSync(join(path, entry)).mode | 0o700)
    rmSync(path, { recursive: true, force: true })
  }
}
