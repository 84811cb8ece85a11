import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import type { Decision } from '../mesh/decisions.ts'
import type { Labels } from '../mesh/mesh.ts'
import { decided, from, type Sourced, type SpecNode } from '../mesh/sourced.ts'

/** Receives the diagnostics. */
export type Report = (diagnostic: Diagnostic) => void

/** A field of a map of the spec with its place; undefined if the spec does not set it. */
export function readField<Map extends object, Key extends keyof Map & string>(
  map: Map | undefined,
  node: SpecNode,
  key: Key,
): Sourced<NonNullable<Map[Key]>> | undefined {
  const value = map?.[key]
  return value === undefined || value === null ? undefined : from(node.at(key), value)
}

/** A field of a map of the spec, or meshc's default if the spec does not set it. */
export function readFieldOr<Map extends object, Key extends keyof Map & string>(
  map: Map | undefined,
  node: SpecNode,
  key: Key,
  decision: Decision,
  value: NonNullable<Map[Key]>,
): Sourced<NonNullable<Map[Key]>> {
  return readField(map, node, key) ?? decided(decision, value)
}

/** The entries of a list that a map of the spec has, each with its place, in the order of the spec. */
export function listSourcedEntries<T>(
  list: readonly T[] | undefined,
  node: SpecNode,
  key: string,
): readonly Sourced<T>[] {
  if (list === undefined) return emptyList
  const place = node.at(key)
  return list.map((value, index) => from(place.at(index), value))
}

/** The entries of a map from names to values that a map of the spec has, each with its place, sorted by name. */
export function listSortedEntries<T>(
  map: Readonly<Record<string, T>> | undefined,
  node: SpecNode,
  key: string,
): readonly (readonly [string, Sourced<T>])[] {
  if (map === undefined) return emptyList
  const place = node.at(key)
  return sortKeys(map).map(name => [name, from(place.at(name), map[name]!)] as const)
}

/** Labels, annotations or header values that a map of the spec has, sorted by key. */
export const readLabels = (
  map: Readonly<Record<string, string>> | undefined,
  node: SpecNode,
  key: string,
): Labels => listSortedEntries(map, node, key)

/** The names in a map of the spec, sorted by their code units. */
export function sortKeys(map: object): string[] {
  const keys = Object.keys(map)
  // Maps have a few keys mostly, and a sort copies its list twice: for each of ten thousand services that is felt.
  if (keys.length > 12) return keys.sort()
  for (let end = 1; end < keys.length; end++) {
    const key = keys[end]!
    let index = end
    for (; index > 0 && keys[index - 1]! > key; index--) keys[index] = keys[index - 1]!
    keys[index] = key
  }
  return keys
}

/** One shared empty list. */
export const emptyList: readonly never[] = []

/** A whole or fractional percentage of the spec (`99.9%`) as a number. */
export const parsePercent = (text: string): number => Number(text.slice(0, -1))

/** A list without the entries that were wrong, which are reported. */
export const dropUndefined = <T>(list: readonly (T | undefined)[]): readonly T[] =>
  // A list that does not include undefined is a list of T; most are, and need no copy.
  list.includes(undefined) ? list.filter(entry => entry !== undefined) : (list as readonly T[])
