import { Failure } from '../cli/failure.ts'
import { mustRead } from '../files/read-file.ts'
import { type FileMemory, makeStamp } from './file-memory.ts'
import {
  getDigest,
  type LockFile,
  listInputs,
  lockFileName,
  parseLockFile,
  printLockFile,
} from './lock-file.ts'
import type { Output, OutputFolder } from './output-folder.ts'
import { listFoldersTo, readFolderTree, type Tree } from './tree.ts'

/**
 * The state of a path in an output folder: equal, from an earlier build, that but edited by hand, missing, or a file that meshc did
 * not make.
 */
type FileState = 'same' | 'stale' | 'edited' | 'missing' | 'foreign'

/** A file that belongs into an output folder. */
interface ComparedFile {
  readonly path: string
  readonly text: string
  readonly state: FileState
  /** The edited text, if a file was edited by hand. */
  readonly actual?: string
}

/** A file that was edited by hand, where meshc has its own. */
export interface EditedFile {
  readonly path: string
  /** The text that a build writes; empty if the file is no longer part of the output. */
  readonly expected: string
  readonly actual: string
}

/** An output folder in comparison with the next build. Reads, and changes nothing. */
export class Comparison {
  /** The content of the folder. */
  readonly tree: Tree
  private readonly folder: OutputFolder
  private readonly output: Output
  /** The lock file of an earlier build. */
  readonly lock: LockFile | undefined
  /** The files that it made. */
  private readonly owned: ReadonlySet<string>
  private readonly digests = new Map<string, string>()
  private readonly memory: FileMemory | undefined

  /** @param memory the files as the build before in this process has seen them */
  constructor(folder: OutputFolder, output: Output, memory?: FileMemory) {
    this.folder = folder
    this.output = output
    this.memory = memory
    this.tree = readFolderTree(folder.path)
    this.lock = this.tree.get(lockFileName) === 'file' ? readLockFile(folder) : undefined
    this.owned = new Set(this.lock === undefined ? [] : [...this.lock.files.keys(), lockFileName])
  }

  /** Yields every file of the build, the lock file that lists them last; each text is forgotten once it was given out. */
  *files(): Generator<ComparedFile> {
    for (const { path, text } of this.output.files()) {
      if (!isPlainPath(path) || this.digests.has(path)) throw new Error(`\`${path}\` is emitted, or twice`)
      this.digests.set(path, this.memory?.getDigest(this.folder.pathTo(path), text) ?? getDigest(text))
      yield { path, text, ...this.stateOf(path, text) }
    }
    if (this.digests.size === 0) return
    const { version, sources } = this.output
    const text = printLockFile({ meshc: version, inputs: listInputs(sources), files: this.digests })
    yield { path: lockFileName, text, ...this.stateOf(lockFileName, text) }
  }

  /** The files that meshc made and that belong no more; to be asked after the last of `files`. */
  leftOver(): readonly string[] {
    const isMade = (path: string) => (path === lockFileName ? this.digests.size > 0 : this.digests.has(path))
    return [...this.owned].filter(path => this.isOwnFile(path) && !isMade(path))
  }

  /** Lists the files that belong no more and were edited by hand. */
  editedLeftOver(): readonly EditedFile[] {
    return this.leftOver().flatMap(path => {
      if (path === lockFileName) return []
      const buffer = this.read(path)
      return this.isBuilt(path, buffer) ? [] : [{ path, expected: '', actual: buffer.toString('utf8') }]
    })
  }

  /**
   * The files that are deployed with those of meshc, though no build made them and no spec names them. Call it after the last of
   * `files`.
   */
  undeclared(): readonly string[] {
    const isAccountedFor = (path: string) =>
      path === lockFileName ||
      this.digests.has(path) ||
      this.owned.has(path) ||
      this.output.neighbors.has(path)
    return [...this.tree]
      .filter(([path, kind]) => kind !== 'folder' && isDeployed(path) && !isAccountedFor(path))
      .map(([path]) => path)
      .sort()
  }

  private stateOf(path: string, text: string): Pick<ComparedFile, 'state' | 'actual'> {
    if (this.tree.size === 0) return { state: 'missing' }
    for (const folder of listFoldersTo(path)) {
      const kind = this.tree.get(folder)
      if (kind === undefined || this.isOwnFile(folder)) return { state: 'missing' }
      if (kind !== 'folder') return { state: 'foreign' }
    }
    const kind = this.tree.get(path)
    if (kind === undefined) return { state: 'missing' }
    if (kind === 'folder') return { state: this.isOwnFolder(path) ? 'missing' : 'foreign' }
    if (kind !== 'file') return { state: 'foreign' }
    const place = this.folder.pathTo(path)
    const stamp = this.memory && makeStamp(place)
    if (stamp !== undefined && this.memory?.isKnown(place, stamp)) return { state: 'same' }
    const buffer = this.read(path)
    if (buffer.equals(Buffer.from(text))) {
      if (stamp !== undefined) this.memory?.remember(place, stamp)
      return { state: 'same' }
    }
    if (!this.owned.has(path)) return { state: 'foreign' }
    return this.isBuilt(path, buffer)
      ? { state: 'stale' }
      : { state: 'edited', actual: buffer.toString('utf8') }
  }

  private read(path: string): Buffer {
    return mustRead(this.folder.pathTo(path), this.folder.nameOf(path))
  }

  /**
   * Tells whether a file is as a build wrote it. A lock file does not say its own digest: it is written anew in any case.
   */
  private isBuilt(path: string, content: Buffer): boolean {
    return path === lockFileName || this.lock?.files.get(path) === getDigest(content)
  }

  private isOwnFile(path: string): boolean {
    return this.owned.has(path) && this.tree.get(path) === 'file'
  }

  private isOwnFolder(path: string): boolean {
    const below = [...this.tree].filter(([otherPath]) => otherPath.startsWith(`${path}/`))
    return below.every(([otherPath, kind]) => kind === 'folder' || this.isOwnFile(otherPath))
  }
}

/** Reads the lock file of an earlier build of a folder; it must be there. */
function readLockFile(folder: OutputFolder): LockFile {
  const name = folder.nameOf(lockFileName)
  const lock = parseLockFile(mustRead(folder.pathTo(lockFileName), name).toString('utf8'))
  if (lock !== undefined) return lock
  const help = `after a merge, take either side of it; else remove \`${folder.name}\`; then build again`
  throw new Failure(`\`${name}\` is not what meshc wrote, so its files cannot be told from others`, help)
}

/**
 * Tells whether a file of an output folder can reach a cluster. These are the files that Argo CD, helm, kubectl and istioctl read,
 * including settings of Argo CD such as `.argocd-source.yaml`. People read the documents, and promtool reads the tests of rules.
 */
const isDeployed = (path: string) => !/^(docs|prometheus)\//.test(path)

/** Tells whether a path stays inside its folder: no step of it is empty or climbs. */
const isPlainPath = (path: string) => !/[\\\0]|(?:^|\/)\.{0,2}(?:\/|$)/.test(path)
