import type { Workspace } from '../../compiler/source/load.ts'
import type { NewFile } from './write-new-files.ts'

/** Files that are not on the disk yet, for the compiler to read. */
export function makeTextWorkspace(files: readonly NewFile[]): Workspace {
  const texts = new Map(files.map(({ path, text }) => [path, text]))
  return {
    read: path => {
      const text = texts.get(path)
      return text === undefined ? { reason: 'there is no such file' } : { text }
    },
    list: () => [],
    listBelow: () => [],
  }
}
