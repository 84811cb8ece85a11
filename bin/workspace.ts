import { isUtf8 } from 'node:buffer'
import { closeSync, constants, fstatSync, openSync, readdirSync, readSync, realpathSync } from 'node:fs'
import { isAbsolute, join, relative, sep } from 'node:path'
import { Lines } from '../compiler/diagnostics/lines.ts'
import { largestFile } from '../compiler/source/bounds.ts'
import type { Workspace } from '../compiler/source/load.ts'
import { isSystemError, reasonOf } from './failure.ts'

/** The files of a project, for the compiler to read: text only, of bounded size, and nothing outside the project. */
export function projectWorkspace(root: string): Workspace {
  const realRoot = realpathSync.native(root)
  return { read, list }

  function read(path: string): ReturnType<Workspace['read']> {
    try {
      const real = realpathSync.native(join(root, path))
      if (isOutside(real)) return { reason: 'it is a symbolic link that leaves the project' }
      return readText(real)
    } catch (error) {
      return { reason: reasonOf(error) }
    }
  }

  function list(folder: string): readonly string[] {
    try {
      return readdirSync(join(root, folder), { withFileTypes: true })
        .filter(entry => !entry.isDirectory() && !entry.name.startsWith('.'))
        .map(entry => (folder === '' ? entry.name : `${folder}/${entry.name}`))
    } catch (error) {
      if (isSystemError(error)) return []
      throw error
    }
  }

  function isOutside(real: string): boolean {
    const path = relative(realRoot, real)
    return path === '..' || path.startsWith(`..${sep}`) || isAbsolute(path)
  }
}

function readText(path: string): ReturnType<Workspace['read']> {
  // Without O_NONBLOCK a pipe that nobody writes to would be waited for, for ever.
  const file = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
  try {
    const stat = fstatSync(file)
    if (stat.isDirectory()) return { reason: 'it is a folder' }
    if (!stat.isFile()) return { reason: 'it is not a regular file' }
    if (stat.size > largestFile) return { isTooLarge: true }
    return textOfBytes(readWhole(file, stat.size))
  } finally {
    closeSync(file)
  }
}

/** At most so many bytes as the file had when it was measured. */
function readWhole(file: number, size: number): Buffer {
  const bytes = Buffer.allocUnsafe(size)
  let length = 0
  while (length < size) {
    const read = readSync(file, bytes, length, size - length, null)
    if (read === 0) break
    length += read
  }
  return bytes.subarray(0, length)
}

/** Bytes as text, or why they are none. */
export function textOfBytes(bytes: Buffer): { readonly text: string } | { readonly reason: string } {
  const [first, second] = bytes
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff))
    return { reason: 'it is encoded as UTF-16: save it as UTF-8' }
  if (bytes.subarray(0, 8000).includes(0)) return { reason: 'it is a binary file, not text' }
  const text = bytes.toString('utf8')
  if (!isUtf8(bytes)) {
    const { line, column } = new Lines(text).positionOf(text.indexOf('\ufffd'))
    return { reason: `it is not UTF-8 (line ${line}, column ${column})` }
  }
  return { text: text.charCodeAt(0) === 0xfeff ? text.slice(1) : text }
}
