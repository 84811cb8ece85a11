import { isMap } from './document.ts'

/** Tells whether two trees of maps, lists and scalars are equal. The order of the keys of a map is ignored. */
export function isEqual(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (Array.isArray(a))
    return Array.isArray(b) && a.length === b.length && a.every((value, index) => isEqual(value, b[index]))
  if (!isMap(a) || !isMap(b)) return false
  let keys = 0
  for (const key in a) {
    if (!Object.hasOwn(b, key) || !isEqual(a[key], b[key])) return false
    keys++
  }
  for (const _ in b) keys--
  return keys === 0
}
