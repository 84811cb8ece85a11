import { lstatSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { isSystemError } from '../files/system-error.ts'

/** The state of a file, or of a folder with all that is below it, as the file system dates it. */
export interface Fingerprint {
  /** A line for each file: its path, its size, its dates and its number on the disk. */
  readonly text: string
  /** The time at which the youngest of the files was changed last, in milliseconds since 1970. */
  readonly changedAt: number
}

/**
 * Takes the fingerprint of a file or folder at a path of a project. Each change of a file also changes its `ctime`, which only
 * the system sets, so different contents have different fingerprints if the clock has moved on. Undefined if the path has anything
 * that is not a file or folder, such as a link, or that cannot be read: its content is unknown then.
 */
export function takeFingerprint(root: string, path: string): Fingerprint | undefined {
  const lines: string[] = []
  let changedAt = 0
  const isKnown = attemptLook(() => visit(path))
  return isKnown ? { text: lines.join('\n'), changedAt } : undefined

  function visit(path: string): boolean {
    const stat = lstatSync(join(root, path), { throwIfNoEntry: false })
    if (stat === undefined) lines.push(`${path}\0missing`)
    else if (stat.isFile()) {
      lines.push(`${path}\0${stat.size} ${stat.mtimeMs} ${stat.ctimeMs} ${stat.ino}`)
      changedAt = Math.max(changedAt, stat.ctimeMs)
    } else if (!stat.isDirectory()) return false
    else {
      lines.push(`${path}/`)
      return readdirSync(join(root, path))
        .sort()
        .every(name => visit(`${path}/${name}`))
    }
    return true
  }
}

/** Takes the fingerprint of the names in a folder, whatever those files hold. */
export function takeNames(root: string, folder: string): Fingerprint | undefined {
  const names: string[] = []
  const isKnown = attemptLook(() => {
    for (const entry of readdirSync(join(root, folder), { withFileTypes: true }))
      names.push(`${entry.name}\0${entry.isDirectory()}`)
    return true
  })
  return isKnown ? { text: names.sort().join('\n'), changedAt: 0 } : undefined
}

function attemptLook(look: () => boolean): boolean {
  try {
    return look()
  } catch (error) {
    if (isSystemError(error)) return false
    throw error
  }
}
