import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** The nearest folder, this one or one above, that Git takes for a working tree: `.git` is a file in those that are added or are submodules. */
export function workingTreeAround(folder: string): string | undefined {
  if (existsSync(join(folder, '.git'))) return folder
  const parent = dirname(folder)
  return parent === folder ? undefined : workingTreeAround(parent)
}
