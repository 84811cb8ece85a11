import { readFileSync } from 'node:fs'
import { catalogue } from '../../compiler/catalogue.ts'
import type { SuppressedDiagnostic } from '../../compiler/compile.ts'
import type { TextEdit } from '../../compiler/diagnostics/diagnostic.ts'
import { indexLines } from '../../compiler/diagnostics/lines.ts'
import type { LocatedDiagnostic } from '../../compiler/diagnostics/locate.ts'
import type { Location } from '../../compiler/diagnostics/source.ts'
import { printJson } from '../cli/json-text.ts'
import { paintFor, renderMarkdown } from '../cli/plain-markdown.ts'
import { attempt } from '../files/system-error.ts'
import { locatePackageFile, version } from '../package.ts'
import { makeFingerprints } from './fingerprints.ts'
import type { EnvironmentReport, Report } from './report.ts'

/**
 * SARIF 2.1.0, as code scanning takes it: a run for each environment, in a category of its own.
 * See https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
 */
export function printSarif({ environments, sources }: Report): string {
  const findLines = indexLines(sources.values())
  const log = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: environments.map(getRun),
  }
  return printJson(log)

  function getRun({ name, diagnostics, suppressed }: EnvironmentReport) {
    const all = [...diagnostics, ...suppressed.map(({ diagnostic }) => diagnostic)]
    const codes = [...new Set(all.map(({ code }) => code))].sort()
    const prints = makeFingerprints(all, sources.values())
    const result = resultWith(codes)
    return {
      tool: { driver: { name: 'meshc', semanticVersion: version, rules: codes.map(getRule) } },
      automationDetails: { id: `meshc/${name}` },
      originalUriBaseIds: { '%SRCROOT%': { description: { text: 'The root of the repository' } } },
      columnKind: 'utf16CodeUnits',
      results: all.map((diagnostic, index) =>
        result(diagnostic, prints[index]!, suppressed[index - diagnostics.length]),
      ),
    }
  }

  function resultWith(codes: readonly string[]) {
    return (
      { code, severity, message, help, at, related, fix }: LocatedDiagnostic,
      fingerprint: string,
      suppressed: SuppressedDiagnostic | undefined,
    ) => ({
      ruleId: code,
      ruleIndex: codes.indexOf(code),
      level: severity,
      message: { text: help === undefined ? message : `${message}\n${help}` },
      locations: [{ physicalLocation: physical(at) }],
      ...(related.length > 0 && {
        relatedLocations: related.map(({ at, message }, id) => ({
          id,
          message: { text: message },
          physicalLocation: physical(at),
        })),
      }),
      partialFingerprints: { primaryLocationLineHash: fingerprint },
      ...(fix !== undefined && {
        fixes: [{ description: { text: fix.title }, artifactChanges: changes(fix.edits) }],
      }),
      ...(suppressed !== undefined && {
        suppressions: [{ kind: 'inSource', status: 'accepted', justification: suppressed.because }],
      }),
    })
  }

  function physical({ file, start, end }: Location) {
    return { artifactLocation: artifact(file), ...getRegion(file, start, end) }
  }

  /** The file as a whole is meant if its text is not known. */
  function getRegion(file: string, start: number, end: number) {
    const lines = findLines(file)
    if (lines === undefined) return {}
    const first = lines.positionOf(start)
    const last = lines.positionOf(Math.max(start, end))
    return {
      region: {
        startLine: first.line,
        startColumn: first.column,
        endLine: last.line,
        endColumn: last.column,
      },
    }
  }

  function changes(edits: readonly TextEdit[]) {
    const files = [...new Set(edits.map(({ file }) => file))]
    return files.map(file => ({
      artifactLocation: artifact(file),
      replacements: edits
        .filter(edit => edit.file === file)
        .map(({ start, end, text }) => ({
          deletedRegion: getRegion(file, start, end).region,
          ...(text !== '' && { insertedContent: { text } }),
        })),
    }))
  }
}

const artifact = (file: string) => ({
  uri: file.split('/').map(encodeURIComponent).join('/'),
  uriBaseId: '%SRCROOT%',
})

/** A code as a rule, with its page as help. */
function getRule(code: string) {
  const definition = catalogue.find(definition => definition.code === code)
  if (definition === undefined) return { id: code }
  const { summary, severity } = definition
  const page = attempt(`the page of ${code} cannot be read`, () =>
    readFileSync(locatePackageFile(`docs/diagnostics/${code}.md`), 'utf8'),
  )
  return {
    id: code,
    shortDescription: { text: summary },
    fullDescription: { text: summary },
    help: { text: renderMarkdown(page, paintFor(false)), markdown: page },
    defaultConfiguration: { level: severity },
    properties: { precision: 'very-high', 'problem.severity': severity },
  }
}
