import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { createMessageConnection, StreamMessageReader, StreamMessageWriter } from 'vscode-jsonrpc/node'

/*
 * The language server of Red Hat's YAML extension. The test uses it like an editor: over standard input and
 * output, with the default settings of the extension, except for settings that use the network.
 */

/** A place in a text, counted from 0. */
interface Position {
  readonly line: number
  readonly character: number
}

interface Range {
  readonly start: Position
  readonly end: Position
}

/** Returns the place behind the last character of a text. */
export function getEnd(text: string): Position {
  const lines = text.split('\n')
  return { line: lines.length - 1, character: lines.at(-1)?.length ?? 0 }
}

/** A proposed text that an editor can insert at a place. */
export interface CompletionItem {
  readonly label: string
  readonly insertText: string
  readonly documentation: string
  /** The range that the text replaces. */
  readonly range: Range
}

/** A diagnostic that an editor underlines in red. */
export interface EditorDiagnostic {
  readonly range: Range
  readonly message: string
}

export interface LanguageServer {
  /** Opens a document, or replaces its text. */
  write(path: string, text: string): Promise<void>
  /** Opens a document, or replaces its text, and waits for its diagnostics. */
  check(path: string, text: string): Promise<readonly EditorDiagnostic[]>
  complete(path: string, position: Position): Promise<readonly CompletionItem[]>
  /** Returns Markdown; it is empty without a hover text. */
  hover(path: string, position: Position): Promise<string>
  stop(): Promise<void>
}

const server = join(import.meta.dirname, '../../node_modules/yaml-language-server/bin/yaml-language-server')

const settings = {
  yaml: {
    validate: true,
    hover: true,
    completion: true,
    schemaStore: { enable: false },
    kubernetesCRDStore: { enable: false },
  },
}

/**
 * Starts the server.
 *
 * @param folder the workspace; document paths start there, and documents need not be on the disk
 */
export async function startLanguageServer(folder: string): Promise<LanguageServer> {
  const child: ChildProcess = spawn(process.execPath, [server, '--stdio'], {
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  const connection = createMessageConnection(
    new StreamMessageReader(child.stdout!),
    new StreamMessageWriter(child.stdin!),
  )
  const reported = new Map<string, (diagnostics: readonly EditorDiagnostic[]) => void>()
  const versions = new Map<string, number>()
  const getUri = (path: string) => pathToFileURL(join(folder, path)).href

  connection.onRequest('workspace/configuration', ({ items }: { items: readonly { section?: string }[] }) =>
    items.map(({ section }) => (section === 'yaml' ? settings.yaml : null)),
  )
  connection.onRequest('client/registerCapability', () => null)
  connection.onRequest('custom/schema/request', () => null)
  connection.onNotification(
    'textDocument/publishDiagnostics',
    ({ uri, diagnostics }: { uri: string; diagnostics: readonly EditorDiagnostic[] }) =>
      reported.get(uri)?.(diagnostics),
  )
  connection.listen()

  await connection.sendRequest('initialize', {
    processId: process.pid,
    rootUri: pathToFileURL(folder).href,
    workspaceFolders: [{ uri: pathToFileURL(folder).href, name: 'mesh' }],
    capabilities: {
      workspace: { configuration: true, didChangeConfiguration: { dynamicRegistration: true } },
      textDocument: {
        completion: {
          completionItem: { snippetSupport: true, documentationFormat: ['markdown', 'plaintext'] },
        },
        hover: { contentFormat: ['markdown', 'plaintext'] },
        publishDiagnostics: {},
      },
    },
  })
  await connection.sendNotification('initialized', {})
  await connection.sendNotification('workspace/didChangeConfiguration', { settings })

  return { write, check, complete, hover, stop }

  async function write(path: string, text: string): Promise<void> {
    const uri = getUri(path)
    const version = (versions.get(uri) ?? 0) + 1
    versions.set(uri, version)
    if (version === 1)
      await connection.sendNotification('textDocument/didOpen', {
        textDocument: { uri, languageId: 'yaml', version, text },
      })
    else
      await connection.sendNotification('textDocument/didChange', {
        textDocument: { uri, version },
        contentChanges: [{ text }],
      })
  }

  async function check(path: string, text: string): Promise<readonly EditorDiagnostic[]> {
    const diagnostics = new Promise<readonly EditorDiagnostic[]>(resolve =>
      reported.set(getUri(path), resolve),
    )
    await write(path, text)
    return diagnostics
  }

  async function complete(path: string, position: Position): Promise<readonly CompletionItem[]> {
    const { items } = await connection.sendRequest<{ items: readonly ServerItem[] }>(
      'textDocument/completion',
      {
        textDocument: { uri: getUri(path) },
        position,
      },
    )
    return items.map(({ label, insertText, documentation = '', textEdit }) => ({
      label,
      insertText: textEdit?.newText ?? insertText ?? label,
      documentation: typeof documentation === 'string' ? documentation : documentation.value,
      range: textEdit?.range ?? { start: position, end: position },
    }))
  }

  async function hover(path: string, position: Position): Promise<string> {
    const result = await connection.sendRequest<{ contents: { value: string } } | null>(
      'textDocument/hover',
      {
        textDocument: { uri: getUri(path) },
        position,
      },
    )
    return result?.contents.value ?? ''
  }

  async function stop(): Promise<void> {
    await connection.sendRequest('shutdown')
    await connection.sendNotification('exit')
    connection.dispose()
    child.kill()
  }
}

/** A completion item as the server sends it. */
interface ServerItem {
  readonly label: string
  readonly insertText?: string
  readonly documentation?: string | { readonly value: string }
  readonly textEdit?: { readonly newText: string; readonly range: Range }
}
