import { printCount } from '../../compiler/diagnostics/counted.ts'
import { makeJsonConverter } from '../../compiler/diagnostics/json.ts'
import type { Context, ExitCode } from '../cli/command.ts'
import { getFormat } from '../cli/shared-options.ts'
import { adviseMending, describeTally } from '../project/compile-environments.ts'
import { compileAsked, reportFixes } from '../project/fix-specs.ts'
import { listEnvironments, openProject } from '../project/project.ts'
import { convertDiagnostics, printReport } from '../report/format.ts'

/** Reports the faults of the specs, and with `--fix` mends those that can be mended in one way only. */
export function runValidate({ options, terminal }: Context): ExitCode {
  const format = getFormat(options)
  const project = openProject(options.word('project'))
  const environments = listEnvironments(project, options.words('env'))
  const { result, fixes } = compileAsked(project, environments, options, terminal)
  const isClean = result.failed.length === 0
  if (format === 'json') {
    const json = makeJsonConverter(result.sources.values())
    terminal.printJson({
      ok: isClean,
      environments: result.environments.map(({ name, entry, ok, suppressed }) => ({
        environment: name,
        entry,
        ok,
        suppressed: suppressed.map(({ diagnostic, because, until }) => ({
          ...json(diagnostic),
          because,
          until,
        })),
      })),
      ...(options.has('fix') && { fixes }),
      diagnostics: convertDiagnostics(result),
    })
    return isClean ? 0 : 1
  }
  reportFixes(fixes, terminal)
  printReport(format, result, terminal, project.root)
  for (const { environment, compilation } of result.compiled) {
    const { services, gateways, externals } = compilation.mesh
    const parts = [
      printCount(services.length, 'service'),
      printCount(gateways.length, 'gateway'),
      printCount(externals.length, 'external system'),
    ]
    const line = `${environment.name} is valid: ${parts.join(', ')}`
    if (format === 'text') terminal.print(line)
    else terminal.note(line)
  }
  if (!isClean) terminal.problem({ message: describeTally(result), help: adviseMending(result), paths: [] })
  else if (result.diagnostics.length > 0) terminal.note(describeTally(result))
  return isClean ? 0 : 1
}
