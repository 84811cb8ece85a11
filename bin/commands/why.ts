import type { SpecPath } from '../../compiler/diagnostics/diagnostic.ts'
import { painter } from '../../compiler/diagnostics/frames.ts'
import { didYouMean, list } from '../../compiler/diagnostics/suggest.ts'
import { visible } from '../../compiler/diagnostics/visible.ts'
import type { SourceMapEntry } from '../../compiler/emit/print.ts'
import { type Part, partAt, partAtLine } from '../../compiler/provenance/entries-at.ts'
import { isWithin, printPointer, printSpecPath } from '../../compiler/provenance/paths.ts'
import { pathsAtLine } from '../../compiler/provenance/paths-at-line.ts'
import { reasonJsonOf } from '../../compiler/provenance/reason-json.ts'
import { type ExplainedPart, explainPart, reasonsOf } from '../../compiler/provenance/reasons.ts'
import { partRenderer } from '../../compiler/provenance/render-part.ts'
import { explainSpecPath, unknownStep } from '../../compiler/provenance/spec-answer.ts'
import { isMap } from '../../compiler/source/document.ts'
import { parse } from '../../compiler/source/parse.ts'
import {
  type Command,
  type Context,
  type ExitCode,
  environmentOption,
  jsonOption,
  projectOption,
} from '../command.ts'
import { compileClean } from '../compile-clean.ts'
import type { Compiled } from '../compile-environments.ts'
import { Failure } from '../failure.ts'
import { builtFile } from '../output/built-file.ts'
import { lockFileName } from '../output/lock-file.ts'
import { OutputFolder } from '../output/output-folder.ts'
import { lineBefore } from '../output/text-changes.ts'
import { type Environment, environmentsOf, openProject, type Project } from '../project.ts'
import { type Question, questionOf } from '../question.ts'
import { counted } from '../report/report.ts'
import { lineOfManifest, objectInTemplate } from '../template-line.ts'

/** Says which lines of the spec made a value, whom they override, and what meshc decided. */
export const why: Command = {
  name: 'why',
  argument: '<place>',
  argumentValues: 'files',
  summary: 'Say why a line of out/, a part of an object or a path of the spec is what it is',
  options: [environmentOption, jsonOption, projectOption],
  example: 'meshc why out/prod/manifests/my-api/my-api.yaml:23',
  run(context) {
    const { argument, options } = context
    const project = openProject(options.word('project'))
    const question = questionOf(argument ?? '', project)
    const chosen = options.words('env')
    if (question.kind === 'object')
      return whyObject(question, environmentsOf(project, chosen), project, context)
    if (question.kind === 'spec')
      return whySpec(question.path, environmentsOf(project, chosen), project, context)
    const environment = environmentsOf(project, []).find(({ output }) =>
      question.file.startsWith(`${output}/`),
    )
    if (environment !== undefined) return whyLine(question, environment, project, context)
    return whySpecLine(question, environmentsOf(project, chosen), project, context)
  },
}

/** The answer about one part of an object. */
interface Answer {
  readonly compiled: Compiled
  readonly part: Part
  readonly explained: ExplainedPart
}

type FileQuestion = Extract<Question, { readonly kind: 'file' }>
type ObjectQuestion = Extract<Question, { readonly kind: 'object' }>

function whyLine(
  { file, line, column }: FileQuestion,
  environment: Environment,
  project: Project,
  context: Context,
): ExitCode {
  const compiled = compileClean(project, [environment], context)?.compiled[0]
  if (compiled === undefined) return 1
  const { compilation } = compiled
  const path = file.slice(environment.output.length + 1)
  if (path === lockFileName)
    return tell(
      context,
      `\`${file}\` is what the last build wrote down of itself: what it read, and what it made`,
    )
  const expected = compilation.file(path)
  if (expected === undefined) throw unknownFile(path, compiled)
  const built = builtFile(new OutputFolder(project.root, environment.output), path, expected.text)
  const changes = 'changes' in built ? built.changes : []
  const notes = 'changes' in built ? [notesOf[built.state](file)] : []
  const asked = line === undefined ? undefined : lineBefore(changes, line)
  const change = changes.find(
    ({ after }) => line !== undefined && line >= after.line && line < after.line + after.lines.length,
  )
  if (change !== undefined && line !== undefined) {
    const found = change.after.lines[line - change.after.line]!.trim()
    const instead = asked === undefined ? 'nothing' : `\`${lineOf(expected.text, asked)}\``
    notes.push(`line ${line} is \`${found}\`; the spec makes ${instead} there`)
  } else if (asked !== undefined && asked !== line)
    notes.push(`line ${line} is line ${asked} of what the spec makes`)
  if (line !== undefined && asked === undefined) {
    if (!context.options.has('json')) for (const note of notes) context.console.note(`note: ${visible(note)}`)
    throw new Failure(
      `nothing of the spec makes line ${line} of \`${file}\``,
      'build it anew to see what does',
    )
  }
  const entries = [...compilation.sourceMap(place => place.file === path)]
  if (entries.length === 0) {
    const manifest = asked === undefined ? undefined : manifestOf(expected.text, asked, compiled)
    if (manifest === undefined) return whyText(file, path, compiled, notes, context)
    notes.push(`this template holds \`${manifest.part.object}\`; this is why it is as it is in manifests/`)
    return show([manifest], notes, context)
  }
  const parts = asked === undefined ? wholeObjects(entries) : [partAtLine(entries, asked, column)]
  const answers = parts.flatMap(part => (part === undefined ? [] : [answerOf(part, entries, compiled)]))
  if (answers.length > 0) return show(answers, notes, context)
  const lines = expected.text.split('\n').length - 1
  if (asked !== undefined && asked > lines) throw new Failure(`\`${file}\` has ${counted(lines, 'line')}`)
  return tell(
    context,
    `line ${line} of \`${file}\` says no value: it names the spec, or separates objects`,
    notes,
  )
}

const notesOf = {
  stale: (file: string) => `\`${file}\` is older than its spec; this is what a build would make of it`,
  edited: (file: string) => `\`${file}\` was edited by hand; this is what the spec makes`,
} as const

const lineOf = (text: string, line: number) => text.split('\n')[line - 1]!.trim()

/** The part of a manifest that a line of a template of the chart stands for. */
function manifestOf(template: string, line: number, compiled: Compiled): Answer | undefined {
  const found = objectInTemplate(template, line)
  if (found === undefined) return undefined
  const entries = [...compiled.compilation.sourceMap(({ object }) => object === found.object)]
  const [first] = entries
  const text = first === undefined ? undefined : compiled.compilation.file(first.file)?.text
  if (first === undefined || text === undefined) return undefined
  // From the first line of the object to the line that separates it from the next.
  const lines = text.split('\n').slice(first.line - 1)
  const end = lines.indexOf('---')
  const own = lineOfManifest(end === -1 ? lines : lines.slice(0, end), found)
  const part = own === undefined ? undefined : partAtLine(entries, first.line - 1 + own)
  const whole = part ?? partAt(entries, found.object, [])
  return whole === undefined ? undefined : answerOf(whole, entries, compiled)
}

/** A text has no map: what asks for it is said. */
function whyText(
  file: string,
  path: string,
  { compilation, environment, sources }: Compiled,
  notes: readonly string[],
  context: Context,
): ExitCode {
  const { layers, mesh } = compilation
  const asked = Object.entries(mesh.delivery.outputs).find(([name]) => path.startsWith(`${name}/`))?.[1]
  const origins = (asked?.origins ?? []).map(origin => (typeof origin === 'string' ? origin : origin.path))
  const reasons = reasonsOf(origins, { origins }, layers)
  const text = `\`${file}\` is a text that meshc makes of all that \`${environment.entry}\` says; its lines are not traced one by one`
  const { options, console } = context
  if (options.has('json')) {
    console.printJson({
      ok: true,
      notes: [...notes, text],
      answers: [],
      reasons: reasons.map(reasonJsonOf(sources)),
    })
    return 0
  }
  const rows = partRenderer(sources, { color: console.color })({ reasons })
  return tell(context, text, notes, rows)
}

function unknownFile(path: string, { compilation, environment }: Compiled): Failure {
  const paths = [...new Set([...compilation.objects()].map(({ file }) => `${environment.output}/${file}`))]
  const base = path.slice(path.lastIndexOf('/'))
  const namesake = paths.find(other => other.endsWith(base))
  const help =
    namesake === undefined
      ? didYouMean(`${environment.output}/${path}`, paths)
      : `did you mean \`${namesake}\`?`
  return new Failure(`meshc does not make \`${environment.output}/${path}\``, help)
}

function whyObject(
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
    const part = partAt(entries, object, pointer)
    if (part !== undefined) answers.push(answerOf(part, entries, compiled))
    if (entries.length > 0) seen = entries
  }
  if (answers.length > 0) return show(answers, [], context)
  const where = list(environments.map(({ name }) => name))
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
  throw new Failure(`\`${object}\` has nothing at \`${typed}\` in ${where}`, didYouMean(typed, [...known]))
}

/** What was meant: a name that differs a little, or the same name elsewhere. */
function nearObject(object: string, names: readonly string[]): string | undefined {
  const name = object.slice(object.lastIndexOf('/'))
  const kind = object.slice(0, object.indexOf('/') + 1)
  const namesakes = names.filter(other => other.endsWith(name))
  const alike = namesakes.find(other => other.startsWith(kind)) ?? namesakes[0]
  return alike === undefined ? didYouMean(object, names) : `did you mean \`${alike}\`?`
}

function answerOf(part: Part, entries: readonly SourceMapEntry[], compiled: Compiled): Answer {
  const object = entries.filter(({ object }) => object === part.object)
  return { compiled, part, explained: explainPart(part.entries, object, compiled.compilation.layers) }
}

function wholeObjects(entries: readonly SourceMapEntry[]): readonly (Part | undefined)[] {
  return [...new Set(entries.map(({ object }) => object))].map(object => partAt(entries, object, []))
}

/** More objects of a file than these are counted, not shown. */
const mostAnswers = 12

function show(answers: readonly Answer[], notes: readonly string[], { options, console }: Context): ExitCode {
  if (options.has('json')) {
    console.printJson({ ok: true, notes, answers: answers.map(answerJson) })
    return 0
  }
  for (const note of notes) console.note(`note: ${visible(note)}`)
  const paint = painter(console.color)
  // Environments that share their layers give the same answer: it is told once.
  const told = new Map<string, string[]>()
  for (const { compiled, part, explained } of answers) {
    const { entries, object, path } = part
    const first = entries[0]!
    const rows = partRenderer(compiled.sources, { color: console.color })(explained)
    const place = `${object}${path.length === 0 ? '' : `#${printPointer(path)}`}`
    const value = entries.length === 1 ? String(first.value) : counted(entries.length, 'value')
    const text = [paint('strong', visible(`${place}: ${value}`)), ...rows].join('\n')
    const where = `${compiled.environment.output}/${first.file}:${first.line}`
    told.set(text, [...(told.get(text) ?? []), where])
  }
  const blocks = [...told].map(([text, places]) => {
    const [first, ...rest] = text.split('\n')
    return [first, `  in ${places.map(place => visible(place)).join(', ')}`, ...rest].join('\n')
  })
  console.print(blocks.slice(0, mostAnswers).join('\n\n'))
  if (blocks.length > mostAnswers)
    console.print(`\nand ${counted(blocks.length - mostAnswers, 'more object')}`)
  return 0
}

function answerJson({ compiled, part, explained }: Answer): unknown {
  const reasonJson = reasonJsonOf(compiled.sources)
  return {
    environment: compiled.environment.name,
    object: part.object,
    pointer: printPointer(part.path),
    shared: explained.shared.map(reasonJson),
    scalars: explained.scalars.map(({ entry, reasons }) => ({
      file: `${compiled.environment.output}/${entry.file}`,
      line: entry.line,
      pointer: printPointer(entry.path),
      value: entry.value,
      reasons: reasons.map(reasonJson),
    })),
  }
}

/** An answer that is one sentence. */
function tell(
  { options, console }: Context,
  text: string,
  notes: readonly string[] = [],
  rows: readonly string[] = [],
): ExitCode {
  if (options.has('json')) console.printJson({ ok: true, notes: [...notes, text], answers: [] })
  else {
    for (const note of notes) console.note(`note: ${visible(note)}`)
    console.print([visible(text), ...rows].join('\n'))
  }
  return 0
}

function whySpecLine(
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
  const path = pathsAtLine(document, line).paths[0]
  if (path === undefined) return tell(context, `line ${line} of \`${file}\` says nothing`)
  return whySpec(path, environments, project, context, file)
}

/** @param file the file whose line was asked about: environments that do not read it have no answer */
function whySpec(
  path: SpecPath,
  environments: readonly Environment[],
  project: Project,
  context: Context,
  file?: string,
): ExitCode {
  const result = compileClean(project, environments, context)
  if (result === undefined) return 1
  const { options, console } = context
  const asked = result.compiled.filter(
    ({ sources }) => file === undefined || sources.some(({ name }) => name === file),
  )
  if (asked.length === 0) throw new Failure(`no environment reads \`${file}\``)
  const faults = asked.map(({ compilation }) => unknownStep(path, compilation.layers))
  const knowing = asked.filter((_, index) => faults[index] === undefined)
  if (knowing.length === 0) throw new Failure(faults[0]!.message, faults[0]!.help)
  const name = printSpecPath(path)
  const answers = knowing.map(compiled => {
    const answer = explainSpecPath(path, compiled.compilation.layers)
    const at = answer.insteadAt ?? path
    const names = ({ origins }: SourceMapEntry, place: SpecPath) =>
      origins.some(origin => typeof origin !== 'string' && isWithin(origin, place))
    // What holds for several holds here where the entry is named, too.
    const isAsked = (entry: SourceMapEntry) =>
      names(entry, at) && (at === path || names(entry, path.slice(0, 2)))
    const makes = answer.value === undefined ? [] : [...compiled.compilation.sourceMap()].filter(isAsked)
    return { compiled, answer, makes }
  })
  if (options.has('json')) {
    console.printJson({
      ok: true,
      path: name,
      environments: answers.map(({ compiled, answer, makes }) => ({
        environment: compiled.environment.name,
        value: answer.value ?? null,
        ...(answer.insteadAt !== undefined && { instead: printSpecPath(answer.insteadAt) }),
        reasons: answer.reasons.map(reasonJsonOf(compiled.sources)),
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
  const paint = painter(console.color)
  const told = new Map<string, string[]>()
  for (const { compiled, answer, makes } of answers) {
    const { value, insteadAt, reasons } = answer
    const shown = summaryOf(value)
    const said =
      value === undefined
        ? reasons.length === 0
          ? 'not set, and nothing holds in its place'
          : 'not set'
        : insteadAt === undefined
          ? shown
          : `not set; \`${printSpecPath(insteadAt)}\` holds: ${shown}`
    const rows = partRenderer(compiled.sources, { color: console.color })({ reasons })
    const text = [paint('strong', visible(`${name}: ${said}`)), ...rows, ...madeRows(makes)].join('\n')
    told.set(text, [...(told.get(text) ?? []), compiled.environment.name])
  }
  console.print(
    [...told]
      .map(([text, names]) => {
        const [first, ...rest] = text.split('\n')
        return [first, `  in ${names.join(', ')}`, ...rest].join('\n')
      })
      .join('\n\n'),
  )
  return 0
}

/** A value of a spec in a few words. */
function summaryOf(value: unknown): string {
  if (Array.isArray(value)) return `a list of ${value.length}`
  if (!isMap(value)) return String(value)
  const keys = Object.keys(value)
  return keys.length > 8 ? `a map of ${keys.length}` : `{ ${keys.join(', ')} }`
}

/** What a value makes: a few of it. */
function madeRows(makes: readonly SourceMapEntry[]): readonly string[] {
  if (makes.length === 0) return []
  const shown = makes.slice(0, 5)
  return [
    `  it makes ${counted(makes.length, 'value')}:`,
    ...shown.map(({ object, path, value }) => `    ${visible(`${object}#${printPointer(path)}: ${value}`)}`),
    ...(makes.length > shown.length
      ? [`    and ${makes.length - shown.length} more: \`meshc impact\` lists them`]
      : []),
  ]
}
