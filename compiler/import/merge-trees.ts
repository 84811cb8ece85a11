import type { SpecPath } from '../diagnostics/diagnostic.ts'
import { isMap } from '../source/document.ts'
import { isEqual } from '../source/is-equal.ts'
import type { Tree } from './read-object-spec.ts'

/** A value that a spec and its manifests both changed since the import, each to something else. */
export interface Conflict {
  readonly path: SpecPath
  /** The values at the import, in the manifests now, and in the spec now; undefined: the value is absent. */
  readonly before: unknown
  readonly manifests: unknown
  readonly spec: unknown
}

/** A spec with a later change of the manifests, and the parts of the change that it omits. */
interface Merged {
  readonly spec: Tree
  readonly conflicts: readonly Conflict[]
}

/**
 * Brings the change from one import to a later one into a spec that people have edited since. An edit of theirs stays: where both
 * changed a value, the spec keeps its own.
 *
 * @param before the spec that the manifests made at first
 * @param after the spec that they make now
 * @param spec the spec as people have edited it
 */
export function mergeTrees(before: Tree, after: Tree, spec: Tree): Merged {
  const conflicts: Conflict[] = []
  return { spec: mergeValues(before, after, spec, []) as Tree, conflicts }

  function mergeValues(before: unknown, after: unknown, spec: unknown, path: SpecPath): unknown {
    if (isEqual(before, after) || isEqual(spec, after)) return spec
    if (isEqual(spec, before)) return after
    if (isMap(after) && isMap(spec) && (before === undefined || isMap(before)))
      return mergeMaps(before ?? {}, after, spec, path)
    if (Array.isArray(after) && Array.isArray(spec) && (before === undefined || Array.isArray(before)))
      return mergeLists(before ?? [], after, spec, path)
    conflicts.push({ path, before, manifests: after, spec })
    return spec
  }

  function mergeMaps(before: Tree, after: Tree, spec: Tree, path: SpecPath): Tree {
    const keys = mergeOrder(Object.keys(spec), Object.keys(after))
    return Object.fromEntries(
      [...new Set([...keys, ...Object.keys(before)])].flatMap(key => {
        const value = mergeValues(before[key], after[key], spec[key], [...path, key])
        return value === undefined ? [] : [[key, value]]
      }),
    )
  }

  /** Merges lists entry by entry. */
  function mergeLists(
    before: readonly unknown[],
    after: readonly unknown[],
    spec: readonly unknown[],
    path: SpecPath,
  ): readonly unknown[] {
    const [entriesBefore, entriesAfter, entries] = [before, after, spec].map(indexEntries)
    const keys = mergeOrder([...entries!.keys()], [...entriesAfter!.keys()])
    return [...new Set([...keys, ...entriesBefore!.keys()])].flatMap(key => {
      const value = mergeValues(entriesBefore!.get(key), entriesAfter!.get(key), entries!.get(key), [
        ...path,
        key,
      ])
      return value === undefined ? [] : [value]
    })
  }
}

/** Adds keys to others: each is inserted after its predecessor in its own list. */
export function mergeOrder(keys: readonly string[], added: readonly string[]): readonly string[] {
  const present = new Set(keys)
  const followers = new Map<string | undefined, string[]>()
  let last: string | undefined
  for (const key of added) {
    if (present.has(key)) last = key
    else followers.set(last, [...(followers.get(last) ?? []), key])
  }
  return [...(followers.get(undefined) ?? []), ...keys.flatMap(key => [key, ...(followers.get(key) ?? [])])]
}

/** Indexes the entries of a list by their name; entries with the same name are distinguished by their order. */
function indexEntries(entries: readonly unknown[]): ReadonlyMap<string, unknown> {
  const index = new Map<string, unknown>()
  for (const entry of entries) {
    const name = nameEntry(entry)
    let key = name
    for (let count = 2; index.has(key); count++) key = `${name} (${count})`
    index.set(key, entry)
  }
  return index
}

/** Names an entry of a list of a spec: a route by its name, a caller by itself, a patch or raw object by its object. */
export function nameEntry(entry: unknown): string {
  if (typeof entry === 'string') return entry
  if (!isMap(entry)) return JSON.stringify(entry)
  const { kind, metadata, namespace, name, from } = entry
  if (kind === undefined) return String(name ?? from ?? JSON.stringify(entry))
  const object = isMap(metadata) ? metadata : { namespace, name }
  return `${kind} ${object['namespace']}/${object['name']}`
}
