import { counted } from '../../compiler/diagnostics/counted.ts'
import { jsonOf } from '../../compiler/diagnostics/json.ts'
import { type Command, environmentOption, projectOption } from '../command.ts'
import { howToMend, tally } from '../compile-environments.ts'
import { compileAsked, fixOption, tellFixes } from '../fix-specs.ts'
import { limitOptions } from '../limits.ts'
import { environmentsOf, openProject } from '../project.ts'
import { diagnosticsJson, formatOf, formatOptions, printReport } from '../report/format.ts'

/** Says what is wrong in the specs, and with `--fix` mends what can be mended in one way only. */
export const validate: Command = {
  name: 'validate',
  summary: 'Check the specs, write nothing',
  options: [environmentOption, fixOption, ...limitOptions, ...formatOptions, projectOption],
  example: 'meshc validate --env prod',
  exitCodes: {
    0: 'no spec has errors',
    1: 'a spec has errors',
    2: 'the call is wrong, or the disk refuses',
  },
  run({ options, console }) {
    const format = formatOf(options)
    const project = openProject(options.word('project'))
    const environments = environmentsOf(project, options.words('env'))
    const { result, fixes } = compileAsked(project, environments, options, console)
    const isClean = result.failed.length === 0
    if (format === 'json') {
      const json = jsonOf(result.sources.values())
      console.printJson({
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
        diagnostics: diagnosticsJson(result),
      })
      return isClean ? 0 : 1
    }
    tellFixes(fixes, console)
    printReport(format, result, console, project.root)
    for (const { environment, compilation } of result.compiled) {
      const { services, gateways, externals } = compilation.mesh
      const parts = [
        counted(services.length, 'service'),
        counted(gateways.length, 'gateway'),
        counted(externals.length, 'external system'),
      ]
      const line = `${environment.name} is valid: ${parts.join(', ')}`
      if (format === 'text') console.print(line)
      else console.note(line)
    }
    if (!isClean) console.problem({ message: tally(result), help: howToMend(result), paths: [] })
    else if (result.diagnostics.length > 0) console.note(tally(result))
    return isClean ? 0 : 1
  },
}
