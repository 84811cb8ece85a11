import type { Compilation } from '../../compiler/compilation.ts'
import { compile } from '../../compiler/compile.ts'
import { printCount } from '../../compiler/diagnostics/counted.ts'
import type { SpecPath, TextEdit } from '../../compiler/diagnostics/diagnostic.ts'
import { applyEdits } from '../../compiler/diagnostics/edited-text.ts'
import { Lines } from '../../compiler/diagnostics/lines.ts'
import { listQuoted } from '../../compiler/diagnostics/suggest.ts'
import { makeTextVisible } from '../../compiler/diagnostics/visible.ts'
import type { SourceMapEntry } from '../../compiler/emit/print.ts'
import { findImpact, type Impact } from '../../compiler/provenance/impact.ts'
import { printPointer, printSpecPath } from '../../compiler/provenance/paths.ts'
import { listPathsAtLine } from '../../compiler/provenance/paths-at-line.ts'
import { makeDefinitionConverter } from '../../compiler/provenance/reason-json.ts'
import { findRemoval, withoutNulls } from '../../compiler/provenance/taken-away.ts'
import { getValue, isMap, type SpecDocument } from '../../compiler/source/document.ts'
import type { Workspace } from '../../compiler/source/load.ts'
import { parse } from '../../compiler/source/parse.ts'
import type { Context, ExitCode } from '../cli/command.ts'
import { Failure } from '../cli/failure.ts'
import { parseQuestion } from '../cli/question.ts'
import { readToday } from '../cli/today.ts'
import { compileClean } from '../project/compile-clean.ts'
import type { Compiled } from '../project/compile-environments.ts'
import { listEnvironments, openProject, type Project } from '../project/project.ts'

/** Shows the effects of a line of a spec in every environment. */
export function runImpact(context: Context): ExitCode {
  const { argument, options, terminal } = context
  const project = openProject(options.word('project'))
  const { file, line, text } = readAskedLine(argument ?? '', project)
  const { document } = parse({ name: file, text })
  const result = compileClean(project, listEnvironments(project, options.words('env')), context)
  if (result === undefined) return 1
  if (document === undefined) throw new Failure(`\`${file}\` is no spec`)
  const atLine = listPathsAtLine(document, line)
  const effects = result.compiled
    .filter(({ sources }) => sources.some(({ name }) => name === file))
    .map((compiled): Effect => {
      const { layers, sourceMap } = compiled.compilation
      const lone = withoutNulls(file, atLine.paths, layers)
      const impact = findImpact(file, atLine, layers, atLine.paths.length === 0 ? [] : sourceMap())
      if (lone.length === 0) return { compiled, ...impact, takenAway: [] }
      const without = (edits: readonly TextEdit[]) => environmentWithout(compiled, project, text, edits)
      const beside = withoutNulls(file, pathsBeside(document, atLine.paths), layers)
      // One null can remove a part of the value that another removes: `versions` and their `traffic`, for example.
      const alone = without(lone)
      const compared = alone ?? without(beside)
      if (compared === undefined) return { compiled, ...impact, takenAway: [], isNeeded: true }
      const removed = findRemoval([...sourceMap()], [...compared.sourceMap()])
      return { compiled, ...impact, ...removed, isJoint: alone === undefined }
    })
  if (options.has('json')) {
    terminal.printJson({
      ok: true,
      file,
      line,
      paths: atLine.paths.map(printSpecPath),
      environments: effects.map(effectJson),
    })
    return 0
  }
  const lineText = new Lines(text).lineAt(line)
  terminal.print(makeTextVisible(`${file}:${line}  ${lineText.trim()}`))
  const reaching = effects.filter(
    ({ reached, takenAway, isNeeded }) => isNeeded === true || reached.length + takenAway.length > 0,
  )
  for (const effect of reaching) terminal.print(`\n${renderEffect(effect).join('\n')}`)
  if (reaching.length === 0) terminal.print(`\n${whyNothing(atLine.paths.length, effects, file)}`)
  const silent = effects.filter(effect => !reaching.includes(effect))
  if (reaching.length > 0 && silent.length > 0)
    terminal.print(
      `\nnothing in ${listQuoted(silent.map(({ compiled }) => compiled.environment.output))}${overriders(silent)}`,
    )
  return 0
}

interface Effect extends Impact {
  readonly compiled: Compiled
  /** The scalars that there would be without the line. */
  readonly takenAway: readonly SourceMapEntry[]
  /** The line removes them together with the nulls beside it: without only the line, the spec has errors. */
  readonly isJoint?: boolean
  /** The spec has errors without the line, and also without the nulls beside it. */
  readonly isNeeded?: boolean
}

/** An environment with another text of a file; undefined if it then has errors. */
function environmentWithout(
  { environment }: Compiled,
  { workspace }: Project,
  text: string,
  edits: readonly TextEdit[],
): Compilation | undefined {
  const read: Workspace['read'] = path =>
    path === edits[0]?.file ? { text: applyEdits(text, edits) } : workspace.read(path)
  const { list, listBelow } = workspace
  const without = compile(environment.entry, { read, list, listBelow }, readToday())
  return without.ok ? without.value : undefined
}

/** The paths of all entries in the maps that contain these paths. */
const pathsBeside = (document: SpecDocument, paths: readonly SpecPath[]): readonly SpecPath[] =>
  paths.flatMap(path => {
    const around = path.slice(0, -1)
    const map = getValue(document.value, around)
    return isMap(map) ? Object.keys(map).map(key => [...around, key]) : []
  })

/** Reads the line of the question. */
function readAskedLine(words: string, project: Project) {
  const question = parseQuestion(words, project)
  const help = 'name a line of a spec, such as `spec/base/mesh.yaml:41`; `meshc why` answers for out/'
  if (question.kind !== 'file' || question.line === undefined)
    throw new Failure(`\`${words}\` is no line of a file`, help)
  const { file, line } = question
  const read = project.workspace.read(file)
  if (!('text' in read))
    throw new Failure(`\`${file}\` cannot be read${'reason' in read ? `: ${read.reason}` : ''}`)
  const count = new Lines(read.text.replace(/\n$/, '')).count
  if (line > count) throw new Failure(`\`${file}\` has ${printCount(count, 'line')}`)
  return { file, line, text: read.text }
}

/** Values of an object, and objects of an environment, beyond these are counted. */
const mostValues = 6
const mostObjects = 20

/** Lists the values that the line reaches in one environment, and the values that it takes away. */
function renderEffect({ compiled, reached, made, takenAway, isJoint, isNeeded }: Effect): readonly string[] {
  const { environment } = compiled
  if (isNeeded === true) return [`${environment.name}: without this line, the spec has errors`]
  const verb = isJoint === true ? 'with the nulls beside it takes away ' : 'takes away '
  return [
    ...(reached.length > 0 ? listValueRows(environment, reached, '', entry => made.has(entry)) : []),
    ...(takenAway.length > 0 ? listValueRows(environment, takenAway, verb, () => false) : []),
  ]
}

/** Scalars of an environment, file by file and object by object. */
function listValueRows(
  { name, output }: Compiled['environment'],
  reached: readonly SourceMapEntry[],
  verb: string,
  isMade: (entry: SourceMapEntry) => boolean,
): readonly string[] {
  const objects = new Map<string, SourceMapEntry[]>()
  for (const entry of reached) {
    const key = `${entry.file} ${entry.object}`
    const here = objects.get(key)
    if (here === undefined) objects.set(key, [entry])
    else here.push(entry)
  }
  const rows = [
    `${name}: ${verb}${printCount(reached.length, 'value')} of ${printCount(objects.size, 'object')}`,
  ]
  let file: string | undefined
  for (const entries of [...objects.values()].slice(0, mostObjects)) {
    const first = entries[0]!
    if (first.file !== file) rows.push(`  ${makeTextVisible(`${output}/${first.file}`)}`)
    file = first.file
    rows.push(`    ${makeTextVisible(first.object)}`)
    const nearest = entries.toSorted((a, b) => Number(isMade(b)) - Number(isMade(a)))
    for (const { path, value, line } of nearest.slice(0, mostValues))
      rows.push(
        `      ${String(line).padStart(4)}  ${makeTextVisible(`${printPointer(path)}: ${value}`, 160)}`,
      )
    if (entries.length > mostValues) rows.push(`            and ${entries.length - mostValues} more`)
  }
  if (objects.size > mostObjects)
    rows.push(`  and ${printCount(objects.size - mostObjects, 'more object')}: \`--json\` lists all`)
  return rows
}

function whyNothing(paths: number, effects: readonly Effect[], file: string): string {
  const nothing = 'nothing in out/ depends on this line'
  if (effects.length === 0) return `${nothing}: no environment reads \`${file}\``
  if (paths === 0) return `${nothing}: it says nothing`
  const overridden = effects.every(({ overriddenBy }) => overriddenBy !== undefined)
  if (overridden) return `${nothing}${overriders(effects)}`
  return 'no value of a manifest comes from this line: it is checked, or shapes texts such as docs/ only'
}

/** Names the files that override the line in these environments. */
function overriders(effects: readonly Effect[]): string {
  const places = effects.flatMap(({ compiled, overriddenBy }) => {
    if (overriddenBy === undefined) return []
    const { file, start } = overriddenBy
    const source = compiled.sources.find(({ name }) => name === file)
    return source === undefined ? [] : [`${file}:${new Lines(source.text).positionOf(start).line}`]
  })
  return places.length === 0 ? '' : `: it is overridden by ${listQuoted([...new Set(places)])}`
}

function effectJson({ compiled, reached, takenAway, overriddenBy }: Effect): unknown {
  const { name, output } = compiled.environment
  const valueJson = ({ file, line, object, path, value }: SourceMapEntry) => ({
    file: `${output}/${file}`,
    line,
    object,
    pointer: printPointer(path),
    value,
  })
  return {
    environment: name,
    values: reached.map(valueJson),
    ...(takenAway.length > 0 && { takesAway: takenAway.map(valueJson) }),
    ...(overriddenBy !== undefined && {
      overriddenBy: makeDefinitionConverter(compiled.sources)(overriddenBy),
    }),
  }
}
