import { diffArrays } from 'diff'
import type { SpecPath } from '../diagnostics/diagnostic.ts'
import { isMap } from '../source/document.ts'
import { isEqual } from '../source/is-equal.ts'

/** A part of a tree that differs between the sides. A side without a path lacks the part. */
export interface TreeChange {
  readonly before: TreePart | undefined
  readonly after: TreePart | undefined
}

interface TreePart {
  readonly path: SpecPath
  /** A scalar, or all of a map or list that is there on one side only. */
  readonly value: unknown
}

/**
 * Finds the differences of two trees of maps, lists and scalars, in the order of the tree after. Entries of lists
 * are matched by their content, not by their number, so an entry that is added at the front changes no other entry.
 */
export function findTreeChanges(before: unknown, after: unknown): readonly TreeChange[] {
  const changes: TreeChange[] = []
  collect({ path: [], value: before }, { path: [], value: after }, changes)
  return changes
}

function collect(before: TreePart, after: TreePart, changes: TreeChange[]): void {
  if (before.value === after.value) return
  if (isMap(before.value) && isMap(after.value)) {
    const left = before.value
    const right = after.value
    for (const key of new Set([...Object.keys(left), ...Object.keys(right)])) {
      // Most of a large tree is the same.
      if (Object.hasOwn(left, key) && Object.hasOwn(right, key) && isEqual(left[key], right[key])) continue
      const parts = [partAt(before, left, key), partAt(after, right, key)] as const
      if (parts[0] !== undefined && parts[1] !== undefined) collect(parts[0], parts[1], changes)
      else changes.push({ before: parts[0], after: parts[1] })
    }
  } else if (Array.isArray(before.value) && Array.isArray(after.value)) {
    if (!isEqual(before.value, after.value)) collectEntries(before, after, changes)
  } else changes.push({ before, after })
}

function partAt({ path }: TreePart, map: Readonly<Record<string, unknown>>, key: string) {
  return Object.hasOwn(map, key) ? { path: [...path, key], value: map[key] } : undefined
}

/** Pairs the entries that are left between equal ones: by their names, else one by one. */
function collectEntries(before: TreePart, after: TreePart, changes: TreeChange[]): void {
  // The caller has looked.
  const left = (before.value as readonly unknown[]).map((value, index) => ({
    path: [...before.path, index],
    value,
  }))
  const right = (after.value as readonly unknown[]).map((value, index) => ({
    path: [...after.path, index],
    value,
  }))
  const [leftKeys, rightKeys] = [left.map(makeValueKey), right.map(makeValueKey)]
  let [atLeft, atRight] = [0, 0]
  let gap: { before: TreePart[]; after: TreePart[] } = { before: [], after: [] }
  const close = () => {
    pairUp(gap.before, gap.after, changes)
    gap = { before: [], after: [] }
  }
  for (const { added, removed, count } of diffArrays(leftKeys, rightKeys)) {
    if (!added && !removed) close()
    else if (added) gap.after.push(...right.slice(atRight, atRight + count))
    else gap.before.push(...left.slice(atLeft, atLeft + count))
    if (!added) atLeft += count
    if (!removed) atRight += count
  }
  close()
}

function pairUp(before: readonly TreePart[], after: readonly TreePart[], changes: TreeChange[]): void {
  const rest = [...before]
  const take = (part: TreePart): TreePart | undefined => {
    const name = getEntryName(part.value)
    const index = rest.findIndex(treePart => getEntryName(treePart.value) === name)
    return index === -1 ? undefined : rest.splice(index, 1)[0]
  }
  const pairs = after.map(part => ({ part, partner: take(part) }))
  for (const { part, partner: otherTreePart } of pairs) {
    if (otherTreePart === undefined) changes.push({ before: undefined, after: part })
    else if (isContainer(otherTreePart.value) && isContainer(part.value))
      collect(otherTreePart, part, changes)
    else changes.push({ before: otherTreePart, after: part })
  }
  for (const part of rest) changes.push({ before: part, after: undefined })
}

/** Prints the value of a part in one line. */
export function printPart({ value }: TreePart): string {
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

/** Finds the name that distinguishes an entry of a list, if its authors named it. */
function getEntryName(value: unknown): string {
  if (!isMap(value)) return Array.isArray(value) ? 'list' : 'scalar'
  const name = ['name', 'alert', 'from', 'host', 'subset', 'code', 'to'].find(
    key => typeof value[key] === 'string',
  )
  return name === undefined ? 'map' : `${name} ${value[name]}`
}

const isContainer = (value: unknown) => typeof value === 'object' && value !== null

const makeValueKey = ({ value }: TreePart): string => JSON.stringify(value, sortMap) ?? 'undefined'

const sortMap = (_key: string, value: unknown) =>
  isMap(value) ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))) : value
