import type { Context, ExitCode } from '../cli/command.ts'
import { parseQuestion } from '../cli/question.ts'
import { listEnvironments, openProject } from '../project/project.ts'
import { explainFile } from '../why/why-file.ts'
import { explainObject } from '../why/why-object.ts'
import { whySpec, whySpecLine } from '../why/why-spec.ts'

/** Shows the lines of the spec that set a value, the definitions that they override, and the decisions of meshc. */
export function runWhy(context: Context): ExitCode | Promise<ExitCode> {
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
}
