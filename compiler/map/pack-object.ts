import type { ManifestObject } from '../behavior/manifest-object.ts'
import type { SpecPath } from '../diagnostics/diagnostic.ts'
import { makePathKey } from '../provenance/paths.ts'
import type { KeyedReason, ObjectReasons } from '../provenance/place-reasons.ts'
import { isMap } from '../source/document.ts'
import { NumberedList } from './numbered-list.ts'
import type { PackedNumbers, PackedReason, PageObject } from './page-data.ts'

/** The tables that the packed objects of a mesh share. */
export interface PackTables {
  readonly files: NumberedList<string>
  /** The keys of reasons. */
  readonly keys: NumberedList<string>
  readonly reasonLists: NumberedList<readonly number[]>
  /** The reasons of the mesh by the numbers of their keys. */
  readonly reasons: Map<number, KeyedReason>
}

/** Makes the tables of a mesh. They start with the numbers of another mesh if both are states of one mesh. */
export const makePackTables = (base?: PackTables): PackTables => ({
  files: base?.files ?? new NumberedList(file => file),
  keys: base?.keys ?? new NumberedList(key => key),
  reasonLists: base?.reasonLists ?? new NumberedList(numbers => numbers.join()),
  reasons: new Map(),
})

/** Packs an object with the lines of all its parts, and with the reasons of its scalars if they are known. */
export function packObject(
  object: ManifestObject,
  reasons: ObjectReasons | undefined,
  tables: PackTables,
): PageObject {
  const { files } = tables
  const lines = listParts(object.value).map(({ path }) => object.lineOf(path))
  return {
    value: object.value,
    file: files.add(object.file),
    lines: packRuns([object.line, ...lines.map((line, index) => line - (lines[index - 1] ?? object.line))]),
    ...(reasons !== undefined && { reasons: packReasons(object.value, reasons, tables) }),
  }
}

function packReasons(
  value: unknown,
  { scalars, shared }: ObjectReasons,
  { keys, reasonLists, reasons }: PackTables,
): PackedNumbers {
  const add = (reason: KeyedReason) => {
    const number = keys.add(reason.key)
    if (!reasons.has(number)) reasons.set(number, reason)
    return number
  }
  const addList = (list: ObjectReasons['shared']) => reasonLists.add(list.map(add))
  const byPath = new Map(scalars.map(scalar => [makePathKey(scalar.path), scalar.reasons]))
  const lists = listLeafPaths(value).map(path => byPath.get(makePathKey(path)) ?? [])
  return packRuns([shared, ...lists].map(addList))
}

/** Packs the reasons of the tables by their numbers. A number that only the other mesh has gets no reason. */
export const packReasonTable = ({ keys, reasons, files }: PackTables): readonly PackedReason[] =>
  keys.values.map((_, number) => packReason(reasons.get(number)?.reason, files))

function packReason(reason: KeyedReason['reason'], files: NumberedList<string>): PackedReason {
  if (reason === undefined) return null
  const { spec, decision } = reason
  return decision ?? (spec === undefined ? [] : [files.add(spec.file), spec.line])
}

/** Restores an object. Its lines and reasons are unpacked when they are first asked for. */
export function unpackObject({ value, file, lines }: PageObject, files: readonly string[]): ManifestObject {
  let byPath: ReadonlyMap<string, number> | undefined
  return {
    value,
    file: files[file]!,
    line: unpackRuns(lines.slice(0, 1))[0]!,
    lineOf: path => {
      byPath ??= unpackLines(value, unpackRuns(lines))
      for (let length = path.length; ; length--) {
        const line = byPath.get(makePathKey(path.slice(0, length)))
        if (line !== undefined) return line
      }
    },
  }
}

function unpackLines(value: unknown, [first = 1, ...steps]: readonly number[]): ReadonlyMap<string, number> {
  let line = first
  const lines = new Map<string, number>()
  for (const { path } of listParts(value)) {
    line += steps[lines.size] ?? 0
    lines.set(makePathKey(path), line)
  }
  return lines
}

/** Restores the reasons behind an object. */
export function unpackReasons(
  { value, reasons: packed }: Pick<PageObject, 'value' | 'reasons'>,
  files: readonly string[],
  reasons: readonly PackedReason[],
  reasonLists: readonly (readonly number[])[],
): ObjectReasons | undefined {
  if (packed === undefined) return undefined
  const [shared, ...lists] = unpackRuns(packed).map(number =>
    reasonLists[number]!.map(reason => unpackReason(reasons[reason]!, reason, files)),
  )
  return {
    shared: shared!,
    scalars: listLeafPaths(value).map((path, index) => ({ path, reasons: lists[index] ?? [] })),
  }
}

function unpackReason(packed: PackedReason, number: number, files: readonly string[]): KeyedReason {
  if (typeof packed === 'string') return { key: packed, reason: { decision: packed } }
  if (packed === null) return { key: `spec ${number}`, reason: undefined }
  const [file, line] = packed
  const reason = file === undefined ? {} : { spec: { file: files[file]!, line: line! } }
  return { key: `spec ${number}`, reason }
}

const listLeafPaths = (value: unknown): readonly SpecPath[] =>
  listParts(value).flatMap(({ path, part }) => (isLeaf(part) ? [path] : []))

/** A scalar, or a map or list with nothing in it. */
const isLeaf = (part: unknown): boolean =>
  typeof part !== 'object' || part === null || Object.keys(part).length === 0

interface Part {
  readonly path: SpecPath
  readonly part: unknown
}

/** Lists a value and all its parts, each part before its own parts. */
function listParts(value: unknown): readonly Part[] {
  const parts: Part[] = []
  const visit = (part: unknown, path: SpecPath) => {
    parts.push({ path, part })
    if (Array.isArray(part)) for (const [index, entry] of part.entries()) visit(entry, [...path, index])
    else if (isMap(part)) for (const [key, entry] of Object.entries(part)) visit(entry, [...path, key])
  }
  visit(value, [])
  return parts
}

/** Packs numbers: a number that comes several times in a row becomes itself and its count in a list of its own. */
function packRuns(numbers: readonly number[]): PackedNumbers {
  const runs: { readonly number: number; count: number }[] = []
  for (const number of numbers) {
    const last = runs.at(-1)
    if (last?.number === number) last.count++
    else runs.push({ number, count: 1 })
  }
  return runs.flatMap(
    ({ number, count }): PackedNumbers =>
      count < 4 ? new Array<number>(count).fill(number) : [[number, count]],
  )
}

const unpackRuns = (runs: PackedNumbers): readonly number[] =>
  runs.flatMap(run => (typeof run === 'number' ? [run] : new Array<number>(run[1]).fill(run[0])))
