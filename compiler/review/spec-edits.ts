import type { SpecPath } from '../diagnostics/diagnostic.ts'
import { indexLines } from '../diagnostics/lines.ts'
import { printSpecPath } from '../provenance/paths.ts'
import { isMap } from '../source/document.ts'
import type { Side, SideSpec } from './side.ts'
import { findTreeChanges, printPart } from './tree-changes.ts'

/** A change of a spec: the merged values of its layers, before and after. */
export interface SpecEdit {
  /** `services.my-api.timeout`, as it is called after, or was. */
  readonly path: string
  /** A scalar as it is, anything else as JSON; undefined: it is not there. */
  readonly before: string | undefined
  readonly after: string | undefined
  /** The place of the edit: after the change, or before it if the value was removed. */
  readonly at: PlaceOfEdit
  readonly parts: { readonly before: SpecPath | undefined; readonly after: SpecPath | undefined }
}

export interface PlaceOfEdit {
  readonly file: string
  /** The line, counted from 1. */
  readonly line: number
  readonly side: 'before' | 'after'
}

/** Finds the edits in the specs of an environment; none if one side has no spec. */
export function findSpecEdits(before: Side, after: Side): readonly SpecEdit[] {
  const { spec: left } = before
  const { spec: right } = after
  if (left === undefined || right === undefined) return []
  const places = { before: makeEditPlaceFinder(left, 'before'), after: makeEditPlaceFinder(right, 'after') }
  const edits = findTreeChanges(left.layers.value, right.layers.value).map(change => {
    const path = (change.after ?? change.before)!.path
    return {
      path: printSpecPath(path),
      before: change.before && printPart(change.before),
      after: change.after && printPart(change.after),
      at: change.after === undefined ? places.before(path) : places.after(path),
      parts: { before: change.before?.path, after: change.after?.path },
    }
  })
  const folders = { before: getFolder(left), after: getFolder(right) }
  if (folders.before === folders.after) return edits
  const path = 'the folder of the environment'
  return [
    ...edits,
    { path, ...folders, at: places.after(['meshc']), parts: { before: undefined, after: undefined } },
  ]
}

/**
 * The folder of the environment's own file, the last of those that are not included. The output is called
 * after it.
 */
function getFolder({ layers }: SideSpec): string {
  const document = layers.documents.findLast(({ value }) => isMap(value) && 'meshc' in value)
  const file = document?.source.name ?? ''
  return file.slice(0, file.lastIndexOf('/'))
}

/** The side without the value. */
export function findSideWithout({ parts: { before, after } }: SpecEdit): 'before' | 'after' | undefined {
  if ((before === undefined) === (after === undefined)) return undefined
  return before === undefined ? 'before' : 'after'
}

/** Makes the finder of the place of a part of a spec. */
export function makeEditPlaceFinder(
  { layers, sources }: SideSpec,
  side: 'before' | 'after',
): (path: SpecPath) => PlaceOfEdit {
  const findLines = indexLines(sources)
  return path => {
    const { file, start } = layers.locationOf({ path, part: 'key' })
    return { file, line: findLines(file)?.positionOf(start).line ?? 1, side }
  }
}
