import { cac } from 'cac'
import { version } from '../package.ts'
import type { Command } from './command.ts'
import type { Terminal } from './terminal.ts'

/** Prints the purpose and the usage of a command; without a command, the list of commands. */
export function printHelp(
  command: Command | undefined,
  commands: readonly Command[],
  terminal: Terminal,
): void {
  const cli = cac('meshc')
  for (const { name, argument, summary, options, example } of commands) {
    const offered = cli.command(argument === undefined ? name : `${name} ${argument}`, summary)
    for (const { flag, summary } of options) offered.option(flag, summary)
    offered.example(`  $ ${example}`)
  }
  const codes = Object.entries(command?.exitCodes ?? {}).map(([code, says]) => `  ${code}  ${says}`)
  cli.help(sections => [
    { body: command?.summary ?? `meshc/${version}` },
    ...sections
      .slice(1)
      .filter(({ title }) => title?.startsWith('For more info') !== true)
      .map(({ title, body }) => ({ ...(title !== undefined && { title }), body: body.replace(/ +$/gm, '') })),
    {
      title: 'Exit codes',
      body:
        codes.length > 0 ? codes.join('\n') : '  `meshc help <command>` lists the exit codes of a command',
    },
  ])
  cli.version(version)
  const offered = cli.commands.find(({ name }) => name === command?.name) ?? cli.globalCommand
  terminal.printDocument(captureText(() => offered.outputHelp()))
}

/**
 * Returns the text that cac prints: the stream of Node's console takes some milliseconds to open, and loses the output that a full
 * disk refuses.
 */
function captureText(print: () => void): string {
  const { info } = console
  const texts: string[] = []
  console.info = text => texts.push(text)
  try {
    print()
  } finally {
    console.info = info
  }
  return texts.join('\n')
}
