import { mkdirSync, readdirSync, rmSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Workspace } from '../../compiler/source/load.ts'
import type { Context } from '../cli/command.ts'
import type { Terminal } from '../cli/terminal.ts'
import { readToday } from '../cli/today.ts'
import { locateCache } from '../files/cache-folder.ts'
import { coarsestClock } from '../files/coarsest-clock.ts'
import { readRegularFile } from '../files/read-file.ts'
import { replaceFile } from '../files/replace-file.ts'
import { isSystemError } from '../files/system-error.ts'
import { describeBuild, describeFresh } from '../output/describe-build.ts'
import { listFolderNames } from '../output/tree.ts'
import { version } from '../package.ts'
import { findNearestProject } from '../project/nearest-project.ts'
import { schemaFile } from '../schema/schema-path.ts'
import { type Fingerprint, takeFingerprint, takeNames } from './fingerprint.ts'

/** The result of a build, or of a check, that had nothing to write. */
interface UnchangedBuild {
  readonly folders: readonly { readonly output: string; readonly fileCount: number }[]
  /** The remarks that it made, in order, and how many of them before its results. */
  readonly notes: readonly string[]
  readonly notesBefore: number
}

/** The memory of a call of `build`. */
export interface BuildMemory {
  /** Recalls the result of the same call, if nothing has changed since that it depends on. */
  recall(): UnchangedBuild | undefined
  /** Makes a workspace whose files the memory watches. */
  watch(workspace: Workspace): Workspace
  /** Keeps a result, unless something changed while the call ran or just before. */
  keep(build: UnchangedBuild): void
}

/** The options of the calls that are remembered. */
const rememberedOptions = ['env', 'project', 'check']
/** More results than these are not kept: the oldest go. */
const mostKept = 64

/** A kept result, with its dependencies. */
interface Kept {
  readonly key: string
  readonly style: string
  /** The fingerprints of paths of the project, or of the names in a folder. */
  readonly states: readonly (readonly [path: string, text: string])[]
  readonly build: UnchangedBuild
}

/**
 * Opens the memory of a call of `build`; undefined without one. It is in the cache folder of this user, in which no other user may
 * write: in a repository, a pull request could forge an unchanged result.
 */
export function openBuildMemory({ options, terminal }: Context): BuildMemory | undefined {
  const environments = options.words('env')
  const isRemembered = options.names.every(name => rememberedOptions.includes(name))
  if (!isRemembered || !environments.every(isPlainName)) return undefined
  const folder = options.word('project')
  const root = folder === undefined ? findNearestProject(process.cwd()) : resolve(folder)
  const program = findProgram(import.meta.dirname)
  const cache = program === undefined ? undefined : locateCache()
  if (root === undefined || cache === undefined) return undefined
  const call = [root, options.has('check'), ...environments]
  const key = JSON.stringify([...call, version, process.version, readToday(), program])
  const file = join(cache, 'builds', `${nameFile(JSON.stringify(call))}.json`)
  return makeBuildMemory({ root, paths: listDependencies(environments), key, file }, terminal)
}

/** Tells whether a name leads to a folder below that in which it is looked up. */
const isPlainName = (name: string): boolean => name.split('/').every(step => /^\w[\w.-]*$/.test(step))

/** Lists the dependencies of every build of some environments; of all, if none is named. */
const listDependencies = (environments: readonly string[]): readonly string[] => [
  'spec',
  schemaFile,
  ...(environments.length === 0
    ? ['out']
    : environments.flatMap(name => {
        const output = `out/${name}`
        // A killed build leaves files beside the folder.
        return [output, `${folderMark}${output.slice(0, output.lastIndexOf('/'))}`]
      })),
]

/** The place and the terms of a memory. */
interface Place {
  /** The folder of the project. */
  readonly root: string
  /** The paths in it that are looked at first. */
  readonly paths: readonly string[]
  /** The circumstances that the result depends on, in addition to files. */
  readonly key: string
  /** The file that keeps it. */
  readonly file: string
}

/**
 * Makes a memory in a file.
 *
 * @param youngest the age that a file must have, in milliseconds, for its dates to speak for its content
 */
export function makeBuildMemory(
  { root, paths, key, file }: Place,
  terminal: Pick<Terminal, 'style' | 'keepNotes'>,
  youngest: number = coarsestClock,
): BuildMemory {
  const begin = Date.now()
  terminal.keepNotes()
  const states = new Map<string, Fingerprint | undefined>()
  const look = (path: string) => {
    // The whole project, including installed packages, is too large to check.
    if (!states.has(path)) states.set(path, path === '' ? undefined : takeState(root, path))
    return states.get(path)
  }
  const isWatched = (path: string) =>
    paths.some(watched => path === watched || path.startsWith(`${watched}/`))
  return {
    recall() {
      for (const path of paths) look(path)
      const kept = readKept(file)
      if (kept?.key !== key || (kept.build.notes.length > 0 && kept.style !== terminal.style))
        return undefined
      return kept.states.every(([path, text]) => look(path)?.text === text) ? kept.build : undefined
    },
    watch: workspace => ({
      read(path) {
        if (!isWatched(path)) look(path)
        return workspace.read(path)
      },
      list(folder) {
        if (!isWatched(folder)) look(`${folderMark}${folder}`)
        return workspace.list(folder)
      },
      listBelow(folder) {
        if (!isWatched(folder)) look(folder)
        return workspace.listBelow(folder)
      },
    }),
    keep(build) {
      for (const [path, before] of states) {
        const after = before && takeState(root, path)
        if (after === undefined || after.text !== before?.text || after.changedAt > begin - youngest) return
      }
      const kept: Kept = {
        key,
        style: terminal.style,
        states: [...states].map(([path, state]) => [path, state?.text ?? '']),
        build,
      }
      writeKept(file, kept)
    },
  }
}

/** Repeats the messages of a build that had nothing to write. */
export function repeatBuild(
  { folders, notes, notesBefore }: UnchangedBuild,
  { options, terminal }: Context,
): 0 {
  for (const note of notes.slice(0, notesBefore)) terminal.note(note)
  for (const { output, fileCount } of folders)
    terminal.print(
      options.has('check')
        ? describeFresh(output)
        : describeBuild(output, { written: 0, removed: 0, unchanged: fileCount }),
    )
  for (const note of notes.slice(notesBefore)) terminal.note(note)
  return 0
}

/** The mark of a path that means the names in a folder. */
const folderMark = '\0names '

const takeState = (root: string, path: string): Fingerprint | undefined =>
  path.startsWith(folderMark) ? takeNames(root, path.slice(folderMark.length)) : takeFingerprint(root, path)

/** The fingerprint of the running modules; undefined if they are not bundles. */
function findProgram(folder: string): string | undefined {
  const modules = listFolderNames(folder).filter(name => name.endsWith('.cjs'))
  return modules.length === 0
    ? undefined
    : modules.map(name => takeFingerprint(folder, name)?.text ?? '').join('\n')
}

/** Names the file of a call; two calls of one name only forget each other. */
function nameFile(call: string): string {
  let sum = 0
  for (let index = 0; index < call.length; index++) sum = (Math.imul(sum, 31) + call.charCodeAt(index)) >>> 0
  return `${call.replace(/\W+/g, '-').slice(-60)}-${sum.toString(16)}`
}

/** Reads the kept result; undefined if there is none, or the file is damaged. */
function readKept(file: string): Kept | undefined {
  try {
    const read = readRegularFile(file)
    const kept: unknown = 'bytes' in read ? JSON.parse(read.bytes.toString()) : undefined
    return isKept(kept) ? kept : undefined
  } catch {
    return undefined
  }
}

function isKept(value: unknown): value is Kept {
  const { key, style, states, build } = (value ?? {}) as Partial<Kept>
  const { folders, notes, notesBefore } = (build ?? {}) as Partial<UnchangedBuild>
  return (
    [key, style].every(word => typeof word === 'string') &&
    [states, folders, notes].every(list => Array.isArray(list)) &&
    typeof notesBefore === 'number'
  )
}

/** Writes a result that is kept. Where that cannot be, the next build does all of its work. */
function writeKept(file: string, kept: Kept): void {
  const folder = join(file, '..')
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    replaceFile(file, JSON.stringify(kept))
    const files = readdirSync(folder).map(name => join(folder, name))
    if (files.length <= mostKept) return
    const ages = new Map(files.map(path => [path, statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0]))
    const oldest = files.toSorted((a, b) => ages.get(a)! - ages.get(b)!)
    for (const path of oldest.slice(0, files.length - mostKept)) rmSync(path, { force: true })
  } catch (error) {
    if (!isSystemError(error)) throw error
  }
}
