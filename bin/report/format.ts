import { makeJsonConverter } from '../../compiler/diagnostics/json.ts'
import type { Format } from '../cli/shared-options.ts'
import type { Terminal } from '../cli/terminal.ts'
import { printGithub } from './github.ts'
import { printGitlab } from './gitlab.ts'
import { rebaseReport } from './in-repository.ts'
import { printJunit } from './junit.ts'
import type { Report } from './report.ts'
import { printSarif } from './sarif.ts'

/** The document formats of a report, in addition to text and the JSON document of each command. */
const documents = { sarif: printSarif, github: printGithub, gitlab: printGitlab, junit: printJunit } as const

/**
 * Reports the findings: as text on stderr, or as a document on stdout. GitHub's annotations have one line each, so the log gets the
 * text, too. The command itself prints JSON, whose document has more than the findings.
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
