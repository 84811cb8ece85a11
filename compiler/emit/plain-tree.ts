import { unwrap } from '../mesh/sourced.ts'

/** A tree without its origins: what the printed text says. */
export function plainTree(tree: unknown): unknown {
  const value = unwrap(tree)
  if (Array.isArray(value)) return value.map(plainTree)
  if (typeof value !== 'object' || value === null) return value
  const entries: [string, unknown][] = []
  for (const [key, entry] of Object.entries(value)) {
    const plain = plainTree(entry)
    if (plain !== undefined) entries.push([key, plain])
  }
  return Object.fromEntries(entries)
}
