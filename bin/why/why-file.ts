import { printCount } from '../../compiler/diagnostics/counted.ts'
import { suggestName } from '../../compiler/diagnostics/suggest.ts'
import { makeTextVisible } from '../../compiler/diagnostics/visible.ts'
import type { SourceMapEntry } from '../../compiler/emit/print.ts'
import { findPart, findPartAtLine, type Part } from '../../compiler/provenance/entries-at.ts'
import type { Context, ExitCode } from '../cli/command.ts'
import { Failure } from '../cli/failure.ts'
import type { Question } from '../cli/question.ts'
import { readBuiltFile } from '../output/built-file.ts'
import { lockFileName } from '../output/lock-file.ts'
import { OutputFolder } from '../output/output-folder.ts'
import { findLineBefore } from '../output/text-changes.ts'
import { findBuiltFile, mapPath } from '../project/built-files.ts'
import { compileClean } from '../project/compile-clean.ts'
import type { Compiled } from '../project/compile-environments.ts'
import type { Environment, Project } from '../project/project.ts'
import { findManifestOfTemplate } from '../project/template-line.ts'
import { makePartAnswer, showAnswers, showSentence } from './answer.ts'
import { whyLockFile, whyText } from './why-text.ts'

type FileQuestion = Extract<Question, { readonly kind: 'file' }>

/** Answers for a file of out/, or a line of it, as it is on the disk. */
export function explainFile(
  { file, line, column }: FileQuestion,
  environment: Environment,
  project: Project,
  context: Context,
): ExitCode {
  const compiled = compileClean(project, [environment], context)?.compiled[0]
  if (compiled === undefined) return 1
  const { compilation } = compiled
  const path = file.slice(environment.output.length + 1)
  const folder = new OutputFolder(project.root, environment.output)
  if (path === lockFileName) {
    const text = folder.textOf(path) ?? ''
    return whyLockFile({ file, path, text, line }, environment, context)
  }
  const expected = findBuiltFile(compiled, path)
  if (expected === undefined) throw unknownFile(path, compiled)
  const built = readBuiltFile(folder, path, expected.text)
  const changes = 'changes' in built ? built.changes : []
  const notes = 'changes' in built ? [notesOf[built.state](file)] : []
  const lineBefore = line === undefined ? undefined : findLineBefore(changes, line)
  const change = changes.find(
    ({ after }) => line !== undefined && line >= after.line && line < after.line + after.lines.length,
  )
  if (change !== undefined && line !== undefined) {
    const changedLine = change.after.lines[line - change.after.line]!.trim()
    const instead = lineBefore === undefined ? 'nothing' : `\`${getTextOfLine(expected.text, lineBefore)}\``
    notes.push(`line ${line} is \`${changedLine}\`; the spec makes ${instead} there`)
  } else if (lineBefore !== undefined && lineBefore !== line)
    notes.push(`line ${line} is line ${lineBefore} of what the spec makes`)
  if (line !== undefined && lineBefore === undefined) {
    if (!context.options.has('json'))
      for (const note of notes) context.terminal.note(`note: ${makeTextVisible(note)}`)
    throw new Failure(
      `nothing of the spec makes line ${line} of \`${file}\``,
      'build it anew to see what does',
    )
  }
  const entries = [...compilation.sourceMap(place => place.file === path)]
  if (entries.length === 0) {
    // A line of the map is about many parts of the spec at once.
    const textLine = path === mapPath ? undefined : lineBefore
    const manifest =
      textLine === undefined ? undefined : findManifestOfTemplate(expected.text, textLine, compilation)
    if (manifest === undefined)
      return whyText({ file, path, text: expected.text, line: textLine }, compiled, notes, context)
    notes.push(`this template holds \`${manifest.part.object}\`; this is why it is as it is in manifests/`)
    return showAnswers([makePartAnswer(manifest.part, manifest.entries, compiled)], notes, context)
  }
  const parts =
    lineBefore === undefined ? wholeObjects(entries) : [findPartAtLine(entries, lineBefore, column)]
  const answers = parts.flatMap(part => (part === undefined ? [] : [makePartAnswer(part, entries, compiled)]))
  if (answers.length > 0) return showAnswers(answers, notes, context)
  const lines = expected.text.split('\n').length - 1
  if (lineBefore !== undefined && lineBefore > lines)
    throw new Failure(`\`${file}\` has ${printCount(lines, 'line')}`)
  return showSentence(
    context,
    `line ${line} of \`${file}\` says no value: it names the spec, or separates objects`,
    notes,
  )
}

const notesOf = {
  stale: (file: string) => `\`${file}\` is older than its spec; this is what a build would make of it`,
  edited: (file: string) => `\`${file}\` was edited by hand; this is what the spec makes`,
} as const

const getTextOfLine = (text: string, line: number) => text.split('\n')[line - 1]!.trim()

function unknownFile(path: string, { compilation, environment }: Compiled): Failure {
  const paths = [...new Set([...compilation.objects()].map(({ file }) => `${environment.output}/${file}`))]
  const base = path.slice(path.lastIndexOf('/'))
  const namesake = paths.find(otherPath => otherPath.endsWith(base))
  const help =
    namesake === undefined
      ? suggestName(`${environment.output}/${path}`, paths)
      : `did you mean \`${namesake}\`?`
  return new Failure(`meshc does not make \`${environment.output}/${path}\``, help)
}

function wholeObjects(entries: readonly SourceMapEntry[]): readonly (Part | undefined)[] {
  return [...new Set(entries.map(({ object }) => object))].map(object => findPart(entries, object, []))
}
