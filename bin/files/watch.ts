import { type FSWatcher, readdirSync, watch as watchFolder } from 'node:fs'
import { dirname, join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { cleanUpOnInterrupt } from '../cli/interrupt.ts'
import { longRunFlags } from '../flags.ts'
import { listFoldersTo } from '../output/tree.ts'
import { isFolder, statIfThere } from './stat-if-there.ts'
import { isSystemError } from './system-error.ts'

/** An editor that saves makes several changes at once, in milliseconds. */
const calm = 10

/**
 * Calls `rebuild` after each change of a file that it reads, until a signal stops the process or `rebuild` returns undefined; never
 * two calls at once.
 * Folders are watched instead of files, since many editors put a new file in the place of the old one.
 *
 * @param rebuild receives the changed paths, from the root of the project; returns every file that it read, or undefined to stop
 */
export async function watchFiles(
  root: string,
  files: readonly string[],
  rebuild: (changed: readonly string[]) => Promise<readonly string[] | undefined>,
): Promise<void> {
  setFlagsFromString(longRunFlags)
  const watchers = new Map<string, FSWatcher>()
  let read = files
  let wake = () => {}
  const close = () => {
    for (const watcher of watchers.values()) watcher.close()
  }
  const forgetCleanUp = cleanUpOnInterrupt(close)
  let before = lookAround()
  for (;;) {
    await new Promise<void>(resolve => {
      wake = resolve
      // A change while a build ran is not waited for.
      if (changedSince(before, indexStamps(root, read)).length > 0) resolve()
    })
    await new Promise(resolve => setTimeout(resolve, calm))
    const now = lookAround()
    const changed = changedSince(before, now)
    before = now
    if (changed.length === 0) continue
    const files = await rebuild(changed)
    if (files === undefined) {
      close()
      forgetCleanUp()
      return
    }
    read = files
    // A file read for the first time was read just now; a known one may have changed meanwhile.
    before = new Map([...lookAround(), ...now])
  }

  /** Watches every relevant folder, and indexes the state of each relevant file. */
  function lookAround(): ReadonlyMap<string, string> {
    const folders = new Set(foldersOfInterest(root, read))
    for (const [folder, watcher] of watchers) {
      if (folders.has(folder)) continue
      watcher.close()
      watchers.delete(folder)
    }
    for (const folder of folders) if (!watchers.has(folder)) open(folder)
    return indexStamps(root, read)
  }

  function open(folder: string): void {
    try {
      const watcher = watchFolder(join(root, folder), () => wake())
      const forget = () => {
        watcher.close()
        if (watchers.get(folder) === watcher) watchers.delete(folder)
        wake()
      }
      watcher.on('error', forget)
      watchers.set(folder, watcher)
    } catch (error) {
      // It was removed at this very moment; its parent is watched, too.
      if (!isSystemError(error) || error.code !== 'ENOENT') throw error
    }
  }
}

/** The folders below spec/, those of other files that were read, and the parent of spec/, in case spec/ is created again. */
function foldersOfInterest(root: string, files: readonly string[]): readonly string[] {
  const folders = new Set(['', ...listFoldersBelow(root, 'spec')])
  for (const file of files) {
    const folder = dirname(file)
    if (folder !== '.') for (const path of [...listFoldersTo(folder), folder]) folders.add(path)
  }
  return [...folders].filter(folder => isFolder(join(root, folder)))
}

function listFoldersBelow(root: string, folder: string): readonly string[] {
  if (!isFolder(join(root, folder))) return []
  const inner = listFolderEntries(join(root, folder)).filter(
    entry => entry.isDirectory() && !entry.name.startsWith('.'),
  )
  return [folder, ...inner.flatMap(({ name }) => listFoldersBelow(root, `${folder}/${name}`))]
}

/** Indexes each relevant path by its file and its last write: YAML and templates in a relevant folder, and all files that were read. */
function indexStamps(root: string, files: readonly string[]): ReadonlyMap<string, string> {
  const stamps = new Map<string, string>()
  const stamp = (path: string) => {
    const stat = statIfThere(join(root, path))
    if (stat?.isFile()) stamps.set(path, `${stat.ino} ${stat.size} ${stat.mtimeNs}`)
  }
  for (const folder of foldersOfInterest(root, files))
    if (folder !== '')
      for (const entry of listFolderEntries(join(root, folder)))
        if (/\.(?:ya?ml|liquid)$/.test(entry.name)) stamp(`${folder}/${entry.name}`)
  for (const file of files) stamp(file)
  return stamps
}

const changedSince = (before: ReadonlyMap<string, string>, now: ReadonlyMap<string, string>) =>
  [...new Set([...before.keys(), ...now.keys()])].filter(path => before.get(path) !== now.get(path))

function listFolderEntries(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true })
  } catch (error) {
    if (isSystemError(error)) return []
    throw error
  }
}
