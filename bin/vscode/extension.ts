import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type ExtensionContext, workspace } from 'vscode'
import { LanguageClient, TransportKind } from 'vscode-languageclient/node'
import { locateServer } from './server-path.ts'

let client: LanguageClient | undefined

/** Starts `meshc lsp` for the specs of a workspace. */
export async function activate({ extensionPath }: ExtensionContext): Promise<void> {
  const server = locateServer({
    setting: workspace.getConfiguration('meshc').get('path', ''),
    workspaceFolders: (workspace.workspaceFolders ?? []).map(({ uri }) => uri.fsPath),
    isTrusted: workspace.isTrusted,
    extensionFolder: extensionPath,
    packageName: JSON.parse(readFileSync(join(extensionPath, 'meshc/package.json'), 'utf8')).name,
    exists: existsSync,
  })
  client = new LanguageClient(
    'meshc',
    'meshc',
    {
      command: process.execPath,
      args: [server, 'lsp'],
      transport: TransportKind.stdio,
      // The editor is a Node, too.
      options: { env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' } },
    },
    { documentSelector: [{ scheme: 'file', language: 'yaml' }] },
  )
  await client.start()
}

export async function deactivate(): Promise<void> {
  await client?.stop()
}
