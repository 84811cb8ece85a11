import type { SpecPath } from '../diagnostics/diagnostic.ts'
import { linesByFile } from '../diagnostics/lines.ts'
import type { SourceMapEntry } from '../emit/print.ts'
import { isWithin, printSpecPath } from '../provenance/paths.ts'
import { isMap } from '../source/document.ts'
import type { Side, SideSpec } from './side.ts'
import { type TreePart, treeChanges } from './tree-changes.ts'

/** A change of a spec: what its layers say together, before and after. */
export interface SpecEdit {
  /** `services.my-api.timeout`, as it is called after, or was. */
  readonly path: string
  /** A scalar as it is, anything else as JSON; undefined: it is not there. */
  readonly before: string | undefined
  readonly after: string | undefined
  /** Where it stands: after, or where it is gone, before. */
  readonly at: PlaceOfEdit
  readonly parts: { readonly before: SpecPath | undefined; readonly after: SpecPath | undefined }
}

export interface PlaceOfEdit {
  readonly file: string
  /** Counted from 1. */
  readonly line: number
  readonly side: 'before' | 'after'
}

/** What was edited in the specs of an environment; nothing where one side has none. */
export function specEdits(before: Side, after: Side): readonly SpecEdit[] {
  const { spec: left } = before
  const { spec: right } = after
  if (left === undefined || right === undefined) return []
  const places = { before: placesIn(left, 'before'), after: placesIn(right, 'after') }
  const edits = treeChanges(left.layers.value, right.layers.value).map(change => {
    const path = (change.after ?? change.before)!.path
    return {
      path: printSpecPath(path),
      before: change.before && shown(change.before),
      after: change.after && shown(change.after),
      at: change.after === undefined ? places.before(path) : places.after(path),
      parts: { before: change.before?.path, after: change.after?.path },
    }
  })
  const folders = { before: folderOf(left), after: folderOf(right) }
  if (folders.before === folders.after) return edits
  const path = 'the folder of the environment'
  return [
    ...edits,
    { path, ...folders, at: places.after(['meshc']), parts: { before: undefined, after: undefined } },
  ]
}

/** The folder of the environment's own file, the last of those that are not included. What is built is called after it. */
function folderOf({ layers }: SideSpec): string {
  const own = layers.documents.findLast(({ value }) => isMap(value) && 'meshc' in value)
  const file = own?.source.name ?? ''
  return file.slice(0, file.lastIndexOf('/'))
}

/** Two environments that say the same differ in their folders. */
const isOtherFolder = ({ parts }: SpecEdit) => parts.before === undefined && parts.after === undefined

/** Where a part of a spec stands. */
export function placesIn(
  { layers, sources }: SideSpec,
  side: 'before' | 'after',
): (path: SpecPath) => PlaceOfEdit {
  const linesOf = linesByFile(sources)
  return path => {
    const { file, start } = layers.locationOf({ path, part: 'key' })
    return { file, line: linesOf(file)?.positionOf(start).line ?? 1, side }
  }
}

/**
 * The edit that made a value another one; undefined where no edit did. The side after is asked first: to know why values
 * were there before, a spec that is no more must be compiled.
 */
export function editBehind(
  edits: readonly SpecEdit[],
  before: () => readonly SourceMapEntry[],
  after: () => readonly SourceMapEntry[],
): SpecEdit | undefined {
  if (edits.length === 0) return undefined
  const sides: readonly SideOfValue[] = [
    { entriesOf: after, side: 'after' },
    { entriesOf: before, side: 'before' },
  ]
  return (
    // The nearest reason first: a value that an edit says itself is not told as one that is there because of another.
    editWhere(edits, sides, (part, origin) => isWithin(origin, part)) ??
    // A list that is a reason as a whole, of which the edit changed an entry.
    editWhere(edits, sides, (part, origin) => origin.length >= shortestList && isWithin(part, origin)) ??
    // Entries of a list bear on each other: an earlier rule on what a later one still has to say.
    editWhere(edits, sides, (part, origin) => isInListOf(origin, part)) ??
    edits.find(edit => isOtherFolder(edit) && sides.some(side => isOfFolder(side)))
  )
}

interface SideOfValue {
  readonly entriesOf: () => readonly SourceMapEntry[]
  readonly side: 'before' | 'after'
}

/** The first edit of a part that has to do with a reason, the nearest reasons and the side after first. */
function editWhere(
  edits: readonly SpecEdit[],
  sides: readonly SideOfValue[],
  isBehind: (part: SpecPath, origin: SpecPath) => boolean,
): SpecEdit | undefined {
  for (const { entriesOf, side } of sides) {
    for (const { origins } of entriesOf()) {
      for (const origin of origins) {
        if (typeof origin === 'string') continue
        const edit = edits.find(({ parts }) => parts[side] !== undefined && isBehind(parts[side], origin))
        if (edit !== undefined) return edit
      }
    }
  }
  return undefined
}

/** Whether a part is in the outermost list that a path leads into. */
function isInListOf(path: SpecPath, part: SpecPath): boolean {
  const index = path.findIndex(step => typeof step === 'number')
  return index >= shortestList && isWithin(part, path.slice(0, index))
}

const isOfFolder = ({ entriesOf }: SideOfValue) =>
  entriesOf().some(({ origins }) => origins.includes('default:delivery-path'))

/** Shorter paths lead to a service, a gateway, a section: everything about them has those for a reason. */
const shortestList = 3

function shown({ value }: TreePart): string {
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}
