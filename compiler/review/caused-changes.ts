import { isPathWithin } from '../diagnostics/is-path-within.ts'
import type { SourceMapEntry } from '../emit/print.ts'
import { countSharedSteps, type EditsBehind, findNearestEdits } from './edits-behind.ts'
import { findSideWithout, type SpecEdit } from './spec-edits.ts'
import { findTreeChanges, type TreeChange } from './tree-changes.ts'

type Side = 'before' | 'after'

/** A change of an object, and the edits that cause it together; empty: no edit does. */
interface CausedChange extends TreeChange {
  readonly edits: ReadonlySet<SpecEdit>
}

/** The scalars of an object, found on demand: those of the side before need a compilation of the old spec. */
interface SourcesOfObject {
  readonly before: () => readonly SourceMapEntry[]
  readonly after: () => readonly SourceMapEntry[]
}

/**
 * Finds the changes between two states of an object. A change without an edited reason belongs to
 * the nearest other change.
 */
export function findCausedChanges(
  before: unknown,
  after: unknown,
  sources: SourcesOfObject,
  behind: EditsBehind,
): readonly CausedChange[] {
  const changes = findTreeChanges(before, after).flatMap(change => caused(change, sources, behind))
  const explained = changes.filter(({ edits }) => edits.size > 0)
  return changes.map(change =>
    change.edits.size > 0 ? change : { ...change, edits: causesOfNeighbors(change, explained) },
  )
}

/** The edits that make an object come or go. */
export const findCauses = (
  side: Side,
  sources: SourcesOfObject,
  behind: EditsBehind,
): ReadonlySet<SpecEdit> => commonCauses(side, sources[side](), behind)

function caused(change: TreeChange, sources: SourcesOfObject, behind: EditsBehind): readonly CausedChange[] {
  const { before, after } = change
  const listEntries = (side: Side) => {
    const part = change[side]
    return part === undefined ? [] : sources[side]().filter(({ path }) => isPathWithin(path, part.path))
  }
  if (before === undefined || after === undefined) {
    const side = after === undefined ? 'before' : 'after'
    return [{ ...change, edits: commonCauses(side, listEntries(side), behind) }]
  }
  const come = findNearestEdits('after', listEntries('after'), behind.near)
  if (come.length === 0) {
    const further = [
      ['before', behind.near],
      ['after', behind.far],
      ['before', behind.far],
    ] as const
    for (const [side, relations] of further) {
      const nearestEdits = findNearestEdits(side, listEntries(side), relations)
      if (nearestEdits.length > 0) return [{ ...change, edits: new Set(nearestEdits) }]
    }
    return [{ ...change, edits: new Set() }]
  }
  // A reason that is still there would be one of the value after, too, if it still mattered.
  const gone = behind.hasRemovals
    ? findNearestEdits('before', listEntries('before'), behind.near).filter(
        edit => findSideWithout(edit) === 'after',
      )
    : []
  const isEntry = typeof after.path.at(-1) === 'number'
  return isEntry && gone.length > 0 && !gone.some(edit => come.includes(edit))
    ? [
        { before, after: undefined, edits: new Set(gone) },
        { before: undefined, after, edits: new Set(come) },
      ]
    : [{ ...change, edits: new Set([...come, ...gone]) }]
}

/** The edits that all scalars of a part share; if there are none, the edits of any scalar. */
function commonCauses(
  side: Side,
  entries: readonly SourceMapEntry[],
  { near, far }: EditsBehind,
): ReadonlySet<SpecEdit> {
  const causes = entries.map(entry => findNearestEdits(side, [entry], [...near, ...far]))
  const [first = [], ...rest] = causes
  const common = first.filter(edit => rest.every(edits => edits.includes(edit)))
  return new Set(common.length > 0 ? common : causes.flat())
}

/** The edits behind the nearest change, if it is nearer than the whole object. */
function causesOfNeighbors(change: TreeChange, explained: readonly CausedChange[]): ReadonlySet<SpecEdit> {
  const shared = explained.map(causedChange =>
    countSharedSteps(getChangePath(change), getChangePath(causedChange)),
  )
  const most = Math.max(...shared)
  if (most < leastShared) return new Set()
  return new Set(explained.flatMap(({ edits }, index) => (shared[index] === most ? [...edits] : [])))
}

const getChangePath = ({ before, after }: TreeChange) => (after ?? before)!.path

/** `spec` and a field of it, say. */
const leastShared = 2
