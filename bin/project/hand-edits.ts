import { printCount } from '../../compiler/diagnostics/counted.ts'
import { makeTextVisible } from '../../compiler/diagnostics/visible.ts'
import type { SourceMapEntry } from '../../compiler/emit/print.ts'
import { decisions } from '../../compiler/mesh/decisions.ts'
import { findPartAtLine } from '../../compiler/provenance/entries-at.ts'
import { printPointer, printSpecPath } from '../../compiler/provenance/paths.ts'
import { makeDefinitionConverter } from '../../compiler/provenance/reason-json.ts'
import { listReasons } from '../../compiler/provenance/reasons.ts'
import type { Terminal } from '../cli/terminal.ts'
import type { EditedFile } from '../output/comparison.ts'
import { findTextChanges } from '../output/text-changes.ts'
import type { Compiled } from './compile-environments.ts'

/** A line of out/ that a person edited by hand, and the spec line to change instead. */
interface HandEdit {
  /** The path from the root of the project. */
  readonly file: string
  readonly line: number
  /** The existing line; undefined for a removed line. */
  readonly found: string | undefined
  /** The line of the spec's result; undefined for an added line. */
  readonly expected: string | undefined
  /** The change that would have the same effect and last. */
  readonly instead: string
}

/** Lists the edits by hand, line by line; empty for a folder without a spec. */
export const listHandEdits = (
  compiled: Compiled | undefined,
  edited: readonly EditedFile[],
): readonly HandEdit[] => (compiled === undefined ? [] : edited.flatMap(file => handEditsOf(compiled, file)))

/** Explains the edits by hand in a file of an environment. */
function handEditsOf(compiled: Compiled, { path, expected, actual }: EditedFile): readonly HandEdit[] {
  const { compilation, environment } = compiled
  const entries = [...compilation.sourceMap(place => place.file === path)]
  const file = `${environment.output}/${path}`
  return findTextChanges(expected, actual).flatMap(({ before, after }) =>
    Array.from({ length: Math.max(before.lines.length, after.lines.length) }, (_, index): HandEdit => {
      const part = findPartAtLine(entries, Math.min(before.line + index, before.line + before.lines.length))
      const [entry] = part?.entries ?? []
      return {
        file,
        line: after.line + Math.min(index, Math.max(after.lines.length - 1, 0)),
        found: after.lines[index],
        expected: before.lines[index],
        instead:
          entry === undefined
            ? `change \`${environment.entry}\``
            : before.lines[index] === undefined
              ? `say it in the spec, or patch \`${entry.object}\` there`
              : getInstead(entry, compiled),
      }
    }),
  )
}

/** The nearest thing in the spec that makes a scalar, or could. */
function getInstead(entry: SourceMapEntry, { compilation, sources }: Compiled): string {
  const [nearest] = listReasons(entry.origins, entry, compilation.layers)
  if (nearest?.kind === 'spec') {
    const [winner] = nearest.definitions
    const place = winner === undefined ? undefined : makeDefinitionConverter(sources)(winner)
    return `change \`${printSpecPath(nearest.path)}\`${place === undefined ? '' : ` (${place.file}:${place.line})`}`
  }
  if (nearest?.set !== undefined) return `set \`${nearest.set}\``
  const patch = `patch \`${entry.object}#${printPointer(entry.path)}\` in the spec`
  return nearest === undefined ? patch : `${patch}: ${decisions[nearest.name].summary}`
}

/** Warns of edits by hand that a build has replaced. */
export function warnOfEdits(
  compiled: Compiled | undefined,
  edited: readonly EditedFile[],
  terminal: Terminal,
): void {
  if (edited.length === 0) return
  const were = edited.length === 1 ? 'was' : 'were'
  terminal.note(`warning: ${printCount(edited.length, 'file')} edited by hand ${were} replaced`)
  showEdits(listHandEdits(compiled, edited), terminal)
}

/** More edits than these are counted. */
const mostEdits = 20

/** Shows edits, a line each. */
export function showEdits(edits: readonly HandEdit[], terminal: Terminal): void {
  for (const edit of edits.slice(0, mostEdits)) terminal.note(`  ${makeTextVisible(handEditText(edit))}`)
  if (edits.length > mostEdits) terminal.note(`  and ${printCount(edits.length - mostEdits, 'more line')}`)
}

/** Describes one edit in one line. */
function handEditText({ file, line, found: actual, expected, instead }: HandEdit): string {
  const what =
    actual === undefined
      ? `${quoteLine(expected ?? '')} was taken out`
      : expected === undefined
        ? `${quoteLine(actual)} was added`
        : `${quoteLine(actual)}, where the spec makes ${quoteLine(expected)}`
  return `${file}:${line}: ${what}; instead, ${instead}`
}

/** The most characters that are shown of a line: the script of a map is one line. */
const mostOfLine = 200

function quoteLine(line: string): string {
  const text = line.trim()
  return `\`${text.length > mostOfLine ? `${text.slice(0, mostOfLine)}…` : text}\``
}
