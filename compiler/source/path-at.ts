import type { SpecPath } from '../diagnostics/diagnostic.ts'
import { getValue, isMap, type SpecDocument } from './document.ts'
import { findEntryPath } from './entry-text.ts'

/** The path of the key or scalar that contains or precedes an offset; undefined between them, and in comments. */
export function findPathAt(document: SpecDocument, offset: number): SpecPath | undefined {
  const { path, isThere } = descend(document, offset)
  return isThere ? path : undefined
}

/** The path of the smallest value that contains an offset. */
export const findPathAround = (document: SpecDocument, offset: number): SpecPath =>
  descend(document, offset).path

/** Descends to an offset: first in the entry whose lines contain it, so that only the positions of this entry are parsed. */
function descend(document: SpecDocument, offset: number): Depth {
  const entry = findEntryPath(document.source.text, offset)
  const near = entry === undefined ? undefined : descendFrom(document, entry, offset)
  return near?.isThere ? near : descendFrom(document, [], offset)
}

/** The path that leads nearest to an offset, and whether the offset is at its key or scalar. */
interface Depth {
  readonly path: SpecPath
  readonly isThere: boolean
}

/** Descends from a path of a document to an offset below it. */
function descendFrom(document: SpecDocument, from: SpecPath, offset: number): Depth {
  let value = getValue(document.value, from)
  let path = from
  if (path.length > 0 && value !== undefined && isOffsetIn(document.spanOf(path, 'key'), offset))
    return { path, isThere: true }
  for (;;) {
    const steps = Array.isArray(value) ? [...value.keys()] : isMap(value) ? Object.keys(value) : []
    const inside = steps.find(step => isOffsetIn(findEntry([...path, step]), offset))
    if (inside === undefined) return { path, isThere: false }
    path = [...path, inside]
    const entry = findEntry(path)
    if (entry?.key !== undefined && isOffsetIn(entry.key, offset)) return { path, isThere: true }
    value = Array.isArray(value) ? value[Number(inside)] : isMap(value) ? value[inside] : undefined
    if (typeof value !== 'object' || value === null) return { path, isThere: true }
  }

  /** Finds the entry from the key to the end of the value. */
  function findEntry(path: SpecPath) {
    const entry = document.entryAt(path)
    return entry && { ...entry, start: Math.min(entry.start, entry.key?.start ?? entry.start) }
  }
}

const isOffsetIn = (
  { start, end }: { readonly start: number; readonly end: number } | undefined = emptySpan,
  offset: number,
) => start <= offset && offset <= end
const emptySpan = { start: 1, end: 0 }
