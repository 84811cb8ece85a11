import { dirname, join } from 'node:path'
import { isFolder } from '../files/stat-if-there.ts'

/** The nearest folder that has `spec/`: this one, or one above. */
export function findNearestProject(from: string): string | undefined {
  for (let folder = from; ; folder = dirname(folder)) {
    if (isFolder(join(folder, 'spec'))) return folder
    if (dirname(folder) === folder) return undefined
  }
}
