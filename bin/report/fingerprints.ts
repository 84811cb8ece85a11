import { createHash } from 'node:crypto'
import { indexLines } from '../../compiler/diagnostics/lines.ts'
import type { LocatedDiagnostic } from '../../compiler/diagnostics/locate.ts'
import type { Source } from '../../compiler/diagnostics/source.ts'

/**
 * A name for each finding that stays the same when lines above it come or go: it is made of the code, the file and the
 * words of the line, and for findings that have these in common, of their number.
 */
export function makeFingerprints(
  diagnostics: readonly LocatedDiagnostic[],
  sources: Iterable<Source>,
): readonly string[] {
  const findLines = indexLines(sources)
  const counts = new Map<string, number>()
  return diagnostics.map(({ code, at }) => {
    const lines = findLines(at.file)
    const words = lines?.lineAt(lines.positionOf(at.start).line).trim().replace(/\s+/g, ' ')
    const digest = createHash('sha256')
      .update(JSON.stringify([code, at.file, words]))
      .digest('hex')
      .slice(0, 16)
    const count = (counts.get(digest) ?? 0) + 1
    counts.set(digest, count)
    return `${digest}:${count}`
  })
}
