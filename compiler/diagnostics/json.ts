import type { Severity } from './diagnostic.ts'
import { indexLines } from './lines.ts'
import type { LocatedDiagnostic } from './locate.ts'
import type { Location, Source } from './source.ts'

/**
 * A place as tools read it: lines and columns from 1, columns in UTF-16 units, the end exclusive.
 * Without lines, the file as a whole is meant.
 */
export interface PlaceJson {
  readonly file: string
  readonly line?: number
  readonly column?: number
  readonly endLine?: number
  readonly endColumn?: number
}

/** A diagnostic as `--json` prints it. */
interface DiagnosticJson extends PlaceJson {
  readonly code: string
  readonly severity: Severity
  readonly message: string
  readonly related: readonly (PlaceJson & { readonly message: string })[]
  readonly help?: string
}

/** Turns diagnostics into their JSON form; `sources` are the texts that they point into. */
export function makeJsonConverter(
  sources: Iterable<Source>,
): (diagnostic: LocatedDiagnostic) => DiagnosticJson {
  const findLines = indexLines(sources)
  const place = ({ file, start, end }: Location): PlaceJson => {
    const lines = findLines(file)
    if (lines === undefined) return { file }
    const first = lines.positionOf(start)
    const last = lines.positionOf(Math.max(start, end))
    return { file, ...first, endLine: last.line, endColumn: last.column }
  }
  return ({ code, severity, message, at, related, help }) => ({
    code,
    severity,
    message,
    ...place(at),
    related: related.map(({ at, message }) => ({ message, ...place(at) })),
    ...(help !== undefined && { help }),
  })
}
