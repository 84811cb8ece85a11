import { type BigIntStats, lstatSync, statSync } from 'node:fs'
import { isSystemError } from './system-error.ts'

/** The file, folder or other thing at a path, or where a link there leads; undefined where there is none or none can be reached. */
export const statIfThere = (path: string): BigIntStats | undefined =>
  unlessRefused(() => statSync(path, { bigint: true, throwIfNoEntry: false }))

/** The same without following a link: it is there, wherever it leads. */
export const lstatIfThere = (path: string): BigIntStats | undefined =>
  unlessRefused(() => lstatSync(path, { bigint: true, throwIfNoEntry: false }))

/** Tells whether anything is there. A link that leads nowhere is: it is no reason to take away what was built. */
export const isThere = (path: string): boolean => lstatIfThere(path) !== undefined

export const isFolder = (path: string): boolean => statIfThere(path)?.isDirectory() === true

/** A link to a folder is none: what is written there lands elsewhere. */
export const isRealFolder = (path: string): boolean => lstatIfThere(path)?.isDirectory() === true

function unlessRefused<T>(look: () => T | undefined): T | undefined {
  try {
    return look()
  } catch (error) {
    if (isSystemError(error)) return undefined
    throw error
  }
}
