import { type BigIntStats, lstatSync, statSync } from 'node:fs'
import { isSystemError } from './system-error.ts'

/** The file, folder or other object at a path, or the target of a link there; undefined if there is none or it cannot be reached. */
export const statIfThere = (path: string): BigIntStats | undefined =>
  unlessRefused(() => statSync(path, { bigint: true, throwIfNoEntry: false }))

/** The same without following a link: it is there, wherever it leads. */
export const lstatIfThere = (path: string): BigIntStats | undefined =>
  unlessRefused(() => lstatSync(path, { bigint: true, throwIfNoEntry: false }))

/** Tells whether a path exists. A link without a target exists: it is no reason to remove the built files. */
export const isThere = (path: string): boolean => lstatIfThere(path) !== undefined

export const isFolder = (path: string): boolean => statIfThere(path)?.isDirectory() === true

/** A link to a folder does not count: files written there would be elsewhere. */
export const isRealFolder = (path: string): boolean => lstatIfThere(path)?.isDirectory() === true

function unlessRefused<T>(look: () => T | undefined): T | undefined {
  try {
    return look()
  } catch (error) {
    if (isSystemError(error)) return undefined
    throw error
  }
}
