import type { PublishDiagnosticsParams, TextDocuments } from 'vscode-languageserver'
import type { TextDocument } from 'vscode-languageserver-textdocument'
import { listDiagnostics } from './diagnostics.ts'
import { type LiveProject, openLiveProject, type ProjectHost } from './live-project.ts'
import { listViews, type Snapshot } from './snapshot.ts'

/** The duration that no typist feels, in milliseconds: a letter is checked at once if no step of the last check took more. */
const quickStep = 50
/** The longest time without typing before all is checked, in milliseconds. */
const longestPause = 120

/** The projects of documents, and the handler of their states. */
export interface ProjectsHost {
  /** Finds the root of a document's project, and the path of the document in it. */
  readonly locate: (uri: string) => DocumentLocation | undefined
  /** @param listOpen lists the files of the project that are open now */
  readonly openProject: (root: string, listOpen: () => readonly string[]) => ProjectHost
  /** Gives the address of the page of a diagnostic. */
  readonly pageOf: (code: string) => string
  /** Takes each state of a project that was checked. */
  readonly onChecked?: (root: string, snapshot: Snapshot) => void
}

interface DocumentLocation {
  readonly root: string
  /** The path from the root, with forward slashes. */
  readonly file: string
}

/** A project with a document that is or was open. */
interface Served {
  readonly root: string
  readonly project: LiveProject
  /** The diagnostics that the editor last got for each file. */
  readonly published: Map<string, string>
  timer: ReturnType<typeof setTimeout> | undefined
  /** The duration of the longest step of the last check, in milliseconds: the next letter ends a check only after a step. */
  longestStep: number
}

interface Home {
  readonly served: Served
  readonly file: string
}

/** The projects of the documents that an editor opens: each is checked when a document of it changes. */
export class ServedProjects {
  readonly #documents: TextDocuments<TextDocument>
  readonly #host: ProjectsHost
  readonly #publish: (params: PublishDiagnosticsParams) => void
  readonly #logDefect: (what: string, error: unknown) => void
  readonly #projects = new Map<string, Served>()
  readonly #homes = new Map<string, Home | undefined>()

  constructor(
    documents: TextDocuments<TextDocument>,
    host: ProjectsHost,
    publish: (params: PublishDiagnosticsParams) => void,
    logDefect: (what: string, error: unknown) => void,
  ) {
    this.#documents = documents
    this.#host = host
    this.#publish = publish
    this.#logDefect = logDefect
  }

  /** Finds the project of a document, and its path there; undefined for a document in no project. */
  findHome(uri: string): Home | undefined {
    if (this.#homes.has(uri)) return this.#homes.get(uri)
    const place = this.#host.locate(uri)
    const home = place && { served: this.#serve(place.root), file: place.file }
    this.#homes.set(uri, home)
    return home
  }

  /** Checks the project of a document after a pause in typing, which is as long as steps of its checks are slow. */
  checkSoon(uri: string): void {
    const home = this.findHome(uri)
    if (home !== undefined) this.#checkSoon(home.served)
  }

  checkAllSoon(): void {
    for (const served of this.#projects.values()) this.#checkSoon(served)
  }

  /** Forgets the project of a closed document, and checks that project without it. */
  close(uri: string): void {
    const home = this.findHome(uri)
    this.#homes.delete(uri)
    if (home !== undefined) this.#checkSoon(home.served)
  }

  #serve(root: string): Served {
    const knownProject = this.#projects.get(root)
    if (knownProject !== undefined) return knownProject
    const project = openLiveProject(
      this.#host.openProject(root, () => this.#listOpen(root)),
      file => this.#findOpen(root, file),
      (environment, error) => {
        this.#logDefect(`${environment} cannot be compiled`, error)
      },
    )
    const served: Served = {
      root,
      project,
      published: new Map(),
      timer: undefined,
      longestStep: Number.POSITIVE_INFINITY,
    }
    this.#projects.set(root, served)
    return served
  }

  #findOpen(root: string, file: string): TextDocument | undefined {
    return this.#documents.all().find(({ uri }) => {
      const home = this.#homes.get(uri)
      return home?.served.root === root && home.file === file
    })
  }

  #listOpen(root: string): readonly string[] {
    return this.#documents.all().flatMap(({ uri }) => {
      const home = this.#homes.get(uri)
      return home?.served.root === root ? [home.file] : []
    })
  }

  #checkSoon(served: Served): void {
    clearTimeout(served.timer)
    const timer = setTimeout(
      () => {
        this.#check(served, () => served.timer !== timer).catch(error =>
          this.#logDefect('the specs cannot be checked', error),
        )
      },
      Math.max(0, Math.min(served.longestStep - quickStep, longestPause)),
    )
    served.timer = timer
  }

  /** Publishes the diagnostics of every environment with an open file, and clears those that are fixed. */
  async #check(served: Served, isOutdated: () => boolean): Promise<void> {
    const { root, project, published } = served
    const times = [performance.now()]
    const snapshot = await project.snapshot(() => {
      times.push(performance.now())
      return isOutdated()
    })
    if (snapshot === undefined) return
    this.#host.onChecked?.(root, snapshot)
    const all = indexDiagnostics(snapshot, this.#listOpen(root), this.#host.pageOf)
    for (const uri of published.keys()) {
      if (all.has(uri)) continue
      published.delete(uri)
      this.#publish({ uri, diagnostics: [] })
    }
    for (const [uri, params] of all) {
      const text = JSON.stringify(params)
      if (published.get(uri) === text) continue
      published.set(uri, text)
      this.#publish(params)
    }
    times.push(performance.now())
    served.longestStep = Math.max(...times.slice(1).map((time, index) => time - times[index]!))
  }
}

/** Indexes the diagnostics of every environment with an open file, by the address of the file; the list of an open file may be empty. */
function indexDiagnostics(
  snapshot: Snapshot,
  open: readonly string[],
  pageOf: (code: string) => string,
): ReadonlyMap<string, PublishDiagnosticsParams> {
  const views = new Set(open.flatMap(file => listViews(snapshot, file)))
  const diagnostics = listDiagnostics(
    snapshot,
    snapshot.views.filter(view => views.has(view)),
    pageOf,
  )
  const files = new Set([...diagnostics.keys(), ...open.filter(file => listViews(snapshot, file).length > 0)])
  return new Map(
    [...files].map(file => {
      const uri = snapshot.uriOf(file)
      const version = snapshot.versionOf(file)
      return [
        uri,
        { uri, ...(version !== null && { version }), diagnostics: [...(diagnostics.get(file) ?? [])] },
      ]
    }),
  )
}
