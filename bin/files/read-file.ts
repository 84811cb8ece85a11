import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs'
import { largestFile } from '../../compiler/source/largest-file.ts'
import { Failure } from '../cli/failure.ts'
import { describeSystemError } from './system-error.ts'

/** The bytes of a file, or the reason for their absence. */
type FileRead = { readonly bytes: Buffer } | { readonly reason: string } | { readonly isTooLarge: true }

/**
 * Reads a regular file of bounded size. A committed link to a device, or a pipe in the place of the file, does not stop meshc:
 * it waits for neither, and reads neither without end.
 *
 * @param limit in bytes
 */
export function readRegularFile(path: string, limit = largestFile): FileRead {
  try {
    // Without O_NONBLOCK, open would wait for ever for a pipe without a writer.
    const file = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
    try {
      const stat = fstatSync(file)
      if (stat.isDirectory()) return { reason: 'it is a folder' }
      if (!stat.isFile()) return { reason: 'it is not a regular file' }
      return stat.size > limit ? { isTooLarge: true } : { bytes: readWhole(file, stat.size) }
    } finally {
      closeSync(file)
    }
  } catch (error) {
    return { reason: describeSystemError(error) }
  }
}

/** Reads at most so many bytes as the file had when it was measured. */
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

/** The text of a file; undefined if it is not there, or cannot be read. */
export function readIfThere(path: string, limit?: number): string | undefined {
  const read = readRegularFile(path, limit)
  return 'bytes' in read ? read.bytes.toString('utf8') : undefined
}

/**
 * The bytes of a file that must exist.
 *
 * @param name the name of the file in a message
 */
export function mustRead(path: string, name: string): Buffer {
  const read = readRegularFile(path)
  if ('bytes' in read) return read.bytes
  const reason = 'reason' in read ? read.reason : `it is larger than ${largestFile / 2 ** 20} MiB`
  throw new Failure(`\`${name}\` cannot be read: ${reason}`)
}
