import type { TextDocument } from 'vscode-languageserver-textdocument'
import type { Limits } from '../../compiler/behavior/budget.ts'
import { isEqual } from '../../compiler/source/is-equal.ts'
import type { Workspace } from '../../compiler/source/load.ts'
import { type ParsedText, parseOnce } from '../../compiler/source/parse-once.ts'
import type { Environment } from '../project/project.ts'
import { makeSnapshot, type Snapshot } from './snapshot.ts'
import { getView, type View } from './view.ts'

/** A project while it is edited. */
export interface LiveProject {
  /**
   * The current project. Only changed environments are compiled, and other work can run between two of them.
   *
   * @param isOutdated tells before each step whether no request waits for it any more; the result is then undefined
   */
  snapshot(isOutdated: () => boolean): Promise<Snapshot | undefined>
}

/** The lookup of a project's open documents: the text is that of the editor, saved or not. */
type OpenDocument = (file: string) => TextDocument | undefined

/** The environment of an edited project: its saved files, the day, and the limits of a check. */
export interface ProjectHost {
  /** The files as they are saved. */
  readonly saved: Workspace
  /** Lists the environments of a workspace; empty if there is no project yet, or none any more. */
  readonly listEnvironments: (workspace: Workspace) => readonly Environment[]
  readonly uriOf: (file: string) => string
  /** The day, as `2027-01-31`. */
  readonly readToday: () => string
  /** The limits of one check, from now on. */
  readonly startLimits: () => Limits
  /** Lets others have their turn. */
  readonly turn: () => Promise<unknown>
}

/** @param onDefect gets an error that only a fault of meshc can cause; the environment keeps its previous state */
export function openLiveProject(
  host: ProjectHost,
  open: OpenDocument,
  onDefect: (environment: string, error: unknown) => void,
): LiveProject {
  const { saved, readToday, turn } = host
  // Environments share files, and each is parsed once.
  const parsed = new Map<string, ParsedText>()
  const edited: Workspace = {
    read: path => {
      const document = open(path)
      return document === undefined ? saved.read(path) : { text: document.getText() }
    },
    list: folder => saved.list(folder),
    listBelow: folder => saved.listBelow(folder),
  }
  const workspace = parseOnce(edited, parsed)
  const lastGood = new Map<string, ParsedText>()
  let kept = new Map<string, KeptView>()
  let last: Promise<unknown> = Promise.resolve()
  const getUri = (file: string) => open(file)?.uri ?? host.uriOf(file)
  return {
    snapshot: isOutdated => {
      // Refreshes run one after the other: each reuses the compilations of the one before.
      const next = last.then(() => refresh(isOutdated))
      last = next.catch(() => undefined)
      return next
    },
  }

  async function refresh(isOutdated: () => boolean): Promise<Snapshot | undefined> {
    for (;;) {
      if (isOutdated()) return undefined
      const environments = host.listEnvironments(workspace)
      const stale = environments.find(({ name }) => kept.get(name)?.isCurrent() !== true)
      if (stale === undefined) {
        kept = new Map(environments.map(({ name }) => [name, kept.get(name)!]))
        const views = [...kept.values()].flatMap(({ view }) => view ?? [])
        return makeSnapshot(views, { uriOf: getUri, versionOf: file => open(file)?.version ?? null })
      }
      kept.set(stale.name, keptView(stale, kept.get(stale.name)?.view))
      await turn()
    }
  }

  function keptView(environment: Environment, before: View | undefined): KeptView {
    const seen = seenWorkspace(workspace)
    const day = readToday()
    const isCurrent = () => seen.isCurrent() && day === readToday()
    try {
      const view = getView(environment, seen, day, file => lastGood.get(file), host.startLimits)
      for (const { source, isYaml } of view.result.layers.documents) {
        if (!isYaml) continue
        const read = parsed.get(source.name)
        if (read?.text === source.text) lastGood.set(source.name, read)
      }
      return { view, isCurrent }
    } catch (error) {
      onDefect(environment.name, error)
      return { view: before, isCurrent }
    }
  }
}

interface KeptView {
  /** The view; undefined where meshc itself failed the first time. */
  readonly view: View | undefined
  isCurrent(): boolean
}

/** A workspace that stays as it was when it was first asked, and knows whether it still is. */
function seenWorkspace(workspace: Workspace): Workspace & { isCurrent(): boolean } {
  const reads = new Map<string, Read>()
  const lists = new Map<string, readonly string[]>()
  const listsBelow = new Map<string, readonly string[]>()
  return {
    read: path => remembered(reads, path, () => workspace.read(path)),
    list: folder => remembered(lists, folder, () => workspace.list(folder)),
    listBelow: folder => remembered(listsBelow, folder, () => workspace.listBelow(folder)),
    isCurrent: () =>
      [...reads].every(([path, seen]) => isSameRead(seen, workspace.read(path))) &&
      [...lists].every(([folder, seen]) => isEqual(seen, workspace.list(folder))) &&
      [...listsBelow].every(([folder, seen]) => isEqual(seen, workspace.listBelow(folder))),
  }
}

function remembered<T>(cache: Map<string, T>, key: string, ask: () => T): T {
  const before = cache.get(key)
  if (before !== undefined) return before
  const answer = ask()
  cache.set(key, answer)
  return answer
}

type Read = ReturnType<Workspace['read']>

const isSameRead = (a: Read, b: Read) =>
  a === b || (!('text' in a) && !('text' in b) && JSON.stringify(a) === JSON.stringify(b))
