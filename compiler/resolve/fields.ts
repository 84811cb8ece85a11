import type { Diagnostic, Place } from '../diagnostics/diagnostic.ts'
import type { Decision } from '../mesh/decisions.ts'
import type { Labels } from '../mesh/mesh.ts'
import { decided, from, type Sourced, type SpecNode } from '../mesh/sourced.ts'

/** Takes what is found wrong on the way. */
export type Report = (diagnostic: Diagnostic) => void

/** A field of a map of the spec with its place; undefined where the spec does not say it. */
export function said<Map extends object, Key extends keyof Map & string>(
  map: Map | undefined,
  node: SpecNode,
  key: Key,
): Sourced<NonNullable<Map[Key]>> | undefined {
  const value = map?.[key]
  return value === undefined || value === null ? undefined : from(node.at(key), value)
}

/** A field of a map of the spec, or what meshc decides where the spec does not say it. */
export function saidOr<Map extends object, Key extends keyof Map & string>(
  map: Map | undefined,
  node: SpecNode,
  key: Key,
  decision: Decision,
  value: NonNullable<Map[Key]>,
): Sourced<NonNullable<Map[Key]>> {
  return said(map, node, key) ?? decided(decision, value)
}

/** The entries of a list of the spec, each with its place, in the order of the spec. */
export function entries<T>(list: readonly T[] | undefined, node: SpecNode): readonly Sourced<T>[] {
  return list === undefined ? nothing : list.map((value, index) => from(node.at(index), value))
}

/** The entries of a map from names to values, each with its place, sorted by name. */
export function sortedEntries<T>(
  map: Readonly<Record<string, T>> | undefined,
  node: SpecNode,
): readonly (readonly [string, Sourced<T>])[] {
  if (map === undefined) return nothing
  return sortedKeys(map).map(key => [key, from(node.at(key), map[key]!)] as const)
}

/** Labels, annotations or header values of the spec, sorted by key. */
export const labelsOf = (map: Readonly<Record<string, string>> | undefined, node: SpecNode): Labels =>
  sortedEntries(map, node)

/** The names in a map of the spec, sorted. */
export const sortedKeys = (map: object): string[] => Object.keys(map).sort()

/** The order of two texts by their code units, whatever the language of the machine. */
export const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** One empty list for everything that has none. */
export const nothing: readonly never[] = []

/** A whole or fractional percentage of the spec (`99.9%`) as a number. */
export const percent = (text: string): number => Number(text.slice(0, -1))

/** The place of a value of the spec. */
export const at = (node: SpecNode): Place => ({ path: node.path })

/** The place of the key of a value of the spec. */
export const keyOf = (node: SpecNode): Place => ({ path: node.path, part: 'key' })
