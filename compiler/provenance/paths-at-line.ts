import type { SpecPath } from '../diagnostics/diagnostic.ts'
import { Lines } from '../diagnostics/lines.ts'
import { isMap, type SpecDocument } from '../source/document.ts'

/** The paths that a line of a spec sets. */
export interface PathsAtLine {
  /** The paths in that file that begin on the line, the outermost first. */
  readonly paths: readonly SpecPath[]
  /** The paths whose values follow on later lines: the line represents everything below. */
  readonly open: readonly SpecPath[]
}

/** Lists the paths on a line of a spec; no paths if it is empty or a comment. */
export function listPathsAtLine(document: SpecDocument, line: number): PathsAtLine {
  const lines = new Lines(document.source.text)
  const getLine = (offset: number) => lines.positionOf(offset).line
  const text = line < 1 || line > lines.count ? '' : lines.lineAt(line).trim()
  const paths: SpecPath[] = []
  const open: SpecPath[] = []
  if (text === '' || /^(#|---|%)/.test(text)) return { paths, open }
  /** The last value that begins above the line: a text of several lines, if nothing begins on the line itself. */
  let above: SpecPath = []
  const walk = (value: unknown, path: SpecPath): void => {
    const entries = Array.isArray(value) ? [...value.entries()] : isMap(value) ? Object.entries(value) : []
    for (const [key, entry] of entries) {
      const here = [...path, key]
      const begins = getLine(document.spanOf(here, 'key').start)
      if (begins > line) continue
      if (begins === line) {
        paths.push(here)
        if (getLine(document.spanOf(here).start) > line) open.push(here)
      } else if (typeof entry !== 'object' || entry === null) above = here
      walk(entry, here)
    }
  }
  walk(document.value, [])
  if (paths.length === 0 && above.length > 0) paths.push(above)
  return { paths, open }
}
