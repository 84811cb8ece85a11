import {
  type CancellationToken,
  CodeActionKind,
  type Connection,
  DidChangeWatchedFilesNotification,
  type InitializeParams,
  type InitializeResult,
  LSPErrorCodes,
  MarkupKind,
  MessageType,
  ResponseError,
  type ServerCapabilities,
  ShowMessageNotification,
  TextDocumentSyncKind,
  TextDocuments,
} from 'vscode-languageserver'
import { TextDocument } from 'vscode-languageserver-textdocument'
import { listCodeActions } from './code-actions.ts'
import { findDefinition } from './definition.ts'
import { listDiagnostics } from './diagnostics.ts'
import { type EditForm, makeWorkspaceEdit } from './edits.ts'
import { hover } from './hover.ts'
import { type LiveProject, openLiveProject, type ProjectHost } from './live-project.ts'
import { findReferences } from './references.ts'
import { findRenamable, rename } from './rename.ts'
import { listViews, type Snapshot } from './snapshot.ts'

/** The time without typing before all is checked, in milliseconds. */
const typingPause = 120

/** The world around the server: where documents lie, and what is beside them. It needs no module of Node here. */
interface ServerHost {
  readonly version: string
  /** Finds the root of the project that a document lies in, and the path of the document there. */
  readonly locate: (uri: string) => DocumentLocation | undefined
  /** @param listOpen lists the files of the project that are open now */
  readonly openProject: (root: string, listOpen: () => readonly string[]) => ProjectHost
  /** Describes what only a fault of meshc can cause. */
  readonly describeDefect: (error: unknown) => string
  /** Gives the address of the page of a diagnostic. */
  readonly pageOf: (code: string) => string
  /** The abilities that the caller adds to those of `serveProjects`. */
  readonly capabilities?: ServerCapabilities
  /** Takes each state of a project that was checked. */
  readonly onChecked?: (root: string, snapshot: Snapshot) => void
}

interface DocumentLocation {
  readonly root: string
  /** The path from the root, with forward slashes. */
  readonly file: string
}

/** The answers that a server gives beside those of `serveProjects`. */
interface Server {
  /** Answers a request about a file from the project as it is now; null where there is nothing to say of it. */
  answer<Params extends { readonly textDocument: { readonly uri: string } }, Result>(
    respond: (
      snapshot: Snapshot,
      file: string,
      params: Params,
    ) => Result | undefined | Promise<Result | undefined>,
  ): (params: Params, token: CancellationToken) => Promise<Result | null>
  readonly logDefect: (what: string, error: unknown) => void
}

/** Serves an editor over a connection, which the caller opens and lets listen. */
export function serveProjects(connection: Connection, host: ServerHost): Server {
  const documents = new TextDocuments(TextDocument)
  const projects = new Map<string, Served>()
  const homes = new Map<string, Home | undefined>()
  let editor: Editor = { editForm: 'plain', markup: MarkupKind.PlainText, watchesFiles: false }

  connection.onInitialize(({ capabilities }) => {
    editor = getEditor(capabilities)
    return {
      capabilities: { ...getCapabilities(capabilities), ...host.capabilities },
      serverInfo: { name: 'meshc', version: host.version },
    }
  })
  connection.onInitialized(() => {
    if (!editor.watchesFiles) return
    void connection.client.register(DidChangeWatchedFilesNotification.type, {
      watchers: [{ globPattern: '**/*.{yaml,yml,liquid}' }],
    })
  })
  connection.onDidChangeWatchedFiles(() => {
    for (const served of projects.values()) checkSoon(served)
  })
  documents.onDidChangeContent(({ document }) => {
    const home = findHome(document.uri)
    if (home !== undefined) checkSoon(home.served)
  })
  documents.onDidSave(({ document }) => {
    const home = findHome(document.uri)
    if (home !== undefined) checkSoon(home.served)
  })
  documents.onDidClose(({ document }) => {
    const home = findHome(document.uri)
    homes.delete(document.uri)
    if (home !== undefined) checkSoon(home.served)
  })

  connection.onHover(answer((snapshot, file, { position }) => hover(snapshot, file, position, editor.markup)))
  connection.onDefinition(
    answer((snapshot, file, { position }) => [...findDefinition(snapshot, file, position)]),
  )
  connection.onReferences(
    answer((snapshot, file, { position, context }) => [
      ...findReferences(snapshot, file, position, context.includeDeclaration),
    ]),
  )
  connection.onPrepareRename(
    answer((snapshot, file, { position }) => findRenamable(snapshot, file, position)),
  )
  connection.onRenameRequest(
    answer((snapshot, file, { position, newName }) => {
      const renaming = rename(snapshot, file, position, newName)
      if ('refusal' in renaming) throw new ResponseError(LSPErrorCodes.RequestFailed, renaming.refusal)
      if (renaming.also.length > 0)
        void connection.sendNotification(ShowMessageNotification.type, {
          type: MessageType.Info,
          message: `in the cluster, rename as well: ${renaming.also.join(', ')}; or say in the spec that it keeps its name`,
        })
      return makeWorkspaceEdit(snapshot, renaming.edits, editor.editForm)
    }),
  )
  connection.onCodeAction(
    answer((snapshot, file, { range, context }) => [
      ...listCodeActions(snapshot, file, range, context.diagnostics, editor.editForm),
    ]),
  )

  documents.listen(connection)
  return { answer, logDefect }

  function logDefect(what: string, error: unknown): void {
    connection.console.error(`${what}: ${host.describeDefect(error)}`)
  }

  function answer<Params extends { readonly textDocument: { readonly uri: string } }, Result>(
    respond: (
      snapshot: Snapshot,
      file: string,
      params: Params,
    ) => Result | undefined | Promise<Result | undefined>,
  ): (params: Params, token: CancellationToken) => Promise<Result | null> {
    return async (params, token) => {
      const home = findHome(params.textDocument.uri)
      if (home === undefined) return null
      const snapshot = await home.served.project.snapshot(() => token.isCancellationRequested)
      if (snapshot === undefined)
        throw new ResponseError(LSPErrorCodes.RequestCancelled, 'nobody waits for it')
      return (await respond(snapshot, home.file, params)) ?? null
    }
  }

  /** The project that a document lies in, and its path there; undefined for what is in none. */
  function findHome(uri: string): Home | undefined {
    if (homes.has(uri)) return homes.get(uri)
    const place = host.locate(uri)
    const home = place && { served: servedAt(place.root), file: place.file }
    homes.set(uri, home)
    return home
  }

  function servedAt(root: string): Served {
    const knownProject = projects.get(root)
    if (knownProject !== undefined) return knownProject
    const project = openLiveProject(
      host.openProject(root, () => listOpen(root)),
      file => openDocument(root, file),
      (environment, error) => {
        logDefect(`${environment} cannot be compiled`, error)
      },
    )
    const served: Served = { root, project, published: new Map(), timer: undefined }
    projects.set(root, served)
    return served
  }

  function openDocument(root: string, file: string): TextDocument | undefined {
    return documents.all().find(({ uri }) => {
      const home = homes.get(uri)
      return home?.served.root === root && home.file === file
    })
  }

  function listOpen(root: string): readonly string[] {
    return documents.all().flatMap(({ uri }) => {
      const home = homes.get(uri)
      return home?.served.root === root ? [home.file] : []
    })
  }

  function checkSoon(served: Served): void {
    clearTimeout(served.timer)
    const timer = setTimeout(() => {
      check(served, () => served.timer !== timer).catch(error =>
        logDefect('the specs cannot be checked', error),
      )
    }, typingPause)
    served.timer = timer
  }

  /** Tells what is wrong in every environment of which a file is open, and takes back what is wrong no more. */
  async function check({ root, project, published }: Served, isOutdated: () => boolean): Promise<void> {
    const snapshot = await project.snapshot(isOutdated)
    if (snapshot === undefined) return
    host.onChecked?.(root, snapshot)
    const open = listOpen(root)
    const views = new Set(open.flatMap(file => listViews(snapshot, file)))
    const diagnostics = listDiagnostics(
      snapshot,
      snapshot.views.filter(view => views.has(view)),
      host.pageOf,
    )
    const toldPublished = new Set([
      ...diagnostics.keys(),
      ...open.filter(file => listViews(snapshot, file).length > 0),
    ])
    const uris = new Map([...toldPublished].map(file => [snapshot.uriOf(file), file]))
    for (const uri of published.keys()) {
      if (uris.has(uri)) continue
      published.delete(uri)
      void connection.sendDiagnostics({ uri, diagnostics: [] })
    }
    for (const [uri, file] of uris) {
      const version = snapshot.versionOf(file)
      const params = {
        uri,
        ...(version !== null && { version }),
        diagnostics: [...(diagnostics.get(file) ?? [])],
      }
      const text = JSON.stringify(params)
      if (published.get(uri) === text) continue
      published.set(uri, text)
      void connection.sendDiagnostics(params)
    }
  }
}

/** A project of which a document is or was open. */
interface Served {
  readonly root: string
  readonly project: LiveProject
  /** The diagnostics that the editor last got for each file. */
  readonly published: Map<string, string>
  timer: ReturnType<typeof setTimeout> | undefined
}

interface Home {
  readonly served: Served
  readonly file: string
}

/** The abilities of the editor that matter here. */
interface Editor {
  readonly editForm: EditForm
  readonly markup: MarkupKind
  readonly watchesFiles: boolean
}

const getEditor = ({ workspace, textDocument }: InitializeParams['capabilities']): Editor => ({
  editForm: workspace?.workspaceEdit?.documentChanges === true ? 'versioned' : 'plain',
  markup:
    textDocument?.hover?.contentFormat?.includes(MarkupKind.Markdown) === true
      ? MarkupKind.Markdown
      : MarkupKind.PlainText,
  watchesFiles: workspace?.didChangeWatchedFiles?.dynamicRegistration === true,
})

const getCapabilities = ({
  textDocument,
}: InitializeParams['capabilities']): InitializeResult['capabilities'] => ({
  textDocumentSync: { openClose: true, change: TextDocumentSyncKind.Incremental, save: true },
  hoverProvider: true,
  definitionProvider: true,
  referencesProvider: true,
  renameProvider: textDocument?.rename?.prepareSupport === true ? { prepareProvider: true } : true,
  codeActionProvider: { codeActionKinds: [CodeActionKind.QuickFix] },
})
