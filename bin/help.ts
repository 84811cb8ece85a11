import { globalOptions } from './call.ts'
import type { Command } from './command.ts'

/** What `--help` says of a command, or of all. */
export function help(command: Command | undefined, commands: readonly Command[], version: string): string {
  const codes = '0 clean, 1 diagnostics or stale output, 2 a wrong call or a disk that refuses'
  const sections = [
    `meshc/${version}`,
    section('Usage', [`$ meshc ${command === undefined ? '<command> [options]' : usageOf(command)}`]),
    ...(command === undefined
      ? [
          section('Commands', table(commands.map(command => [usageOf(command), command.summary]))),
          section('Options', table(rowsOf(globalOptions))),
        ]
      : [
          section(
            'Options',
            table(
              rowsOf([...command.options, ...globalOptions.filter(({ flag }) => flag.includes('--help'))]),
            ),
          ),
          section('Examples', [`$ ${command.example}`]),
        ]),
    section('Exit codes', [command?.exitCodes?.summary ?? codes]),
  ]
  return sections.join('\n\n')
}

const usageOf = ({ name, argument }: Command) => (argument === undefined ? name : `${name} ${argument}`)
const rowsOf = (options: Command['options']) =>
  options.map(({ flag, summary }): [string, string] => [flag, summary])

const section = (title: string, lines: readonly string[]) =>
  [`${title}:`, ...lines.map(line => `  ${line}`)].join('\n')

function table(rows: readonly (readonly [string, string])[]): readonly string[] {
  const width = Math.max(...rows.map(([first]) => first.length))
  return rows.map(([first, second]) => `${first.padEnd(width)}  ${second}`)
}
