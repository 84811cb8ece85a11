import type { SourceMapEntry } from '../emit/print.ts'
import { nameOfObject } from '../manifests/name-of-object.ts'
import { isWithin, printPointer } from '../provenance/paths.ts'
import { once } from './once.ts'
import { entriesOf, type Side } from './side.ts'
import { editBehind, type SpecEdit } from './spec-edits.ts'
import { type TreePart, treeChanges } from './tree-changes.ts'

/** All that one edit of the spec did to manifests. */
export interface ChangeGroup {
  /** Undefined: no edit explains it. */
  readonly edit: SpecEdit | undefined
  readonly changes: readonly ManifestChange[]
}

/** The same change of one or several objects. */
export interface ManifestChange {
  readonly kind: 'added' | 'removed' | 'changed'
  readonly objects: readonly ChangedObject[]
  /** Of objects that were there and are there: what is another one in them. */
  readonly parts: readonly PartChange[]
}

export interface ChangedObject {
  /** `Kind/namespace/name` */
  readonly name: string
  readonly path: string
}

export interface PartChange {
  /** As a JSON pointer, after, or where it is gone, before. */
  readonly pointer: string
  /** A scalar as it is, anything else as JSON; undefined: it is not there. */
  readonly before: string | undefined
  readonly after: string | undefined
}

/** What differs between the manifests of two sides, by the edit of the spec that caused it: each group once, in the order of edits. */
export function manifestChanges(
  before: Side,
  after: Side,
  edits: readonly SpecEdit[],
): readonly ChangeGroup[] {
  const pairs = differing(before, after)
  const names = new Set(pairs.map(({ name }) => name))
  const sourcesIn = (side: Side, on: 'left' | 'right') => {
    const paths = new Set(pairs.flatMap(pair => pair[on]?.path ?? []))
    return entriesOf(side, names, ({ path }) => paths.has(path))
  }
  const sources = {
    before: once(() => sourcesIn(before, 'left')),
    after: once(() => sourcesIn(after, 'right')),
  }
  const groups = new Map<SpecEdit | undefined, Map<string, Collected>>()
  const add = (edit: SpecEdit | undefined, object: ChangedObject, change: Omit<Collected, 'objects'>) => {
    const group = groups.get(edit) ?? new Map<string, Collected>()
    groups.set(edit, group)
    const key = JSON.stringify([change.kind, change.kind === 'changed' ? change.parts : kindOf(object.name)])
    const known = group.get(key)
    if (known === undefined) group.set(key, { ...change, objects: [object] })
    else known.objects.push(object)
  }
  for (const { name, path, left, right } of pairs) {
    const entries = {
      before: () => sources.before().get(name) ?? [],
      after: () => sources.after().get(name) ?? [],
    }
    const object = { name, path }
    if (left === undefined || right === undefined) {
      const kind = left === undefined ? 'added' : 'removed'
      add(editBehind(edits, entries.before, entries.after), object, { kind, parts: [] })
      continue
    }
    const parts = new Map<SpecEdit | undefined, PartChange[]>()
    for (const change of treeChanges(left.value, right.value)) {
      const edit = editBehind(
        edits,
        () => partOf(entries.before, change.before),
        () => partOf(entries.after, change.after),
      )
      const told = {
        pointer: printPointer((change.after ?? change.before)!.path),
        before: change.before && shown(change.before),
        after: change.after && shown(change.after),
      }
      parts.set(edit, [...(parts.get(edit) ?? []), told])
    }
    for (const [edit, changed] of parts) add(edit, object, { kind: 'changed', parts: changed })
  }
  return [...edits, undefined].flatMap(edit => {
    const group = groups.get(edit)
    return group === undefined ? [] : [{ edit, changes: [...group.values()] }]
  })
}

interface Collected {
  readonly kind: ManifestChange['kind']
  readonly objects: ChangedObject[]
  readonly parts: readonly PartChange[]
}

interface Pair extends ChangedObject {
  readonly left: PlacedObject | undefined
  readonly right: PlacedObject | undefined
}

/** An object of a side, and the file that it stands in. */
interface PlacedObject {
  readonly path: string
  readonly value: unknown
}

/** The objects that are not the same on both sides; an object is the same one wherever it stands. */
function differing(before: Side, after: Side): readonly Pair[] {
  const [left, right] = [objectsBeside(before, after), objectsBeside(after, before)]
  return [...new Set([...right.keys(), ...left.keys()])].flatMap(name => {
    const [one, other] = [left.get(name), right.get(name)]
    const isEqual =
      one !== undefined && other !== undefined && treeChanges(one.value, other.value).length === 0
    return isEqual ? [] : [{ name, path: (other ?? one)!.path, left: one, right: other }]
  })
}

/** The objects of a side by their names, without those that the other side has as the same value. */
function objectsBeside({ files }: Side, other: Side): ReadonlyMap<string, PlacedObject> {
  const lists = new Set(other.files.map(({ objects }) => objects))
  const own = new Set(files.map(({ objects }) => objects))
  const apart = files.filter(({ objects }) => !lists.has(objects))
  const shared = new Set(
    other.files.flatMap(({ objects }) => (own.has(objects) ? [] : objects.map(({ value }) => value))),
  )
  return new Map(
    apart.flatMap(({ path, objects }) =>
      objects
        .filter(({ value }) => !shared.has(value))
        .map(({ value }) => [nameOfObject(value) || path, { path, value }] as const),
    ),
  )
}

/** The entries of a part, or of what is nearest round it. */
function partOf(
  entries: () => readonly SourceMapEntry[],
  part: TreePart | undefined,
): readonly SourceMapEntry[] {
  return part === undefined ? [] : entries().filter(({ path }) => isWithin(path, part.path))
}

const kindOf = (name: string) => name.split('/')[0]

function shown({ value }: TreePart): string {
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}
