import type { SpecPath } from '../diagnostics/diagnostic.ts'
import type { Gap } from '../diagnostics/faulty-parts.ts'
import type { Source, Span } from '../diagnostics/source.ts'

/** A parsed file with the position of each value in its text. */
export interface SpecDocument {
  readonly source: Source
  /** Maps without prototype, arrays, strings, finite numbers, booleans and null. */
  readonly value: unknown
  /** True if it contains a null: layers use null to remove a value. */
  readonly hasNull: boolean
  /** True if its text is YAML; otherwise the value is the readable part. */
  readonly isYaml: boolean
  /** The unknown parts of it, since its text is not YAML or not a possible spec. */
  readonly lost: readonly Gap[]
  /** The span of the value at a path (or of its key), or of the nearest enclosing value that was written down. */
  spanOf(path: SpecPath, part?: 'key'): Span
  /** Finds the entry of the value at a path, as written; undefined if there is none. */
  entryAt(path: SpecPath): Entry | undefined
}

/** A value in its list or map, as the text has it. */
export interface Entry extends Span {
  readonly key: Span | undefined
  /** True if it is a plain word: no quotes, no brackets, no alias. */
  readonly isPlain: boolean
  /** The list or map that it is an entry of; undefined for the document. */
  readonly parent: (Span & { readonly isFlow: boolean }) | undefined
}

/** A map of a spec: it inherits nothing, so that no key of a user can be mistaken for one of JavaScript's. */
export type SpecMap = Record<string, unknown>

/** A map with nothing in it. An object without any prototype would do, but V8 keeps those as slow dictionaries. */
export const makeEmptyMap = (): SpecMap => new PlainMap() as unknown as SpecMap

class PlainMap {}
Object.setPrototypeOf(PlainMap.prototype, null)
Reflect.deleteProperty(PlainMap.prototype, 'constructor')

/** Tells whether a value of a document is a map. */
export const isMap = (value: unknown): value is SpecMap =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The value at a path of a document; undefined if there is none. */
export function getValue(value: unknown, path: SpecPath): unknown {
  let part = value
  for (const step of path) {
    if (Array.isArray(part)) part = part[Number(step)]
    else if (isMap(part)) part = Object.hasOwn(part, String(step)) ? part[String(step)] : undefined
    else return undefined
  }
  return part
}

/** Tells whether a number is kept as it is written: not infinity, and no whole number that would be rounded. */
export const isExact = (value: number): boolean =>
  Number.isFinite(value) && (!Number.isInteger(value) || Number.isSafeInteger(value))
