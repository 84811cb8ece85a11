import { once } from '../basics/once.ts'
import { nameOfObject } from '../manifests/name-of-object.ts'
import { printPointer } from '../provenance/paths.ts'
import { findCausedChanges, findCauses } from './caused-changes.ts'
import { makeEditFinder } from './edits-behind.ts'
import { indexListEntries, type Side } from './side.ts'
import type { SpecEdit } from './spec-edits.ts'
import { findTreeChanges, printPart } from './tree-changes.ts'

/** The changes that an edit of the spec made to manifests, or that several made together. */
export interface ChangeGroup {
  /** The edits; empty: no edit explains the change. */
  readonly edits: readonly SpecEdit[]
  readonly changes: readonly ManifestChange[]
}

/** The same change of one or several objects. */
export interface ManifestChange {
  readonly kind: 'added' | 'removed' | 'changed'
  readonly objects: readonly ChangedObject[]
  /** The changed parts of objects that are on both sides. */
  readonly parts: readonly PartChange[]
}

interface ChangedObject {
  /** `Kind/namespace/name` */
  readonly name: string
  readonly path: string
}

interface PartChange {
  /** The JSON pointer after the change; for a removed part, before it. */
  readonly pointer: string
  /** A scalar as it is, anything else as JSON; undefined: it is not there. */
  readonly before: string | undefined
  readonly after: string | undefined
}

/**
 * Finds the differences between the manifests of two sides, by the edits of the spec that caused them: each group once, in the
 * order of edits.
 */
export function findManifestChanges(
  before: Side,
  after: Side,
  edits: readonly SpecEdit[],
): readonly ChangeGroup[] {
  const pairs = differing(before, after)
  const names = new Set(pairs.map(({ name }) => name))
  const sourcesIn = (side: Side, on: 'left' | 'right') => {
    const paths = new Set(pairs.flatMap(pair => pair[on]?.path ?? []))
    return indexListEntries(side, names, ({ path }) => paths.has(path))
  }
  const sources = {
    before: once(() => sourcesIn(before, 'left')),
    after: once(() => sourcesIn(after, 'right')),
  }
  const behind = makeEditFinder(edits)
  const positions = new Map(edits.map((edit, position) => [edit, position]))
  const groups = new Map<string, Collected>()
  const getGroup = (causes: ReadonlySet<SpecEdit>): Collected => {
    const together = [...causes].map(edit => positions.get(edit)!).sort((a, b) => a - b)
    const key = together.join()
    const collected = groups.get(key)
    if (collected !== undefined) return collected
    const group = { edits: together, changes: new Map<string, CollectedChange>() }
    groups.set(key, group)
    return group
  }
  const add = ({ changes }: Collected, object: ChangedObject, change: Omit<ManifestChange, 'objects'>) => {
    const key = JSON.stringify([
      change.kind,
      change.kind === 'changed' ? change.parts : findKind(object.name),
    ])
    const collectedChange = changes.get(key)
    if (collectedChange === undefined) changes.set(key, { ...change, objects: [object] })
    else collectedChange.objects.push(object)
  }
  for (const { name, path, left, right } of pairs) {
    const object = { name, path }
    const entries = {
      before: () => sources.before().get(name) ?? [],
      after: () => sources.after().get(name) ?? [],
    }
    if (left === undefined || right === undefined) {
      const side = left === undefined ? 'after' : 'before'
      const kind = left === undefined ? 'added' : 'removed'
      add(getGroup(findCauses(side, entries, behind)), object, { kind, parts: [] })
      continue
    }
    const parts = new Map<Collected, PartChange[]>()
    for (const { before, after, edits } of findCausedChanges(left.value, right.value, entries, behind)) {
      const group = getGroup(edits)
      const reportedChange = {
        pointer: printPointer((after ?? before)!.path),
        before: before && printPart(before),
        after: after && printPart(after),
      }
      parts.set(group, [...(parts.get(group) ?? []), reportedChange])
    }
    for (const [group, changed] of parts) add(group, object, { kind: 'changed', parts: changed })
  }
  return [...groups.values()]
    .toSorted((a, b) => compareEdits(a.edits, b.edits))
    .map(group => ({
      edits: group.edits.map(position => edits[position]!),
      changes: [...group.changes.values()],
    }))
}

/** Compares in the order of edits, with unexplained changes at the end. */
function compareEdits(a: readonly number[], b: readonly number[]): number {
  if (a.length === 0 || b.length === 0) return b.length - a.length
  const index = a.findIndex((edit, at) => edit !== b[at])
  return index === -1 ? a.length - b.length : a[index]! - (b[index] ?? -1)
}

/** A group while it grows. */
interface Collected {
  /** Their positions among all. */
  readonly edits: readonly number[]
  readonly changes: Map<string, CollectedChange>
}

interface CollectedChange extends ManifestChange {
  readonly objects: ChangedObject[]
}

interface Pair extends ChangedObject {
  readonly left: PlacedObject | undefined
  readonly right: PlacedObject | undefined
}

/** An object of a side, and its file. */
interface PlacedObject {
  readonly path: string
  readonly value: unknown
}

/** The objects that differ between the sides. An object keeps its identity in any file. */
function differing(before: Side, after: Side): readonly Pair[] {
  const [left, right] = [objectsBeside(before, after), objectsBeside(after, before)]
  return [...new Set([...right.keys(), ...left.keys()])].flatMap(name => {
    const [placedObject, otherPlacedObject] = [left.get(name), right.get(name)]
    const isEqual =
      placedObject !== undefined &&
      otherPlacedObject !== undefined &&
      findTreeChanges(placedObject.value, otherPlacedObject.value).length === 0
    return isEqual
      ? []
      : [
          {
            name,
            path: (otherPlacedObject ?? placedObject)!.path,
            left: placedObject,
            right: otherPlacedObject,
          },
        ]
  })
}

/** The objects of a side by their names, without those that the other side has as the same value. */
function objectsBeside({ files }: Side, side: Side): ReadonlyMap<string, PlacedObject> {
  const lists = new Set(side.files.map(({ objects }) => objects))
  const manifestObjects = new Set(files.map(({ objects }) => objects))
  const apart = files.filter(({ objects }) => !lists.has(objects))
  const shared = new Set(
    side.files.flatMap(({ objects }) =>
      manifestObjects.has(objects) ? [] : objects.map(({ value }) => value),
    ),
  )
  return new Map(
    apart.flatMap(({ path, objects }) =>
      objects
        .filter(({ value }) => !shared.has(value))
        .map(({ value }) => [nameOfObject(value) || path, { path, value }] as const),
    ),
  )
}

const findKind = (name: string) => name.split('/')[0]
