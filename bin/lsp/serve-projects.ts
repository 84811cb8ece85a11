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
  type PublishDiagnosticsParams,
  ResponseError,
  type ServerCapabilities,
  ShowMessageNotification,
  TextDocumentSyncKind,
  TextDocuments,
} from 'vscode-languageserver'
import { TextDocument } from 'vscode-languageserver-textdocument'
import { listCodeActions } from './code-actions.ts'
import { findDefinition } from './definition.ts'
import { type EditForm, makeWorkspaceEdit } from './edits.ts'
import { hover } from './hover.ts'
import { findReferences } from './references.ts'
import { findRenamable, rename } from './rename.ts'
import { type ProjectsHost, ServedProjects } from './served-projects.ts'
import type { Snapshot } from './snapshot.ts'

/** The host of the server: the locations of documents, and the files around them. The server needs no module of Node here. */
interface ServerHost extends ProjectsHost {
  readonly version: string
  /** Describes an error that only a fault of meshc can cause. */
  readonly describeDefect: (error: unknown) => string
  /** The abilities that the caller adds to those of `serveProjects`. */
  readonly capabilities?: ServerCapabilities
}

/** The answers of a server in addition to those of `serveProjects`. */
interface Server {
  /** Answers a request about a file from the current project; null if there is no answer. */
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
  const logDefect: Server['logDefect'] = (what, error) =>
    connection.console.error(`${what}: ${host.describeDefect(error)}`)
  const publish = (params: PublishDiagnosticsParams) => void connection.sendDiagnostics(params)
  const projects = new ServedProjects(documents, host, publish, logDefect)
  const answer = makeResponder(projects)
  let editor: Editor = { editForm: 'plain', markup: MarkupKind.PlainText, watchesFiles: false }

  connection.onInitialize(({ capabilities }) => {
    editor = readEditor(capabilities)
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
  connection.onDidChangeWatchedFiles(() => projects.checkAllSoon())
  documents.onDidChangeContent(({ document }) => projects.checkSoon(document.uri))
  documents.onDidSave(({ document }) => projects.checkSoon(document.uri))
  documents.onDidClose(({ document }) => projects.close(document.uri))
  registerAnswers(connection, answer, () => editor)
  documents.listen(connection)
  return { answer, logDefect }
}

const makeResponder =
  (projects: ServedProjects): Server['answer'] =>
  respond =>
  async (params, token) => {
    const home = projects.findHome(params.textDocument.uri)
    if (home === undefined) return null
    const snapshot = await home.served.project.snapshot(() => token.isCancellationRequested)
    if (snapshot === undefined)
      throw new ResponseError(LSPErrorCodes.RequestCancelled, 'the request is cancelled')
    return (await respond(snapshot, home.file, params)) ?? null
  }

/** Registers the answers to an editor's requests about a position in a file. */
function registerAnswers(connection: Connection, answer: Server['answer'], getEditor: () => Editor): void {
  connection.onHover(
    answer((snapshot, file, { position }) => hover(snapshot, file, position, getEditor().markup)),
  )
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
      return makeWorkspaceEdit(snapshot, renaming.edits, getEditor().editForm)
    }),
  )
  connection.onCodeAction(
    answer((snapshot, file, { range, context }) => [
      ...listCodeActions(snapshot, file, range, context.diagnostics, getEditor().editForm),
    ]),
  )
}

/** The abilities of the editor that matter here. */
interface Editor {
  readonly editForm: EditForm
  readonly markup: MarkupKind
  readonly watchesFiles: boolean
}

const readEditor = ({ workspace, textDocument }: InitializeParams['capabilities']): Editor => ({
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
