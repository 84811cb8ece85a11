import { suggestName } from '../../compiler/diagnostics/suggest.ts'
import type { SourceMapEntry } from '../../compiler/emit/print.ts'
import { findPart } from '../../compiler/provenance/entries-at.ts'
import { printPointer } from '../../compiler/provenance/paths.ts'
import type { Context, ExitCode } from '../cli/command.ts'
import { Failure } from '../cli/failure.ts'
import type { Question } from '../cli/question.ts'
import { compileClean } from '../project/compile-clean.ts'
import { describeEnvironments } from '../project/environments.ts'
import type { Environment, Project } from '../project/project.ts'
import { type Answer, makePartAnswer, showAnswers } from './answer.ts'

type ObjectQuestion = Extract<Question, { readonly kind: 'object' }>

/** Answers for an object, or a part of it, in each environment that has it. */
export function explainObject(
  { object, pointer }: ObjectQuestion,
  environments: readonly Environment[],
  project: Project,
  context: Context,
): ExitCode {
  const result = compileClean(project, environments, context)
  if (result === undefined) return 1
  const answers: Answer[] = []
  let seen: readonly SourceMapEntry[] = []
  for (const compiled of result.compiled) {
    const entries = [...compiled.compilation.sourceMap(place => place.object === object)]
    const part = findPart(entries, object, pointer)
    if (part !== undefined) answers.push(makePartAnswer(part, entries, compiled))
    if (entries.length > 0) seen = entries
  }
  if (answers.length > 0) return showAnswers(answers, [], context)
  const where = describeEnvironments(environments.map(({ name }) => name))
  if (seen.length === 0) {
    const names = result.compiled.flatMap(({ compilation }) =>
      [...compilation.objects()].map(({ object }) => object),
    )
    throw new Failure(`there is no object \`${object}\` in ${where}`, nearObject(object, [...new Set(names)]))
  }
  const known = new Set<string>()
  for (const { path } of seen)
    for (const [index] of path.entries()) known.add(printPointer(path.slice(0, index + 1)))
  const typed = printPointer(pointer)
  throw new Failure(`\`${object}\` has nothing at \`${typed}\` in ${where}`, suggestName(typed, [...known]))
}

/** Finds the object that was meant: a name that differs a little, or the same name elsewhere. */
function nearObject(object: string, names: readonly string[]): string | undefined {
  const name = object.slice(object.lastIndexOf('/'))
  const kind = object.slice(0, object.indexOf('/') + 1)
  const namesakes = names.filter(otherName => otherName.endsWith(name))
  const alike = namesakes.find(namesake => namesake.startsWith(kind)) ?? namesakes[0]
  return alike === undefined ? suggestName(object, names) : `did you mean \`${alike}\`?`
}
