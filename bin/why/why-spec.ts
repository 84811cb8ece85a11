import { memo } from '../../compiler/basics/memo.ts'
import { printCount } from '../../compiler/diagnostics/counted.ts'
import type { SpecPath } from '../../compiler/diagnostics/diagnostic.ts'
import { makePainter } from '../../compiler/diagnostics/frames.ts'
import { isPathWithin } from '../../compiler/diagnostics/is-path-within.ts'
import { makeTextVisible } from '../../compiler/diagnostics/visible.ts'
import type { SourceMapEntry } from '../../compiler/emit/print.ts'
import { mergePath } from '../../compiler/provenance/merged-path.ts'
import { printPointer, printSpecPath } from '../../compiler/provenance/paths.ts'
import { listPathsAtLine } from '../../compiler/provenance/paths-at-line.ts'
import { makeReasonConverter } from '../../compiler/provenance/reason-json.ts'
import { makePartRenderer } from '../../compiler/provenance/render-part.ts'
import { printSpecAnswer } from '../../compiler/provenance/render-spec-answer.ts'
import { describeUnknownStep, explainSpecPath } from '../../compiler/provenance/spec-answer.ts'
import { parse } from '../../compiler/source/parse.ts'
import type { Context, ExitCode } from '../cli/command.ts'
import { Failure } from '../cli/failure.ts'
import type { Question } from '../cli/question.ts'
import { compileClean } from '../project/compile-clean.ts'
import type { Environment, Project } from '../project/project.ts'
import { showSentence } from './answer.ts'

type FileQuestion = Extract<Question, { readonly kind: 'file' }>

/** Answers for the values that a line of a spec sets. */
export function whySpecLine(
  { file, line }: FileQuestion,
  environments: readonly Environment[],
  project: Project,
  context: Context,
): ExitCode {
  const read = project.workspace.read(file)
  const source = 'text' in read ? { name: file, text: read.text } : undefined
  const document = source === undefined ? undefined : parse(source).document
  if (document === undefined || !file.startsWith('spec/'))
    throw new Failure(`\`${file}\` is neither a file that meshc makes nor one of a spec`)
  if (line === undefined) throw new Failure(`\`${file}\` is a spec`, `name a line of it: \`${file}:1\``)
  const path = listPathsAtLine(document, line).paths[0]
  if (path === undefined) return showSentence(context, `line ${line} of \`${file}\` says nothing`)
  return whySpec(path, environments, project, context, file)
}

/**
 * Answers for a path of the spec in each environment.
 *
 * @param file the file of the question: environments that do not read it have no answer
 */
export function whySpec(
  path: SpecPath,
  environments: readonly Environment[],
  project: Project,
  context: Context,
  file?: string,
): ExitCode {
  const result = compileClean(project, environments, context)
  if (result === undefined) return 1
  const { options, terminal } = context
  const askedCompiled = result.compiled.filter(
    ({ sources }) => file === undefined || sources.some(({ name }) => name === file),
  )
  if (askedCompiled.length === 0) throw new Failure(`no environment reads \`${file}\``)
  const places = askedCompiled.map(compiled => {
    const { layers } = compiled.compilation
    return { compiled, path: file === undefined ? path : mergePath(file, path, layers) }
  })
  const faults = places.map(({ compiled, path }) => describeUnknownStep(path, compiled.compilation.layers))
  const knowing = places.filter((_, index) => faults[index] === undefined)
  if (knowing.length === 0) throw new Failure(faults[0]!.message, faults[0]!.help)
  const answers = knowing.map(({ compiled, path }) => {
    const answer = explainSpecPath(path, compiled.compilation.layers)
    const at = answer.insteadAt ?? path
    const names = (origins: SourceMapEntry['origins'], place: SpecPath) =>
      origins.some(origin => typeof origin !== 'string' && isPathWithin(origin, place))
    // A value of several entries counts here if it names this entry, too. Thousands of values share a list of origins.
    const isAsked = memo(
      (origins: SourceMapEntry['origins']) =>
        names(origins, at) && (at === path || names(origins, path.slice(0, 2))),
    )
    const makes =
      answer.value === undefined
        ? []
        : [...compiled.compilation.sourceMap()].filter(({ origins }) => isAsked(origins))
    return { compiled, path, answer, makes }
  })
  if (options.has('json')) {
    terminal.printJson({
      ok: true,
      path: printSpecPath(answers[0]!.path),
      environments: answers.map(({ compiled, answer, makes }) => ({
        environment: compiled.environment.name,
        value: answer.value ?? null,
        ...(answer.insteadAt !== undefined && { instead: printSpecPath(answer.insteadAt) }),
        reasons: answer.reasons.map(makeReasonConverter(compiled.sources)),
        makes: makes.map(({ file, line, object, path, value }) => ({
          file: `${compiled.environment.output}/${file}`,
          line,
          object,
          pointer: printPointer(path),
          value,
        })),
      })),
    })
    return 0
  }
  const paint = makePainter(terminal.color)
  const lines = new Map<string, string[]>()
  for (const { compiled, path, answer, makes } of answers) {
    const rows = makePartRenderer(compiled.sources, terminal.frames)(answer)
    const line = paint('strong', makeTextVisible(printSpecAnswer(path, answer)))
    const text = [line, ...rows, ...madeRows(makes)].join('\n')
    lines.set(text, [...(lines.get(text) ?? []), compiled.environment.name])
  }
  terminal.print(
    [...lines]
      .map(([text, names]) => {
        const [first, ...rest] = text.split('\n')
        return [first, `  in ${names.join(', ')}`, ...rest].join('\n')
      })
      .join('\n\n'),
  )
  return 0
}

/** Makes the rows for the effects of a value: a few of them. */
function madeRows(makes: readonly SourceMapEntry[]): readonly string[] {
  if (makes.length === 0) return []
  const shown = makes.slice(0, 5)
  return [
    `  it makes ${printCount(makes.length, 'value')}:`,
    ...shown.map(
      ({ object, path, value }) => `    ${makeTextVisible(`${object}#${printPointer(path)}: ${value}`)}`,
    ),
    ...(makes.length > shown.length
      ? [`    and ${makes.length - shown.length} more: \`meshc impact\` lists them`]
      : []),
  ]
}
