import { coarsestClock } from '../files/coarsest-clock.ts'
import { lstatIfThere } from '../files/stat-if-there.ts'
import { getDigest } from './lock-file.ts'

/** A file as a build made it: its text, the digest of the text, and the stamp of the file on the disk that had this text. */
interface RememberedFile {
  readonly text: string
  readonly digest: string
  stamp?: string | undefined
}

/**
 * The files of output folders by their places on the disk, from one build of a process to the next: a text that is as before is not
 * digested again, and a file that is as before is not read again.
 */
export class FileMemory {
  private readonly files = new Map<string, RememberedFile>()

  /** Returns the digest of the text of a file, as the lock file lists it. */
  getDigest(place: string, text: string): string {
    const before = this.files.get(place)
    if (before?.text === text) return before.digest
    const digest = getDigest(text)
    this.files.set(place, { text, digest })
    return digest
  }

  /** Tells whether a file of this stamp had the text whose digest was asked last. */
  isKnown(place: string, stamp: string): boolean {
    return this.files.get(place)?.stamp === stamp
  }

  /** Remembers that a file of this stamp has the text whose digest was asked last. */
  remember(place: string, stamp: string): void {
    const file = this.files.get(place)
    if (file !== undefined) file.stamp = stamp
  }
}

/**
 * Makes the stamp of a file: its number, its size and the date of its last write, which a link to it has, too. Undefined if the file
 * is so young that it could change and keep them.
 */
export function makeStamp(place: string): string | undefined {
  const stat = lstatIfThere(place)
  if (stat === undefined || Date.now() - Number(stat.mtimeMs) < coarsestClock) return undefined
  return `${stat.ino} ${stat.size} ${stat.mtimeNs}`
}
