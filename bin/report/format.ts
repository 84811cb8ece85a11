import { makeJsonConverter } from '../../compiler/diagnostics/json.ts'
import { findNearest, list } from '../../compiler/diagnostics/suggest.ts'
import type { Option, Options } from '../cli/command.ts'
import { Failure } from '../cli/failure.ts'
import type { Terminal } from '../cli/terminal.ts'
import { printGithub } from './github.ts'
import { printGitlab } from './gitlab.ts'
import { rebaseReport } from './in-repository.ts'
import { printJunit } from './junit.ts'
import type { Report } from './report.ts'
import { printSarif } from './sarif.ts'

/** The documents that a report can be printed as, beside text and the JSON document of each command. */
const documents = { sarif: printSarif, github: printGithub, gitlab: printGitlab, junit: printJunit } as const
const formats = ['text', 'json', 'sarif', 'github', 'gitlab', 'junit'] as const

/** The format in which a command says what it found. */
export type Format = (typeof formats)[number]

/** The options by which a call chooses; `formatOf` reads them. */
export const formatOptions: readonly Option[] = [
  {
    flag: '--format <name>',
    values: formats,
    summary: `The format of findings: ${formats.join(', ')} (default: text)`,
  },
  { flag: '--json', summary: 'Print one JSON document on stdout: --format json' },
]

/** The format that a call asks for. */
export function getFormat(options: Options): Format {
  const word = options.word('format')
  if (word === undefined) return options.has('json') ? 'json' : 'text'
  const format = formats.find(format => format === word)
  if (format === undefined) {
    const near = findNearest(word, formats)
    const help = near === undefined ? `there is ${list(formats)}` : `did you mean \`${near}\`?`
    throw new Failure(`there is no format \`${word}\``, help)
  }
  if (options.has('json') && format !== 'json')
    throw new Failure(`\`--json\` and \`--format ${format}\` are given both`, 'give one of the two')
  return format
}

/**
 * Tells what was found: as text on stderr, or as a document on stdout. GitHub's annotations hold a line each, so the text
 * goes beside them into the log. JSON is left to the command, whose document says more than what was found.
 *
 * @param root the folder of the project
 */
export function printReport(format: Format, report: Report, terminal: Terminal, root: string): void {
  if (format === 'text' || format === 'github')
    terminal.diagnostics(report.diagnostics, report.sources.values())
  if (format === 'text' || format === 'json') return
  const document = documents[format](rebaseReport(report, root))
  if (document !== '') terminal.printDocument(document)
}

/** The diagnostics as JSON has them. */
export const convertDiagnostics = ({ diagnostics, sources }: Report) =>
  diagnostics.map(makeJsonConverter(sources.values()))
