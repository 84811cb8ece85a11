import type { Command } from '../cli/command.ts'

/** Speaks to an editor, which starts it. */
export const lsp: Command = {
  name: 'lsp',
  summary: 'Serve an editor: diagnostics, definitions, references, renaming, fixes and hover',
  options: [{ flag: '--stdio', summary: 'Use standard input and output (always on)' }],
  example: 'meshc lsp --stdio',
  exitCodes: {
    0: 'the editor stopped the server',
    1: 'the connection to the editor ended without a shutdown',
    2: 'the call is wrong',
  },
  async run({ terminal }) {
    if (process.stdin.isTTY) terminal.note('an editor starts this, and speaks to it: Ctrl-C ends it')
    const { serveEditor } = await import('../lsp/server.ts')
    return await serveEditor()
  },
}
