import type { Compilation } from '../../compiler/compilation.ts'
import type { SourceMapEntry } from '../../compiler/emit/print.ts'
import { findPart, findPartAtLine, type Part } from '../../compiler/provenance/entries-at.ts'
import { findLineBefore, findTextChanges } from '../output/text-changes.ts'

/** Finds the part of a manifest for a line of a template of the chart, with the scalars of its object. */
export function findManifestOfTemplate(
  template: string,
  line: number,
  compilation: Pick<Compilation, 'sourceMap' | 'file'>,
): { readonly part: Part; readonly entries: readonly SourceMapEntry[] } | undefined {
  const objectInTemplate = findObjectInTemplate(template, line)
  if (objectInTemplate === undefined) return undefined
  const entries = [...compilation.sourceMap(({ object }) => object === objectInTemplate.object)]
  const [first] = entries
  const text = first && compilation.file(first.file)?.text
  if (first === undefined || text === undefined) return undefined
  // From the first line of the object to the line that separates it from the next.
  const lines = text.split('\n').slice(first.line - 1)
  const end = lines.indexOf('---')
  const lineOfManifest = findLineOfManifest(end === -1 ? lines : lines.slice(0, end), objectInTemplate)
  const part =
    lineOfManifest === undefined ? undefined : findPartAtLine(entries, first.line - 1 + lineOfManifest)
  const whole = part ?? findPart(entries, objectInTemplate.object, [])
  return whole && { part: whole, entries }
}

/** An object that a template of the chart holds, and the line of the template within it. */
interface TemplatedObject {
  /** `Kind/namespace/name`, or `Kind/name`. */
  readonly object: string
  readonly lines: readonly string[]
  /** The line, counted from 1. */
  readonly line: number
}

/** The object of a line of a template; undefined for a line before the first, or of a template without objects. */
export function findObjectInTemplate(text: string, line: number): TemplatedObject | undefined {
  const lines = text.split('\n')
  const first = lines.slice(0, line).lastIndexOf('---') + 1
  const next = lines.indexOf('---', line)
  const ownLines = lines.slice(first, next === -1 ? undefined : next)
  if (first === 0 || line <= first) return undefined
  const after = (from: number, pattern: RegExp) =>
    ownLines
      .slice(from)
      .map(text => pattern.exec(text)?.[1])
      .find(word => word)
  const metadata = ownLines.indexOf('metadata:')
  const [kind, name] = [after(0, /^kind: (\S+)$/), after(metadata, /^ {2}name: "?([^"\s]+)"?$/)]
  const namespace = after(metadata, /^ {2}namespace: "?([^"\s]+)"?$/)
  if (kind === undefined || name === undefined || metadata === -1) return undefined
  return {
    object: [kind, namespace, name].filter(word => word !== undefined).join('/'),
    lines: ownLines,
    line: line - first,
  }
}

/**
 * The line of a manifest, counted from 1, for a line of its template: the same text, or for computed text the same key. Undefined if
 * only the template has such a line.
 */
export function findLineOfManifest(
  manifest: readonly string[],
  { lines, line }: TemplatedObject,
): number | undefined {
  const changes = findTextChanges(manifest.join('\n'), lines.join('\n'))
  const change = changes.find(({ after }) => line >= after.line && line < after.line + after.lines.length)
  if (change === undefined) return findLineBefore(changes, line)
  // Around computed text, equal lines may be matched wrongly: then they are counted.
  const text = lines[line - 1]!
  const nth = lines.slice(0, line - 1).filter(otherLine => otherLine === text).length
  const same = manifest.flatMap((otherManifest, index) => (otherManifest === text ? [index + 1] : []))
  if (same.length > 0) return same[Math.min(nth, same.length - 1)]
  const key = findKey(text)
  if (key === undefined) return undefined
  const before = change.after.lines
    .slice(0, line - change.after.line)
    .filter(otherLine => findKey(otherLine) === key).length
  const alike = change.before.lines.flatMap((otherLine, index) =>
    findKey(otherLine) === key ? [change.before.line + index] : [],
  )
  return alike[before]
}

const findKey = (text: string | undefined) => /^ *(?:- )*([\w./-]+):/.exec(text ?? '')?.[1]
