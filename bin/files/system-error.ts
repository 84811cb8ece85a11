import { getSystemErrorMap } from 'node:util'
import { Failure } from '../cli/failure.ts'

/** Tells whether an error is the system's word on a file, such as ENOENT. */
export function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && typeof (error as NodeJS.ErrnoException).code === 'string'
}

/** Describes an error of the system in plain words; throws all other errors. */
export function describeSystemError(error: unknown): string {
  if (!isSystemError(error)) throw error
  const { code, errno } = error
  const reason = errorReasons[code!]
  if (reason !== undefined) return reason
  if (errno === undefined) throw error
  return getSystemErrorMap().get(errno)?.[1] ?? code!
}

/** Does work that needs the disk. An error of the system becomes a failure that begins with `what`. */
export function attempt<T>(what: string, work: () => T, help?: string): T {
  try {
    return work()
  } catch (error) {
    if (!isSystemError(error)) throw error
    throw new Failure(`${what}: ${describeSystemError(error)}`, help)
  }
}

const errorReasons: Readonly<Record<string, string>> = {
  EACCES: 'permission is denied',
  EBUSY: 'another program holds it',
  EDQUOT: 'the disk quota is used up',
  EEXIST: 'something of that name is there already',
  EFBIG: 'it would be larger than this system allows',
  EIO: 'the disk reports an error',
  EISDIR: 'it is a folder',
  ELOOP: 'symbolic links go in a circle',
  EMFILE: 'too many files are open',
  ENAMETOOLONG: 'the name is too long',
  ENOENT: 'there is no such file',
  ENOSPC: 'the disk is full',
  ENOTDIR: 'a part of the path is a file, not a folder',
  ENOTEMPTY: 'the folder is not empty',
  EPERM: 'this system does not permit it',
  EROFS: 'the disk is read-only',
  ERR_INVALID_ARG_VALUE: 'the path has a character that no path can have',
}
