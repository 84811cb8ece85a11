import type { SpecPath } from '../../compiler/diagnostics/diagnostic.ts'
import type { SourceMapEntry } from '../../compiler/emit/print.ts'
import type { Sourced } from '../../compiler/mesh/sourced.ts'
import { findPart } from '../../compiler/provenance/entries-at.ts'
import { makePartFinder } from '../../compiler/provenance/parts-named.ts'
import { listPathsAtLine } from '../../compiler/provenance/paths-at-line.ts'
import { makeReasonConverter } from '../../compiler/provenance/reason-json.ts'
import { findSpecReason, listReasons, type Reason } from '../../compiler/provenance/reasons.ts'
import { makePartRenderer } from '../../compiler/provenance/render-part.ts'
import type { Layers } from '../../compiler/source/layers.ts'
import { parse } from '../../compiler/source/parse.ts'
import type { Context, ExitCode } from '../cli/command.ts'
import { mapPath } from '../project/built-files.ts'
import type { Compiled } from '../project/compile-environments.ts'
import { makePartAnswer, showAnswers, showSentence } from './answer.ts'

/** A file of out/ that is not YAML, and the line of the question; undefined for the whole file. */
interface TextQuestion {
  readonly file: string
  /** The path below out/<env>. */
  readonly path: string
  readonly text: string
  readonly line: number | undefined
}

/** Answers for a text: its subject, and the lines of the spec from which it was made, as far as they are known. */
export function whyText(
  question: TextQuestion,
  compiled: Compiled,
  notes: readonly string[],
  context: Context,
): ExitCode {
  const { file, path, line } = question
  const { compilation, environment } = compiled
  const { layers } = compilation
  const subject = getSubject(question, layers)
  const template = findTemplate(path, compiled)
  const about =
    template === undefined
      ? `\`${file}\` is a text about all that \`${environment.entry}\` says`
      : `\`${file}\` is what the template \`${template.value}\` makes of all that \`${environment.entry}\` says`
  if (subject.kind === 'chart value') {
    const entries = [...compilation.sourceMap(({ object }) => object === chartValues)]
    // An optional part that the spec omits is like the empty map around it.
    const part = subject.path
      .map((_, index) => findPart(entries, chartValues, subject.path.slice(0, subject.path.length - index)))
      .find(part => part !== undefined)
    if (part === undefined) throw new Error(`the chart has no value ${subject.path.join('.')}`)
    const note = `line ${line} of \`${file}\` is about \`${part.path.join('.')}\` of values.yaml; this is why that is as it is`
    return showAnswers([makePartAnswer(part, entries, compiled)], [...notes, note], context)
  }
  if (subject.kind === 'constant') {
    const what = line === undefined ? `\`${file}\`` : `line ${line} of \`${file}\``
    return answer(`${what} is the same in every chart that meshc makes`, [])
  }
  if (subject.kind === 'parts')
    return answer(
      `${about}; line ${line} names this of it`,
      subject.paths.map(path => findSpecReason(path, layers)),
    )
  const which =
    line === undefined ? 'its lines are not traced one by one' : `line ${line} names no part of it`
  return answer(`${about}; ${which}`, whyThere(path, compiled))

  function answer(text: string, reasons: readonly Reason[]): ExitCode {
    const { options, terminal } = context
    if (!options.has('json'))
      return showSentence(
        context,
        text,
        notes,
        makePartRenderer(compiled.sources, terminal.frames)({ reasons }),
      )
    terminal.printJson({
      ok: true,
      notes: [...notes, text],
      answers: [],
      reasons: reasons.map(makeReasonConverter(compiled.sources)),
    })
    return 0
  }
}

/** Finds the template of the project that makes a document. */
const findTemplate = (path: string, { compilation }: Compiled): Sourced<string> | undefined =>
  compilation.mesh.delivery.documents.find(({ name }) => path === `docs/${name}`)?.template

/** The subject of a line of a text. */
type Subject =
  | { readonly kind: 'chart value'; readonly path: SpecPath }
  /** Such a line is of no spec: it is in every chart. */
  | { readonly kind: 'constant' }
  | { readonly kind: 'parts'; readonly paths: readonly SpecPath[] }
  | { readonly kind: 'mesh' }

export function getSubject({ path, text, line }: Omit<TextQuestion, 'file'>, layers: Layers): Subject {
  if (path === 'chart/.helmignore') return { kind: 'constant' }
  if (line === undefined) return { kind: 'mesh' }
  if (path === schemaPath) {
    const value = valueOfSchema(text, line)
    return value.length === 0 ? { kind: 'constant' } : { kind: 'chart value', path: value }
  }
  // The line is below the line with the inputs of the build.
  if (path === 'chart/templates/_helpers.tpl' && line > 1) return { kind: 'constant' }
  const row = path === 'chart/README.md' ? rowOfValue.exec(text.split('\n')[line - 1] ?? '') : null
  if (row !== null) return { kind: 'chart value', path: row[1]!.split('.') }
  const paths = makePartFinder(layers)(text, line)
  return paths.length === 0 ? { kind: 'mesh' } : { kind: 'parts', paths }
}

/** Answers for the data that a build records about itself. */
export function whyLockFile(
  { file, text, line }: TextQuestion,
  environment: { readonly output: string },
  context: Context,
): ExitCode {
  const { document } = parse({ name: file, text })
  const path =
    line === undefined || document === undefined ? [] : (listPathsAtLine(document, line).paths.at(-1) ?? [])
  const [section, name] = path
  if (section === 'inputs' && name !== undefined)
    return showSentence(
      context,
      `line ${line} of \`${file}\` is the digest of \`${name}\` as the last build read it`,
    )
  if (section === 'files' && name !== undefined)
    return showSentence(
      context,
      `line ${line} of \`${file}\` is the digest of \`${environment.output}/${name}\` as the last build made it; ask for a line of that file`,
    )
  if (section === 'meshc')
    return showSentence(context, `line ${line} of \`${file}\` is the version of meshc that built it last`)
  return showSentence(
    context,
    `\`${file}\` is what the last build wrote down of itself: what it read, and what it made`,
  )
}

const chartValues: SourceMapEntry['object'] = 'HelmChartValues/chart'

const schemaPath = 'chart/values.schema.json'

/** A row of the table of values: not its head, and not the line below. */
const rowOfValue = /^\| ([^ |]+) \| (?:bool|int|string) \|/

/** The value of the chart for a line of its schema; empty if the line is for none of them. */
function valueOfSchema(text: string, line: number): SpecPath {
  const { document } = parse({ name: schemaPath, text })
  const steps = document === undefined ? [] : (listPathsAtLine(document, line).paths.at(-1) ?? [])
  const value: (string | number)[] = []
  // Every second step is `properties`, before the names of values; Helm's own keywords are the same everywhere.
  for (let at = 0; steps[at] === 'properties' && at + 1 < steps.length; at += 2) value.push(steps[at + 1]!)
  return value[0] === 'global' ? [] : value
}

/** Gives the reasons for a file to be there at all. */
function whyThere(path: string, compiled: Compiled): readonly Reason[] {
  const { layers, mesh } = compiled.compilation
  const name = path === mapPath ? 'map' : path.slice(0, path.indexOf('/'))
  const output =
    findTemplate(path, compiled) ??
    new Map<string, Sourced<boolean>>(Object.entries(mesh.delivery.outputs)).get(name)
  const origins = (output?.origins ?? []).map(origin => (typeof origin === 'string' ? origin : origin.path))
  return listReasons(origins, { origins }, layers)
}
