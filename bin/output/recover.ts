import { renameSync } from 'node:fs'
import { Failure } from '../cli/failure.ts'
import { isRealFolder, isThere } from '../files/stat-if-there.ts'
import { isClaim } from './exclusive.ts'
import type { OutputFolder } from './output-folder.ts'
import { removeTree } from './remove-tree.ts'
import { listFolderNames } from './tree.ts'

/*
 * The names beside an output folder while a build writes it:
 *   next-…      the tree that is being made
 *   previous-…  the tree that was there, whole: only between the two renames that exchange them
 *   old-…       the same, once the new one is in its place
 *   turn-…      the claims of those who want to write
 */

/** Lists the files that killed builds have left beside a folder. */
export function listLeftovers(folder: OutputFolder): readonly string[] {
  return listFolderNames(folder.parent)
    .filter(name => name.startsWith(folder.besideName))
    .map(name => name.slice(folder.besideName.length))
    .filter(name => /^(next|previous|old)-|^turn/.test(name))
}

/**
 * Restores the tree of a build that was killed between two renames, and removes the remains of others. Needs the turn. Any file may
 * have such a name, since it may come from a commit: only a folder is restored.
 */
export function recover(folder: OutputFolder): void {
  for (const name of listLeftovers(folder)) {
    const path = folder.beside(name)
    // A process that waits for the turn keeps its claim.
    if (isClaim(name, 'turn')) continue
    if (!name.startsWith('previous-') || isThere(folder.path) || !isRealFolder(path)) removeTree(path)
    else {
      renameSync(path, folder.path)
      if (isRealFolder(folder.path)) continue
      renameSync(folder.path, path)
      throw new Failure(`\`${folder.name}\` was changed while it was repaired`, 'build again')
    }
  }
}
