import type { Compilation } from '../../../compiler/compilation.ts'
import type { TextEdit } from '../../../compiler/diagnostics/diagnostic.ts'
import type { Source } from '../../../compiler/diagnostics/source.ts'
import { makeTextVisible } from '../../../compiler/diagnostics/visible.ts'
import type { SourceMapEntry } from '../../../compiler/emit/print.ts'
import { findImpact } from '../../../compiler/provenance/impact.ts'
import { listPathsAtLine } from '../../../compiler/provenance/paths-at-line.ts'
import { findRemoval, withoutNulls } from '../../../compiler/provenance/taken-away.ts'
import type { ImpactAnswer } from '../share/messages.ts'
import { makeLitLines } from './lit-lines.ts'
import { makeSpecPlaceFinder } from './spec-place.ts'

/**
 * Finds the lines of built files that a line of a spec decides, like `meshc impact`.
 *
 * @param line counted from 1
 * @param entries the source map of the compilation
 * @param compileWithout compiles the environment after edits; undefined if it then has errors
 */
export function findImpactLines(
  file: string,
  line: number,
  { layers }: Compilation,
  entries: readonly SourceMapEntry[],
  sources: readonly Source[],
  compileWithout: (edits: readonly TextEdit[]) => Compilation | undefined,
): ImpactAnswer {
  const document = layers.documents.find(({ source }) => source.name === file)
  const atLine = document === undefined ? { paths: [], open: [] } : listPathsAtLine(document, line)
  if (atLine.paths.length === 0)
    return { files: {}, values: 0, objects: 0, takenAway: undefined, overriddenBy: undefined }
  const impact = findImpact(file, atLine, layers, entries)
  const edits = withoutNulls(file, atLine.paths, layers)
  const without = edits.length === 0 ? undefined : compileWithout(edits)
  const removal = without && findRemoval(entries, [...without.sourceMap()])
  const { made, overriddenBy } = impact
  const reached = removal?.reached ?? impact.reached
  return {
    files: makeLitLines(
      reached.map(entry => ({
        file: entry.file,
        line: entry.line,
        endLine: entry.endLine,
        isNear: made.has(entry),
      })),
    ),
    values: reached.length,
    objects: new Set(reached.map(entry => `${entry.file} ${entry.object}`)).size,
    takenAway: removal && {
      values: removal.takenAway.length,
      objects: [...new Set(removal.takenAway.map(({ object }) => makeTextVisible(object)))],
    },
    overriddenBy: overriddenBy && makeSpecPlaceFinder(sources)(overriddenBy),
  }
}
