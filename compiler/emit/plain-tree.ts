import { unwrap } from '../mesh/sourced.ts'

/** A tree without its origins: what the printed text says. */
export function plainTree(tree: unknown): unknown {
  const value = unwrap(tree)
  if (Array.isArray(value)) return value.map(plainTree)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value)
    .map(([key, entry]) => [key, plainTree(entry)] as const)
    .filter(([, entry]) => entry !== undefined)
  return Object.fromEntries(entries)
}
