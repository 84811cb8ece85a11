import {
  findReferencesKeymap,
  hoverTooltips,
  jumpToDefinitionKeymap,
  LSPClient,
  renameKeymap,
  serverCompletion,
} from '@codemirror/lsp-client'
import { keymap } from '@codemirror/view'
import DOMPurify from 'dompurify'
import type { Diagnostic } from 'vscode-languageserver-protocol'
import type { Checked } from '../share/messages.ts'
import { autoSync } from './auto-sync.ts'
import { ProjectWorkspace } from './project-workspace.ts'

/** The worker, as an editor sees it. */
export interface Server {
  readonly client: LSPClient
  readonly workspace: ProjectWorkspace
}

interface Listeners {
  readonly onDiagnostics: (
    uri: string,
    version: number | undefined,
    diagnostics: readonly Diagnostic[],
  ) => void
  readonly onChecked?: (checked: Checked) => void
  readonly onFailure: (message: string) => void
}

/** Starts the worker, and connects to it. */
export function connect({ onDiagnostics, onChecked, onFailure }: Listeners): Server {
  const worker = new Worker(new URL('worker.js', import.meta.url))
  worker.addEventListener('error', event => onFailure(event.message))
  let workspace: ProjectWorkspace | undefined
  const client = new LSPClient({
    // The map of a large mesh takes its time.
    timeout: 120_000,
    workspace: client => {
      workspace = new ProjectWorkspace(client)
      return workspace
    },
    sanitizeHTML: html =>
      DOMPurify.sanitize(html, { USE_PROFILES: { html: true }, FORBID_TAGS: ['img', 'style', 'form'] }),
    notificationHandlers: {
      'textDocument/publishDiagnostics': (_, { uri, version, diagnostics }) => {
        onDiagnostics(uri, version, diagnostics)
        return true
      },
      'meshc/checked': (_, checked) => {
        onChecked?.(checked)
        return true
      },
    },
    extensions: [
      {
        clientCapabilities: {
          textDocument: { publishDiagnostics: { versionSupport: true, relatedInformation: true } },
        },
      },
      serverCompletion({ override: true }),
      hoverTooltips(),
      keymap.of([...renameKeymap, ...jumpToDefinitionKeymap, ...findReferencesKeymap]),
      autoSync,
    ],
  })
  const handlers = new Map<(text: string) => void, (event: MessageEvent) => void>()
  client.connect({
    send: text => worker.postMessage(JSON.parse(text)),
    subscribe: handler => {
      const listen = (event: MessageEvent) => handler(JSON.stringify(event.data))
      handlers.set(handler, listen)
      worker.addEventListener('message', listen)
    },
    unsubscribe: handler => {
      const listen = handlers.get(handler)
      if (listen !== undefined) worker.removeEventListener('message', listen)
    },
  })
  // The client makes its workspace in its constructor.
  return { client, workspace: workspace! }
}
