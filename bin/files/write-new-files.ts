import { closeSync, mkdirSync, openSync, rmdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { cleanUpOnInterrupt } from '../cli/interrupt.ts'
import { readRegularFile } from './read-file.ts'
import { isRealFolder, isThere, lstatIfThere } from './stat-if-there.ts'
import { attempt, isSystemError } from './system-error.ts'

/** A file that is not there yet. */
export interface NewFile {
  /** The path from the folder that it is written into. */
  readonly path: string
  readonly text: string
  readonly isExecutable: boolean
}

/** Tells whether a file is there already, as it would be written. */
export function isFileWritten(folder: string, file: NewFile): boolean {
  if (!isRegularFile(folder, file)) return false
  const read = readRegularFile(join(folder, file.path))
  return 'bytes' in read && read.bytes.toString('utf8') === file.text
}

/** Tells whether a regular file of that path is there, whatever is in it. */
export const isRegularFile = (folder: string, { path }: NewFile): boolean =>
  lstatIfThere(join(folder, path))?.isFile() === true

/** Lists the paths that are in the way of new files, or of a folder that they need. */
export function pathsInTheWay(folder: string, files: readonly NewFile[]): readonly string[] {
  const existing = files.flatMap(({ path }) => {
    const parts = path.split('/')
    const paths = parts.map((_, index) => parts.slice(0, index + 1).join('/'))
    const blocked = paths.find(
      part => isThere(join(folder, part)) && (part === path || !isRealFolder(join(folder, part))),
    )
    return blocked === undefined ? [] : [blocked]
  })
  return [...new Set(existing)]
}

/** Writes new files: all of them, or none if one cannot be written or a signal stops the process. */
export function writeNewFiles(folder: string, files: readonly NewFile[]): void {
  const undoings: (() => void)[] = []
  const undo = () => {
    for (const undoOne of undoings.splice(0).reverse()) undoOne()
  }
  const finished = cleanUpOnInterrupt(undo)
  try {
    for (const { path, text, isExecutable } of files) {
      attempt(`\`${path}\` cannot be written`, () => {
        const target = join(folder, path)
        for (const made of makeFolder(dirname(target))) undoings.push(() => removeEmptyFolder(made))
        // A file that has come there since is not overwritten.
        const file = openSync(target, 'wx', isExecutable ? 0o777 : 0o666)
        undoings.push(() => rmSync(target, { force: true }))
        try {
          writeFileSync(file, text)
        } finally {
          closeSync(file)
        }
      })
    }
  } catch (error) {
    undo()
    throw error
  } finally {
    finished()
  }
}

/** Makes a folder and those above it; returns the new folders, the outermost first. */
function makeFolder(folder: string): readonly string[] {
  const outermost = mkdirSync(folder, { recursive: true })
  const made: string[] = []
  if (outermost === undefined) return made
  for (let each = folder; each.length >= outermost.length; each = dirname(each)) made.unshift(each)
  return made
}

/** A folder that others use meanwhile stays. */
function removeEmptyFolder(folder: string): void {
  try {
    rmdirSync(folder)
  } catch (error) {
    if (!isSystemError(error)) throw error
  }
}
