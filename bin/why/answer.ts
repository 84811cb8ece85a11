import { printCount } from '../../compiler/diagnostics/counted.ts'
import { makePainter } from '../../compiler/diagnostics/frames.ts'
import { makeTextVisible } from '../../compiler/diagnostics/visible.ts'
import type { SourceMapEntry } from '../../compiler/emit/print.ts'
import type { Part } from '../../compiler/provenance/entries-at.ts'
import { printPointer } from '../../compiler/provenance/paths.ts'
import { makeReasonConverter } from '../../compiler/provenance/reason-json.ts'
import { type ExplainedPart, explainPart } from '../../compiler/provenance/reasons.ts'
import { makePartRenderer } from '../../compiler/provenance/render-part.ts'
import type { Context, ExitCode } from '../cli/command.ts'
import type { Compiled } from '../project/compile-environments.ts'

/** The answer about one part of an object. */
export interface Answer {
  readonly compiled: Compiled
  readonly part: Part
  readonly explained: ExplainedPart
}

/** Explains a part of an object; `entries` are those of its file, or only of the object. */
export function makePartAnswer(part: Part, entries: readonly SourceMapEntry[], compiled: Compiled): Answer {
  const object = entries.filter(({ object }) => object === part.object)
  return { compiled, part, explained: explainPart(part.entries, object, compiled.compilation.layers) }
}

/** More objects of a file than these are counted, not shown. */
const mostAnswers = 12

/** Shows answers. Equal answers of several environments are shown once. */
export function showAnswers(
  answers: readonly Answer[],
  notes: readonly string[],
  { options, terminal }: Context,
): ExitCode {
  if (options.has('json')) {
    terminal.printJson({ ok: true, notes, answers: answers.map(answerJson) })
    return 0
  }
  for (const note of notes) terminal.note(`note: ${makeTextVisible(note)}`)
  const paint = makePainter(terminal.color)
  // Environments with the same layers give the same answer, which is printed once.
  const lines = new Map<string, string[]>()
  for (const { compiled, part, explained } of answers) {
    const { entries, object, path } = part
    const first = entries[0]!
    const rows = makePartRenderer(compiled.sources, terminal.frames)(explained)
    const place = `${object}${path.length === 0 ? '' : `#${printPointer(path)}`}`
    const value = entries.length === 1 ? String(first.value) : printCount(entries.length, 'value')
    const text = [paint('strong', makeTextVisible(`${place}: ${value}`)), ...rows].join('\n')
    const where = `${compiled.environment.output}/${first.file}:${first.line}`
    lines.set(text, [...(lines.get(text) ?? []), where])
  }
  const blocks = [...lines].map(([text, places]) => {
    const [first, ...rest] = text.split('\n')
    return [first, `  in ${places.map(place => makeTextVisible(place)).join(', ')}`, ...rest].join('\n')
  })
  terminal.print(blocks.slice(0, mostAnswers).join('\n\n'))
  if (blocks.length > mostAnswers)
    terminal.print(`\nand ${printCount(blocks.length - mostAnswers, 'more object')}`)
  return 0
}

function answerJson({ compiled, part, explained }: Answer): unknown {
  const reasonJson = makeReasonConverter(compiled.sources)
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
export function showSentence(
  { options, terminal }: Context,
  text: string,
  notes: readonly string[] = [],
  rows: readonly string[] = [],
): ExitCode {
  if (options.has('json')) terminal.printJson({ ok: true, notes: [...notes, text], answers: [] })
  else {
    for (const note of notes) terminal.note(`note: ${makeTextVisible(note)}`)
    terminal.print([makeTextVisible(text), ...rows].join('\n'))
  }
  return 0
}
