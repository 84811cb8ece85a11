import { cac } from 'cac'
import type { Command } from './command.ts'
import { version } from './package.ts'

/** Prints what a command is for and how it is called; without a command, which commands there are. */
export function printHelp(command: Command | undefined, commands: readonly Command[]): void {
  const cli = cac('meshc')
  for (const { name, argument, summary, options, example } of commands) {
    const offered = cli.command(argument === undefined ? name : `${name} ${argument}`, summary)
    for (const { flag, summary } of options) offered.option(flag, summary)
    offered.example(`  $ ${example}`)
  }
  const codes = '0 clean, 1 diagnostics or stale output, 2 a wrong call or a disk that refuses'
  cli.help(sections => [
    ...sections
      .filter(({ title }) => title?.startsWith('For more info') !== true)
      .map(({ title, body }) => ({ ...(title !== undefined && { title }), body: body.replace(/ +$/gm, '') })),
    { title: 'Exit codes', body: `  ${command?.exitCodes?.summary ?? codes}` },
  ])
  cli.version(version)
  const offered = cli.commands.find(({ name }) => name === command?.name) ?? cli.globalCommand
  offered.outputHelp()
}
