import type { Compilation } from '../../../compiler/compilation.ts'
import type { Source } from '../../../compiler/diagnostics/source.ts'
import type { SourceMapEntry } from '../../../compiler/emit/print.ts'
import { findImpact } from '../../../compiler/provenance/impact.ts'
import { listPathsAtLine } from '../../../compiler/provenance/paths-at-line.ts'
import type { ImpactAnswer } from '../share/messages.ts'
import { makeLitLines } from './lit-lines.ts'
import { makePlaceFinder } from './spec-place.ts'

/**
 * Finds the lines of built files that are as they are because of a line of a spec, as `meshc impact` does.
 *
 * @param line counted from 1
 * @param entries the source map of the compilation
 */
export function findImpactLines(
  file: string,
  line: number,
  { layers }: Compilation,
  entries: readonly SourceMapEntry[],
  sources: readonly Source[],
): ImpactAnswer {
  const document = layers.documents.find(({ source }) => source.name === file)
  const atLine = document === undefined ? { paths: [], open: [] } : listPathsAtLine(document, line)
  if (atLine.paths.length === 0) return { files: {}, values: 0, objects: 0, overriddenBy: undefined }
  const { reached, made, overriddenBy } = findImpact(file, atLine, layers, entries)
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
    overriddenBy: overriddenBy && makePlaceFinder(sources)(overriddenBy),
  }
}
