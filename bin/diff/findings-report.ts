import type { LocatedDiagnostic } from '../../compiler/diagnostics/locate.ts'
import type { Source } from '../../compiler/diagnostics/source.ts'
import { reasonOf } from '../../compiler/review/judge.ts'
import type { Finding } from '../../compiler/review/review.ts'
import type { Review, ReviewedEnvironment } from '../../compiler/review/reviewed.ts'
import type { CompiledEnvironments } from '../compile-environments.ts'
import type { Report } from '../report/report.ts'

/** Changes of behavior as findings, each at the line of the spec that caused it: errors where they are denied, else warnings. */
export function findingsReport(
  { environments }: Review,
  { sources, compiled }: CompiledEnvironments,
): Report {
  const entryOf = (name: string) =>
    compiled.find(({ environment }) => environment.name === name)?.environment.entry ??
    `spec/${name}/mesh.yaml`
  const reports = environments.map(environment => {
    const { name, review, denied } = environment
    const entry = entryOf(name)
    const findings = typeof review === 'string' ? [] : review.findings
    const diagnostics = findings.map(finding => diagnosticOf(finding, environment, entry, sources))
    return { name, entry, ok: denied.length === 0, diagnostics, suppressed: [] }
  })
  return { environments: reports, diagnostics: reports.flatMap(({ diagnostics }) => diagnostics), sources }
}

function diagnosticOf(
  finding: Finding,
  { denied, name }: ReviewedEnvironment,
  entry: string,
  sources: ReadonlyMap<string, Source>,
): LocatedDiagnostic {
  const { section, change, gates, witness, because } = finding
  const gate = denied.find(one => one.finding === finding)?.gate
  const cause = because.find(({ file, side }) => side === 'after' && sources.has(file))
  return {
    code: gate ?? gates[0] ?? `${section}-${change}`,
    severity: gate === undefined ? 'warning' : 'error',
    message: `${name}: ${reasonOf(finding)}`,
    at:
      cause === undefined ? { file: entry, start: 0, end: 0 } : lineIn(sources.get(cause.file)!, cause.line),
    related: [],
    help: `for example ${witness.request}`,
  }
}

/** The words of a line. */
function lineIn({ name, text }: Source, line: number) {
  const lines = text.split('\n')
  const before = lines.slice(0, line - 1).reduce((sum, { length }) => sum + length + 1, 0)
  const own = lines[line - 1] ?? ''
  return { file: name, start: before + own.search(/\S|$/), end: before + own.trimEnd().length }
}
