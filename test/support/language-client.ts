import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import {
  type ClientCapabilities,
  createProtocolConnection,
  type Diagnostic,
  DidChangeTextDocumentNotification,
  DidChangeWatchedFilesNotification,
  DidCloseTextDocumentNotification,
  DidOpenTextDocumentNotification,
  ExitNotification,
  FileChangeType,
  type FileEvent,
  InitializedNotification,
  InitializeRequest,
  type InitializeResult,
  type Position,
  type ProtocolConnection,
  PublishDiagnosticsNotification,
  RegistrationRequest,
  ShutdownRequest,
  StreamMessageReader,
  StreamMessageWriter,
  type TextDocumentEdit,
  type TextEdit,
  type WorkspaceEdit,
} from 'vscode-languageserver-protocol/node'
import { TextDocument } from 'vscode-languageserver-textdocument'

/** A small editor. It sends its open files to the server, and keeps the messages of the server. */
export interface LanguageClient {
  readonly connection: ProtocolConnection
  readonly initialized: InitializeResult
  /** The methods that the server registered for. */
  readonly registered: readonly string[]
  /** Returns every message of diagnostics for a file, the last message last. */
  diagnosticsOf(file: string): readonly (readonly Diagnostic[])[]
  /** Waits until the last diagnostics of a file are as expected. */
  until(
    file: string,
    isExpected: (diagnostics: readonly Diagnostic[]) => boolean,
  ): Promise<readonly Diagnostic[]>
  uriOf(file: string): string
  /** Opens a file with the text on the disk, or with another text. */
  open(file: string, text?: string): Promise<void>
  /** Replaces the first occurrence of a text in an open file, like typing over a selection. */
  type(file: string, before: string, after: string): Promise<void>
  textOf(file: string): string
  close(file: string): Promise<void>
  /** Reports that files changed on the disk. */
  changedOnDisk(...files: readonly string[]): Promise<void>
  /** Returns the position of a text in an open file, plus an offset. */
  positionOf(file: string, text: string, offset?: number): Position
  /** Returns the text in a range, with its file: `spec/base/mesh.yaml:3 cart`. */
  shown(location: { readonly uri: string; readonly range: TextEdit['range'] }): string
  /** Returns the texts of files by path, after an edit. */
  applied(edit: WorkspaceEdit): Readonly<Record<string, string>>
  /** Ends the session as an editor does, and returns the exit code. */
  stop(): Promise<number | null>
  /** Disconnects without a message, and returns the exit code. */
  abandon(): Promise<number | null>
}

/** The capabilities of an editor that supports every request of the server. */
const fullCapabilities: ClientCapabilities = {
  workspace: {
    workspaceEdit: { documentChanges: true },
    didChangeWatchedFiles: { dynamicRegistration: true },
  },
  textDocument: {
    hover: { contentFormat: ['markdown', 'plaintext'] },
    rename: { prepareSupport: true },
    publishDiagnostics: { relatedInformation: true, codeDescriptionSupport: true, versionSupport: true },
    codeAction: { codeActionLiteralSupport: { codeActionKind: { valueSet: ['quickfix'] } } },
  },
}

/** Starts a server over standard input and output, and initializes it. */
export async function startLanguageClient(
  command: readonly [string, ...string[]],
  root: string,
  capabilities: ClientCapabilities = fullCapabilities,
): Promise<LanguageClient> {
  const [program, ...words] = command
  const child = spawn(program, words, { cwd: root, stdio: ['pipe', 'pipe', 'inherit'] })
  const exit = new Promise<number | null>(resolve => child.on('exit', resolve))
  const connection = createProtocolConnection(
    new StreamMessageReader(child.stdout),
    new StreamMessageWriter(child.stdin),
  )
  const statedDiagnostics = new Map<string, (readonly Diagnostic[])[]>()
  const waiting = new Set<() => void>()
  const registered: string[] = []
  connection.onNotification(PublishDiagnosticsNotification.type, ({ uri, diagnostics }) => {
    statedDiagnostics.set(uri, [...(statedDiagnostics.get(uri) ?? []), diagnostics])
    for (const look of waiting) look()
  })
  connection.onRequest(RegistrationRequest.type, ({ registrations }) => {
    registered.push(...registrations.map(({ method }) => method))
  })
  connection.listen()
  const getUri = (file: string) => pathToFileURL(join(root, file)).href
  const getFile = (uri: string) => uri.slice(getUri('').replace(/\/?$/, '/').length)
  const initialized = await connection.sendRequest(InitializeRequest.type, {
    processId: process.pid,
    rootUri: getUri(''),
    capabilities,
  })
  await connection.sendNotification(InitializedNotification.type, {})
  const open = new Map<string, TextDocument>()
  const onDisk = (file: string) => readFileSync(join(root, file), 'utf8')
  const getDocument = (uri: string) =>
    open.get(getFile(uri)) ?? TextDocument.create(uri, 'yaml', 0, onDisk(getFile(uri)))

  return {
    connection,
    initialized,
    registered,
    diagnosticsOf: file => statedDiagnostics.get(getUri(file)) ?? [],
    until: (file, isExpected) =>
      new Promise((resolve, reject) => {
        const last = () => statedDiagnostics.get(getUri(file))?.at(-1)
        const timer = setTimeout(() => {
          waiting.delete(look)
          reject(new Error(`${file} is told to have ${JSON.stringify(last(), null, 1)}`))
        }, 15_000)
        const look = () => {
          const diagnostics = last()
          if (diagnostics === undefined || !isExpected(diagnostics)) return
          clearTimeout(timer)
          waiting.delete(look)
          resolve(diagnostics)
        }
        waiting.add(look)
        look()
      }),
    uriOf: getUri,
    async open(file, text = onDisk(file)) {
      const document = TextDocument.create(getUri(file), 'yaml', 1, text)
      open.set(file, document)
      const { uri, languageId, version } = document
      await connection.sendNotification(DidOpenTextDocumentNotification.type, {
        textDocument: { uri, languageId, version, text },
      })
    },
    async type(file, before, after) {
      const document = open.get(file)!
      const start = document.getText().indexOf(before)
      if (start === -1) throw new Error(`${file} has no \`${before}\``)
      const range = { start: document.positionAt(start), end: document.positionAt(start + before.length) }
      const change = { range, text: after }
      TextDocument.update(document, [change], document.version + 1)
      await connection.sendNotification(DidChangeTextDocumentNotification.type, {
        textDocument: { uri: document.uri, version: document.version },
        contentChanges: [change],
      })
    },
    textOf: file => open.get(file)?.getText() ?? onDisk(file),
    async close(file) {
      open.delete(file)
      await connection.sendNotification(DidCloseTextDocumentNotification.type, {
        textDocument: { uri: getUri(file) },
      })
    },
    async changedOnDisk(...files) {
      const changes = files.map((file): FileEvent => ({ uri: getUri(file), type: FileChangeType.Changed }))
      await connection.sendNotification(DidChangeWatchedFilesNotification.type, { changes })
    },
    positionOf(file, text, offset = 0) {
      const document = getDocument(getUri(file))
      const at = document.getText().indexOf(text)
      if (at === -1) throw new Error(`${file} has no \`${text}\``)
      return document.positionAt(at + offset)
    },
    shown({ uri, range }) {
      return `${getFile(uri)}:${range.start.line + 1} ${getDocument(uri).getText(range)}`
    },
    applied(edit) {
      const changes = (edit.documentChanges ?? []).map(
        // The server makes, moves and removes no files.
        change => change as TextDocumentEdit,
      )
      const edits: readonly (readonly [string, readonly TextEdit[]])[] = [
        ...changes.map(({ textDocument, edits }) => [textDocument.uri, edits as TextEdit[]] as const),
        ...Object.entries(edit.changes ?? {}),
      ]
      return Object.fromEntries(
        edits.map(([uri, edits]) => [getFile(uri), TextDocument.applyEdits(getDocument(uri), [...edits])]),
      )
    },
    async stop() {
      await connection.sendRequest(ShutdownRequest.type)
      await connection.sendNotification(ExitNotification.type)
      return exit
    },
    abandon() {
      connection.dispose()
      child.stdin.end()
      return exit
    },
  }
}
