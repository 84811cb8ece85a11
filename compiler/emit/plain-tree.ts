import { unwrap } from '../mesh/sourced.ts'

/** A tree without its origins, as it is printed. */
export function unwrapTree(tree: unknown): unknown {
  const value = unwrap(tree)
  if (Array.isArray(value)) return value.map(unwrapTree)
  if (typeof value !== 'object' || value === null) return value
  const map = value as Readonly<Record<string, unknown>>
  const plain: Record<string, unknown> = {}
  for (const key in map) {
    const entry = unwrapTree(map[key])
    if (entry === undefined) continue
    // Written as a key, it would be the prototype.
    if (key === '__proto__') Object.defineProperty(plain, key, { ...ownField, value: entry })
    else plain[key] = entry
  }
  return plain
}

const ownField = { enumerable: true, configurable: true, writable: true }
