import { existsSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/**
 * Makes an empty folder, on a RAM disk if there is one, so that the bench does not measure journals and
 * caches of a disk.
 */
export const makeMemoryFolder = (): string =>
  mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'meshc-bench-'))
