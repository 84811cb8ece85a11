import { type Command, environmentOption, jsonOption, projectOption } from '../cli/command.ts'
import { parseQuestion } from '../cli/question.ts'
import { listEnvironments, openProject } from '../project/project.ts'
import { explainFile } from '../why/why-file.ts'
import { explainObject } from '../why/why-object.ts'
import { whySpec, whySpecLine } from '../why/why-spec.ts'

/** Tells which lines of the spec made a value, which definitions they override, and what meshc decided. */
export const why: Command = {
  name: 'why',
  argument: '<place>',
  argumentValues: ['files'],
  summary: 'Show the origin of a line of out/, a part of an object or a path of the spec',
  options: [environmentOption, jsonOption, projectOption],
  example: 'meshc why out/prod/manifests/my-api/my-api.yaml:23',
  exitCodes: {
    0: 'the question is answered',
    1: 'a spec has errors',
    2: 'the place does not exist, or the call is wrong',
  },
  run(context) {
    const { argument, options } = context
    const project = openProject(options.word('project'))
    const question = parseQuestion(argument ?? '', project)
    const chosen = options.words('env')
    if (question.kind === 'object')
      return explainObject(question, listEnvironments(project, chosen), project, context)
    if (question.kind === 'spec')
      return whySpec(question.path, listEnvironments(project, chosen), project, context)
    const environment = listEnvironments(project, []).find(({ output }) =>
      question.file.startsWith(`${output}/`),
    )
    if (environment !== undefined) return explainFile(question, environment, project, context)
    return whySpecLine(question, listEnvironments(project, chosen), project, context)
  },
}
