import { lstatSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { Failure } from '../cli/failure.ts'
import { attempt, isSystemError } from '../files/system-error.ts'

export type EntryKind = 'file' | 'folder' | 'link' | 'other'

/**
 * The content of a folder: the kind of everything below it, by its path there, with forward slashes, folders first.
 */
export type Tree = ReadonlyMap<string, EntryKind>

/** Reads a folder to its depth, following no link. A folder that is not there is empty. */
export function readFolderTree(root: string): Tree {
  const tree = new Map<string, EntryKind>()
  const folders = ['']
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    for (const entry of readFolderEntries(join(root, folder), folder === '')) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`
      const kind = entry.isFile()
        ? 'file'
        : entry.isDirectory()
          ? 'folder'
          : entry.isSymbolicLink()
            ? 'link'
            : 'other'
      tree.set(path, kind)
      if (kind === 'folder') folders.push(path)
    }
  }
  return tree
}

function readFolderEntries(folder: string, mayBeMissing: boolean) {
  return attempt(`\`${folder}\` cannot be read`, () => {
    try {
      return readdirSync(folder, { withFileTypes: true })
    } catch (error) {
      if (mayBeMissing && isSystemError(error) && error.code === 'ENOENT') return []
      throw error
    }
  })
}

/** The names in a folder; empty if it cannot be read. */
export function listFolderNames(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
  } catch (error) {
    if (isSystemError(error)) return []
    throw error
  }
}

/** The folders that lead to a path, the outermost first: `a/b/c` has `a` and `a/b`. */
export function listFoldersTo(path: string): readonly string[] {
  const folders: string[] = []
  for (let slash = path.indexOf('/'); slash !== -1; slash = path.indexOf('/', slash + 1))
    folders.push(path.slice(0, slash))
  return folders
}

/** Fails if one of the folders that lead to a path, or the path, is there but is no folder: a file or a link. */
export function mustBeFolders(root: string, path: string): void {
  for (const folder of [...listFoldersTo(path), path]) {
    const stat = attempt(`\`${folder}\` cannot be read`, () =>
      lstatSync(join(root, folder), { throwIfNoEntry: false }),
    )
    if (stat === undefined) return
    if (stat.isDirectory()) continue
    const kind = stat.isSymbolicLink() ? 'a symbolic link' : 'a file'
    throw new Failure(`\`${folder}\` is ${kind}, where meshc writes a folder`, 'move it away')
  }
}
