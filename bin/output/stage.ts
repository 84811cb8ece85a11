import {
  accessSync,
  chmodSync,
  constants,
  copyFileSync,
  existsSync,
  linkSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  readlinkSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { setImmediate as nextTurnOfEvents } from 'node:timers/promises'
import { readClock } from '../cli/clock.ts'
import { Failure } from '../cli/failure.ts'
import { cleanUpOnInterrupt } from '../cli/interrupt.ts'
import { attempt, isSystemError } from '../files/system-error.ts'
import { Comparison, type EditedFile } from './comparison.ts'
import { type Turn, takeTurn } from './exclusive.ts'
import type { FileMemory } from './file-memory.ts'
import { lockFileName } from './lock-file.ts'
import type { Output, OutputFolder } from './output-folder.ts'
import { listLeftovers, recover } from './recover.ts'
import { removeTree } from './remove-tree.ts'
import { type EntryKind, listFolderNames, listFoldersTo, mustBeFolders, type Tree } from './tree.ts'

/** The changes of a build in an output folder: paths in it. */
interface Changes {
  readonly written: readonly string[]
  readonly removed: readonly string[]
  readonly unchanged: number
  /** The written and removed files that were edited by hand since they were built. */
  readonly edited: readonly EditedFile[]
  /** Files that are deployed with those of meshc, though no build made them and no spec names them; they stay. */
  readonly undeclared: readonly string[]
}

/** A build on the disk beside its folder, ready to replace it. */
export interface StagedOutput {
  readonly changes: Changes
  /** Puts it in place: the folder then holds all of it, or, if it throws, all that was there before. */
  commit(): void
  /** Restores the tree that `commit` has replaced. */
  revert(): void
  /** Removes the files beside the folder, and returns the turn. */
  close(): void
}

/**
 * Prepares the output of a build. Only changed files are written, and only they get a new inode and time. Files that meshc did not
 * make are kept untouched, and are never overwritten: such a file at a path of the build is a failure. Until `commit`, the folder
 * does not change; memory contains one file at a time.
 *
 * @param patience how long to wait for another build of this folder, in milliseconds
 * @param memory the files as the build before in this process has seen them
 */
export async function stageOutput(
  folder: OutputFolder,
  output: Output,
  { patience, memory }: { readonly patience?: number; readonly memory?: FileMemory | undefined } = {},
): Promise<StagedOutput> {
  mustBeFolders(folder.project, folder.name)
  const stage = new Stage(folder, patience)
  try {
    if (listLeftovers(folder).length > 0) {
      await stage.begin()
      attempt(`\`${folder.name}\` cannot be repaired after a build that was interrupted`, () =>
        recover(folder),
      )
    }
    for (;;) {
      const changes = await stage.fill(output, memory)
      if (changes !== undefined) return stage.done(changes)
      // Another build wrote here between the first look and this turn: look again.
    }
  } catch (error) {
    stage.close()
    throw error
  }
}

/** Signals are heard at least this often, in milliseconds. */
const longestPause = 20

class Stage {
  private readonly folder: OutputFolder
  private readonly patience: number | undefined
  private readonly next: string
  private readonly previous: string
  private readonly old: string
  private turn: Turn | undefined
  /** The outermost folder that had to be made for this one. */
  private madeParent: string | undefined
  private forget: (() => void) | undefined
  private readonly madeFolders = new Set<string>()
  /** The permissions of folders that get them at the end only, since they forbid to write. */
  private readonly protectedFolders = new Map<string, number>()
  /** True if the next tree is complete and takes the folder's place as a whole. */
  private isWhole = false
  /** Steps that undo the commit, the last one first. */
  private readonly undoing: (() => void)[] = []
  private paused = readClock()

  constructor(folder: OutputFolder, patience: number | undefined) {
    const token = `${process.pid}-${Math.random().toString(36).slice(2, 10)}`
    this.folder = folder
    this.patience = patience
    this.next = folder.beside(`next-${token}`)
    this.previous = folder.beside(`previous-${token}`)
    this.old = folder.beside(`old-${token}`)
  }

  /** Takes the right to write here. */
  async begin(): Promise<void> {
    if (this.turn !== undefined) return
    const { folder } = this
    attempt(`\`${folder.name}\` cannot be written`, () => {
      this.madeParent = mkdirSync(folder.parent, { recursive: true })
    })
    this.forget = cleanUpOnInterrupt(() => this.close())
    const file = folder.beside('turn')
    this.turn = await takeTurn({ file, name: file.slice(folder.project.length + 1) }, this.patience)
  }

  /** Writes the changed files; undefined if the folder changed before this turn, so that all must be compared again. */
  async fill(output: Output, memory: FileMemory | undefined): Promise<Changes | undefined> {
    const { folder } = this
    const seen = folder.identity()
    const comparison = new Comparison(folder, output, memory)
    const added: string[] = []
    const stale: string[] = []
    const foreign: string[] = []
    const edited: EditedFile[] = []
    let unchanged = 0
    for (const { path, text, state, actual } of comparison.files()) {
      if (state === 'same') unchanged++
      else if (state === 'foreign') foreign.push(path)
      else {
        if (this.turn === undefined) {
          await this.begin()
          if (folder.identity() !== seen) return undefined
        }
        ;(state === 'missing' ? added : stale).push(path)
        if (actual !== undefined) edited.push({ path, expected: text, actual })
        if (foreign.length === 0) this.write(path, text)
      }
      if (this.isDue()) await this.pause()
    }
    if (foreign.length > 0) throw inTheWay(folder, foreign)
    const removed = comparison.leftOver()
    if (removed.length > 0 && this.turn === undefined) {
      await this.begin()
      if (folder.identity() !== seen) return undefined
    }
    const written = [...added, ...stale]
    if (written.length + removed.length > 0) {
      this.mustBeWritable([...written, ...removed], comparison.tree)
      // One file and the lock file can be put into the folder itself; more of them would not appear at once.
      this.isWhole =
        added.length + removed.length > 0 || stale.filter(path => path !== lockFileName).length > 1
      if (this.isWhole) await this.complete(comparison.tree, new Set([...written, ...removed]))
    }
    return {
      written,
      removed,
      unchanged,
      edited: [...edited, ...comparison.editedLeftOver()],
      undeclared: comparison.undeclared(),
    }
  }

  done(changes: Changes): StagedOutput {
    const { written, removed } = changes
    if (written.length + removed.length === 0) {
      this.close()
      return { changes, commit: () => {}, revert: () => {}, close: () => {} }
    }
    return {
      changes,
      commit: () =>
        attempt(`\`${this.folder.name}\` cannot be replaced`, () => {
          try {
            if (this.isWhole) this.exchange()
            else this.replace(written)
          } catch (error) {
            this.revert()
            throw error
          }
        }),
      revert: () => this.revert(),
      close: () => this.close(),
    }
  }

  private revert(): void {
    // A step that cannot be undone stays for the next build, which finds the tree that was there as `previous`.
    for (const undo of this.undoing.splice(0).reverse()) if (!quietly(undo)) break
  }

  /** Removes the files beside the folder and returns the turn. Never throws: it runs after an error. */
  close(): void {
    if (this.turn === undefined && this.forget === undefined) return
    for (const path of [this.next, ...listFolderNames(this.old).map(name => join(this.old, name))])
      quietly(() => removeTree(path))
    quietly(() => this.turn?.release())
    // As long as there is a claim, `old` shows that the folder was replaced.
    quietly(() => removeTree(this.old))
    this.turn = undefined
    this.forget?.()
    this.forget = undefined
    if (this.madeParent !== undefined)
      for (let path = this.folder.parent; path.length >= this.madeParent.length; path = dirname(path))
        if (!quietly(() => rmdirSync(path))) break
  }

  private write(path: string, text: string): void {
    attempt(`\`${this.folder.nameOf(path)}\` cannot be written`, () => {
      this.makeFolders(path)
      // A plain path of the output needs no normalizing, which costs a thousand files 3 ms.
      writeFileSync(`${this.next}/${path}`, text)
    })
  }

  /** The folders of a path in the next tree, with the permissions that they have in the folder. */
  private makeFolders(path: string): void {
    if (this.madeFolders.has(path.slice(0, Math.max(path.lastIndexOf('/'), 0)))) return
    for (const folder of ['', ...listFoldersTo(path)]) {
      if (this.madeFolders.has(folder)) continue
      this.madeFolders.add(folder)
      const made = join(this.next, folder)
      mkdirSync(made, { recursive: true })
      const present = lstatSync(join(this.folder.path, folder), { throwIfNoEntry: false })
      if (!present?.isDirectory() || present.mode === statSync(made).mode) continue
      chmodSync(made, present.mode | 0o700)
      if ((present.mode & 0o700) !== 0o700) this.protectedFolders.set(made, present.mode)
    }
  }

  /** Checks the permission of each folder itself, since the exchange of folders would ignore a write-protected one. */
  private mustBeWritable(changed: readonly string[], tree: Tree): void {
    const folders = new Set(
      changed.map(path => listFoldersTo(path).findLast(folder => tree.get(folder) === 'folder') ?? ''),
    )
    for (const folder of folders) {
      const { name } = this.folder
      if (!existsSync(this.folder.pathTo(folder))) continue
      attempt(`\`${folder === '' ? name : this.folder.nameOf(folder)}\` cannot be written`, () =>
        accessSync(this.folder.pathTo(folder), constants.W_OK),
      )
    }
  }

  /** Completes the next tree with everything of the folder that does not change. */
  private async complete(tree: Tree, changed: ReadonlySet<string>): Promise<void> {
    const inUse = new Set([...tree.keys()].map(path => dirname(path)))
    for (const [path, kind] of tree) {
      if (changed.has(path) || (kind === 'folder' && inUse.has(path))) continue
      attempt(`\`${this.folder.nameOf(path)}\` cannot be kept`, () => {
        if (kind === 'folder') this.makeFolders(`${path}/`)
        else {
          this.makeFolders(path)
          keep(this.folder.pathTo(path), join(this.next, path), kind)
        }
      })
      if (this.isDue()) await this.pause()
    }
    for (const [path, mode] of this.protectedFolders) chmodSync(path, mode)
  }

  /**
   * Exchanges the trees by two renames: the second follows the first at once, and `recover` undoes the first if it does
   * not.
   */
  private exchange(): void {
    const { path } = this.folder
    const hasNext = existsSync(this.next)
    if (existsSync(path)) this.rename(path, this.previous)
    // The next build detects a killed build by its files: `old` means that the folder was replaced.
    else mkdirSync(this.old)
    // The next tree is absent if no file remains, neither of meshc nor of others.
    if (hasNext) this.rename(this.next, path)
    if (existsSync(this.previous)) this.rename(this.previous, this.old)
  }

  /** Replaces one file, then the lock file, or only one of them: each takes its place by one rename. */
  private replace(written: readonly string[]): void {
    for (const path of written) {
      const backup = join(this.old, path)
      mkdirSync(dirname(backup), { recursive: true })
      keep(this.folder.pathTo(path), backup, 'file')
      renameSync(join(this.next, path), this.folder.pathTo(path))
      this.undoing.push(() => renameSync(backup, this.folder.pathTo(path)))
    }
  }

  private rename(from: string, to: string): void {
    renameSync(from, to)
    this.undoing.push(() => renameSync(to, from))
  }

  /**
   * Tells whether signals have waited long enough. It is called for each file; a promise for each file would cost as much time as its
   * text.
   */
  private isDue(): boolean {
    return readClock() - this.paused >= longestPause
  }

  private async pause(): Promise<void> {
    await nextTurnOfEvents()
    this.paused = readClock()
  }
}

function inTheWay(folder: OutputFolder, foreign: readonly string[]): Failure {
  const paths = foreign.map(path => folder.nameOf(path))
  if (paths.length === 1) {
    const help = 'move it away, or remove it to let meshc write its own; nothing was written'
    return new Failure(`\`${paths[0]}\`, where meshc must write, was not made by meshc`, help)
  }
  const what = `${paths.length} files in \`${folder.name}\`, where meshc must write, were not made by meshc`
  const help = 'move them away, or remove them to let meshc write its own; nothing was written'
  return new Failure(what, help, paths)
}

/** Puts the same file at another path: it keeps its inode and time if the disk can link, otherwise its time. */
function keep(from: string, to: string, kind: EntryKind): void {
  try {
    linkSync(from, to)
    // Some systems link to the target of a symbolic link.
    if (kind !== 'link' || lstatSync(to).isSymbolicLink()) return
    rmSync(to)
  } catch (error) {
    const isRefused = isSystemError(error) && linkRefusals.has(error.code!)
    // A dangling link leads to nothing that could be linked.
    if (kind === 'other' || !(isRefused || kind === 'link')) throw error
  }
  const { atime, mtime } = lstatSync(from)
  if (kind === 'link') symlinkSync(readlinkSync(from), to)
  else copyFileSync(from, to, constants.COPYFILE_FICLONE)
  lutimesSync(to, atime, mtime)
}

const linkRefusals = new Set(['EACCES', 'EMLINK', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP', 'EPERM', 'EXDEV'])

function quietly(work: () => void): boolean {
  try {
    work()
    return true
  } catch (error) {
    if (isSystemError(error)) return false
    throw error
  }
}
