import { posix } from 'node:path'
import { largestFile } from '../../compiler/source/largest-file.ts'
import type { Workspace } from '../../compiler/source/load.ts'
import { textOfBytes } from '../files/workspace.ts'
import { type Commit, type Repository, readCommitTree, readContents, type TreeEntry } from './repository.ts'

/**
 * The files of a revision, as input of the compiler. Specs are read at once, other files on demand.
 *
 * @param tree the files of specs and outputs; files of surroundings are listed on demand
 */
export function openRevisionWorkspace(
  repository: Repository,
  commit: Commit,
  tree: ReadonlyMap<string, TreeEntry>,
): Workspace {
  const further = new Map<string, TreeEntry>()
  const specs = [...tree].filter(([path, { kind }]) => kind !== 'other' && /^spec\/.*\.ya?ml$/.test(path))
  const buffers = new Map(
    readContents(
      repository,
      specs.map(([, { digest }]) => digest),
    ),
  )
  const getBytes = (digest: string) => {
    const bytes = buffers.get(digest) ?? readContents(repository, [digest]).get(digest)!
    buffers.set(digest, bytes)
    return bytes
  }
  return {
    read(path) {
      const entry = followed(path, 0)
      if (entry === undefined) return { reason: 'there is no such file' }
      if (entry.kind !== 'file') return { reason: 'it is not a regular file' }
      const bytes = getBytes(entry.digest)
      return bytes.length > largestFile ? { isTooLarge: true } : textOfBytes(bytes)
    },
    list: folder =>
      [...tree.keys()].filter(path => {
        const [parent, name] = [posix.dirname(path), posix.basename(path)]
        return parent === (folder === '' ? '.' : folder) && !name.startsWith('.')
      }),
    listBelow(folder) {
      const below = readCommitTree(repository, commit, [folder])
      for (const [path, entry] of below) further.set(path, entry)
      const files = [...below].filter(([, { kind }]) => kind === 'file')
      for (const [digest, bytes] of readContents(
        repository,
        files.map(([, { digest }]) => digest),
      ))
        buffers.set(digest, bytes)
      return [...below.keys()].filter(path => path.startsWith(`${folder}/`) && !path.includes('/.'))
    },
  }

  /** A link within the project is as good as the file that it leads to. */
  function followed(path: string, links: number): TreeEntry | undefined {
    const normal = posix.normalize(path)
    const entry = tree.get(normal) ?? further.get(normal) ?? findFurther(normal)
    if (entry?.kind !== 'link' || links > 8) return entry
    return followed(posix.join(posix.dirname(path), getBytes(entry.digest).toString()), links + 1)
  }

  /** Finds a file that is neither a spec nor an output, such as a template. */
  function findFurther(path: string): TreeEntry | undefined {
    if (/^(?:spec|out|\.\.)(?:\/|$)/.test(path)) return undefined
    const entry = readCommitTree(repository, commit, [path]).get(path)
    if (entry !== undefined) further.set(path, entry)
    return entry
  }
}
