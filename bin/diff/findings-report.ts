import { indexLines, type Lines } from '../../compiler/diagnostics/lines.ts'
import { type LocatedDiagnostic, makeVisible } from '../../compiler/diagnostics/locate.ts'
import type { Location } from '../../compiler/diagnostics/source.ts'
import type { Cause, Finding, UnknownFinding } from '../../compiler/review/findings.ts'
import { describeFinding, listFew, makeTitle, pairAlikeEnvironments } from '../../compiler/review/index.ts'
import type { Notice } from '../../compiler/review/notices.ts'
import type { Review, ReviewedEnvironment } from '../../compiler/review/reviewed.ts'
import type { CompiledEnvironments } from '../project/compile-environments.ts'
import type { Report } from '../report/report.ts'

/**
 * Changes of behavior as findings, each at the line of the spec that caused it, and unknown differences. Denied findings are errors,
 * others are warnings.
 */
export function makeFindingsReport(
  { environments }: Review,
  { sources, environments: compiled }: Pick<CompiledEnvironments, 'sources' | 'environments'>,
): Report {
  const getEntry = (name: string) =>
    compiled.find(environment => environment.name === name)?.entry ?? `spec/${name}/mesh.yaml`
  const findLines = indexLines(sources.values())
  const listDiagnostics = (environment: ReviewedEnvironment, entry: string) => {
    const { review } = environment
    return [
      ...review.notices.map(notice => noticeDiagnostic(notice, environment, entry, findLines)),
      ...review.findings.map(finding => getDiagnostic(finding, environment, entry, findLines)),
      ...review.unknown.map(part => unknownDiagnostic(part, environment, entry)),
      ...review.defects.map(defect => defectDiagnostic(defect, environment, entry)),
    ].map(makeVisible)
  }
  const reports = environments.map(environment => {
    const { name, denied } = environment
    const entry = getEntry(name)
    const ok = denied.length === 0
    return { name, entry, ok, diagnostics: listDiagnostics(environment, entry), suppressed: [] }
  })
  // A finding that is the same in several environments is reported once.
  const diagnostics = pairAlikeEnvironments(environments).flatMap(group => {
    const name = group.map(environment => environment.name).join(', ')
    return listDiagnostics({ ...group[0], name }, getEntry(group[0].name))
  })
  return { environments: reports, diagnostics, sources }
}

/** Makes the diagnostic for a notice: an error if it is denied. */
function noticeDiagnostic(
  notice: Notice,
  { denied, name }: ReviewedEnvironment,
  entry: string,
  linesOf: ReturnType<typeof indexLines>,
): LocatedDiagnostic {
  const { gate, words, at } = notice
  const lines = at?.side === 'after' ? linesOf(at.file) : undefined
  return {
    code: gate ?? (notice.move === undefined ? 'new-waiver' : 'control-plane-move'),
    severity: denied.some(({ subject }) => subject === notice) ? 'error' : 'warning',
    message: `${name}: ${words}`,
    at: at === undefined || lines === undefined ? { file: entry, start: 0, end: 0 } : lineIn(at, lines),
    related: [],
  }
}

function getDiagnostic(
  finding: Finding,
  { denied, name }: ReviewedEnvironment,
  entry: string,
  linesOf: ReturnType<typeof indexLines>,
): LocatedDiagnostic {
  const { section, change, gates, witness, because, help } = finding
  const gate = denied.find(({ subject }) => subject === finding)?.gate
  const cause = because.find(({ file, side }) => side === 'after' && linesOf(file) !== undefined)
  return {
    code: gate ?? gates[0] ?? `${section}-${change}`,
    severity: gate === undefined ? 'warning' : 'error',
    message: `${name}: ${describeFinding(finding)}`,
    at: cause === undefined ? { file: entry, start: 0, end: 0 } : lineIn(cause, linesOf(cause.file)!),
    related: [],
    help: [`for example ${witness.request}`, ...help].join('; '),
  }
}

/** Makes the diagnostic for an unknown difference: an error if it is denied. */
function unknownDiagnostic(
  part: UnknownFinding,
  { denied, name }: ReviewedEnvironment,
  entry: string,
): LocatedDiagnostic {
  const { pair, requests } = makeTitle(part)
  return {
    code: 'unknown',
    severity: denied.some(({ subject }) => subject === part) ? 'error' : 'warning',
    message: `${name}: ${pair}  ${requests}: it is not known what becomes of them${part.side === 'both' ? '' : ` ${part.side}`}`,
    at: { file: entry, start: 0, end: 0 },
    related: [],
    help: [`because of ${listFew(part.because)}`, ...part.help].join('; '),
  }
}

const defectDiagnostic = (
  defect: string,
  { name }: ReviewedEnvironment,
  entry: string,
): LocatedDiagnostic => ({
  code: 'defect',
  severity: 'warning',
  message: `${name}: meshc contradicts itself: ${defect}`,
  at: { file: entry, start: 0, end: 0 },
  related: [],
})

/** The words of a line. */
function lineIn({ file, line }: Pick<Cause, 'file' | 'line'>, lines: Lines): Location {
  const start = lines.startOf(line)
  const lineText = lines.lineAt(line)
  return { file, start: start + lineText.search(/\S|$/), end: start + lineText.trimEnd().length }
}
