import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { printCount } from '../../compiler/diagnostics/counted.ts'
import { type LocatedDiagnostic, makeVisible } from '../../compiler/diagnostics/locate.ts'
import { type Finding, readFindings } from '../../compiler/provenance/findings.ts'
import { locateFinding } from '../../compiler/provenance/locate-finding.ts'
import { parseJson } from '../../compiler/source/parse-json.ts'
import type { Context, ExitCode } from '../cli/command.ts'
import { Failure } from '../cli/failure.ts'
import { getFormat } from '../cli/shared-options.ts'
import { attempt } from '../files/system-error.ts'
import { compileClean } from '../project/compile-clean.ts'
import type { CompiledEnvironments } from '../project/compile-environments.ts'
import { listEnvironments, openProject } from '../project/project.ts'
import { convertDiagnostics, printReport } from '../report/format.ts'
import { describeCounts, type Report } from '../report/report.ts'

/** Shows the findings of other tools about manifests at the lines of the spec that made them. */
export function runLocate(context: Context): ExitCode {
  const { argument, options, terminal } = context
  const format = getFormat(options)
  const project = openProject(options.word('project'))
  const environments = listEnvironments(project, options.words('env'))
  const { tool, findings } = readFindingsFile(argument)
  const result = compileClean(project, environments, context)
  if (result === undefined) return 1
  const report = getReport(findings, result)
  const isClean = !report.diagnostics.some(({ severity }) => severity === 'error')
  if (format === 'json') terminal.printJson({ ok: isClean, tool, diagnostics: convertDiagnostics(report) })
  else {
    printReport(format, report, terminal, project.root)
    const counts = report.diagnostics.length === 0 ? 'nothing' : describeCounts(report.diagnostics)
    terminal.note(`${tool} has ${printCount(findings.length, 'finding')}; at the spec: ${counts}`)
  }
  return isClean ? 0 : 1
}

function readFindingsFile(file: string | undefined) {
  const isStandard = file === undefined || file === '-'
  if (isStandard && process.stdin.isTTY)
    throw new Failure('there are no findings', 'pipe them in, or name the file that holds them')
  const name = isStandard ? 'standard input' : `\`${file}\``
  const text = attempt(`${name} cannot be read`, () => readFileSync(isStandard ? 0 : resolve(file), 'utf8'))
  const help =
    '`istioctl analyze -o json`, `argocd app get -o json` and the validations of Kiali are understood'
  const value = parseJson(text)
  if (value === undefined)
    throw new Failure(`${name} is not JSON, or beyond the bounds of what meshc reads`, help)
  const findings = readFindings(value)
  if (findings === undefined) throw new Failure(`${name} holds no findings of a tool that meshc knows`, help)
  return findings
}

/** Reports each finding at its place in the environments that emit its object. */
function getReport(findings: readonly Finding[], result: CompiledEnvironments): Report {
  const located = new Map<string, LocatedDiagnostic>()
  const keep = (diagnostic: LocatedDiagnostic) => {
    const { code, message, at } = diagnostic
    const key = JSON.stringify([code, message, at.file, at.start])
    if (!located.has(key)) located.set(key, diagnostic)
  }
  const lost = new Set(findings)
  const outputs = result.compiled.map(({ environment }) => environment.output)
  // A file of out/ determines the environment; an object without a file may be in several.
  const isOfOtherOutput = ({ file = '' }: Finding, output: string) =>
    !isBelow(file, output) && outputs.some(otherOutput => isBelow(file, otherOutput))
  const environments = result.compiled.map(({ environment, compilation }) => {
    const asked = new Set(findings.flatMap(({ object }) => object?.toLowerCase() ?? []))
    const needsAll = findings.some(({ file }) => file !== undefined)
    const entries = [...compilation.sourceMap(({ object }) => needsAll || asked.has(object.toLowerCase()))]
    const { output } = environment
    const locatedDiagnostics = findings.flatMap(finding => {
      if (isOfOtherOutput(finding, output)) return []
      const diagnostic = locateFinding(finding, { output, layers: compilation.layers, entries })
      if (diagnostic === undefined) return []
      lost.delete(finding)
      keep(diagnostic)
      return [diagnostic]
    })
    const { name, entry } = environment
    return {
      name,
      entry,
      ok: locatedDiagnostics.every(({ severity }) => severity !== 'error'),
      diagnostics: locatedDiagnostics,
      suppressed: [],
    }
  })
  for (const finding of lost) keep(unplaced(finding))
  return { environments, diagnostics: [...located.values()], sources: result.sources }
}

const isBelow = (file: string, output: string) => `/${file.replaceAll('\\', '/')}`.includes(`/${output}/`)

/** A finding about an object that meshc did not make is reported at the place that the tool names. */
const unplaced = ({ code, severity, message, file, object }: Finding): LocatedDiagnostic =>
  makeVisible({
    code,
    severity,
    message,
    at: { file: file ?? object ?? 'the application', start: 0, end: 0 },
    related: [],
    ...((file ?? object) !== undefined && { help: 'meshc does not make the file or object of this finding' }),
  })
