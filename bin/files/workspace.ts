import { isUtf8 } from 'node:buffer'
import { readdirSync, realpathSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { Lines } from '../../compiler/diagnostics/lines.ts'
import type { Workspace } from '../../compiler/source/load.ts'
import { isInFolder } from './is-in-folder.ts'
import { readRegularFile } from './read-file.ts'
import { describeSystemError, isSystemError } from './system-error.ts'

/** The files of a project, for the compiler to read: text only, of bounded size, and nothing outside the project. */
export function projectWorkspace(root: string): Workspace {
  const realRoot = realpathSync.native(root)
  return { read, list, listBelow }

  function read(path: string): ReturnType<Workspace['read']> {
    try {
      const real = realPath(path)
      if (typeof real !== 'string') return real
      const read = readRegularFile(real)
      return 'bytes' in read ? textOfBytes(read.bytes) : read
    } catch (error) {
      return { reason: describeSystemError(error) }
    }
  }

  function list(folder: string): readonly string[] {
    try {
      const real = realPath(folder)
      if (typeof real !== 'string') return []
      return readdirSync(real, { withFileTypes: true })
        .filter(entry => !entry.isDirectory() && !entry.name.startsWith('.'))
        .map(entry => (folder === '' ? entry.name : `${folder}/${entry.name}`))
    } catch (error) {
      if (isSystemError(error)) return []
      throw error
    }
  }

  function listBelow(folder: string): readonly string[] {
    try {
      const real = realPath(folder)
      if (typeof real !== 'string') return []
      return readdirSync(real, { recursive: true, withFileTypes: true })
        .filter(entry => !entry.isDirectory())
        .map(entry => relative(real, join(entry.parentPath, entry.name)).split(sep))
        .filter(steps => steps.every(step => !step.startsWith('.')))
        .map(steps => `${folder}/${steps.join('/')}`)
    } catch (error) {
      if (isSystemError(error)) return []
      throw error
    }
  }

  /** Resolves a path through its links. A path outside of the project, or in git's own folder, must not be read. */
  function realPath(path: string): string | { readonly reason: string } {
    const real = realpathSync.native(join(root, path))
    if (!isInFolder(real, realRoot)) return { reason: 'it is a symbolic link that leaves the project' }
    const steps = relative(realRoot, real).split(sep)
    if (steps.some(step => step.toLowerCase() === '.git')) return { reason: 'it belongs to git' }
    return real
  }
}

/** Bytes as text, or the reason why they are not text. */
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
