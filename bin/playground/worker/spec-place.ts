import { indexLines } from '../../../compiler/diagnostics/lines.ts'
import type { Source } from '../../../compiler/diagnostics/source.ts'
import type { Definition } from '../../../compiler/source/layers.ts'
import type { SpecPlace } from '../share/messages.ts'

/** Makes the finder of the lines of a definition; undefined if its text is not among the sources. */
export function makeSpecPlaceFinder(
  sources: readonly Source[],
): (definition: Pick<Definition, 'file' | 'start' | 'end' | 'wins'>) => SpecPlace | undefined {
  const linesOf = indexLines(sources)
  return ({ file, start, end, wins }) => {
    const lines = linesOf(file)
    if (lines === undefined) return undefined
    const { line } = lines.positionOf(start)
    // A text that ends with a line break ends on the line above.
    const endLine = Math.max(line, lines.positionOf(Math.max(start, end - 1)).line)
    return { file, line, endLine, text: lines.lineAt(line).trim(), wins }
  }
}
