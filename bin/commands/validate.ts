import { type Command, environmentOption, jsonOption, projectOption } from '../command.ts'
import {
  compileEnvironments,
  counted,
  diagnosticsJson,
  showDiagnostics,
  tally,
} from '../compile-environments.ts'
import { environmentsOf, openProject } from '../project.ts'

/** Says what is wrong in the specs; writes nothing. */
export const validate: Command = {
  name: 'validate',
  summary: 'Check the specs, write nothing',
  options: [environmentOption, jsonOption, projectOption],
  example: 'meshc validate --env prod',
  run({ options, console }) {
    const project = openProject(options.word('project'))
    const environments = environmentsOf(project, options.words('env'))
    const result = compileEnvironments(project, environments, console)
    const isClean = result.failed.length === 0
    if (options.has('json')) {
      console.printJson({
        ok: isClean,
        environments: environments.map(({ name, entry }) => ({
          environment: name,
          entry,
          ok: !result.failed.includes(name),
        })),
        diagnostics: diagnosticsJson(result),
      })
      return isClean ? 0 : 1
    }
    showDiagnostics(result, console)
    for (const { environment, compilation } of result.compiled) {
      const { services, gateways, externals } = compilation.mesh
      const parts = [
        counted(services.length, 'service'),
        counted(gateways.length, 'gateway'),
        counted(externals.length, 'external system'),
      ]
      console.print(`${environment.name} is valid: ${parts.join(', ')}`)
    }
    if (!isClean) console.problem({ message: tally(result), help: undefined, paths: [] })
    else if (result.diagnostics.length > 0) console.note(tally(result))
    return isClean ? 0 : 1
  },
}
