import { from, type Sourced, type SpecNode } from '../mesh/sourced.ts'

/** A value of the spec with each scalar sourced at its own place. */
export function addOrigins(value: unknown, origin: SpecNode): unknown {
  if (Array.isArray(value)) return value.map((item, index) => addOrigins(item, origin.at(index)))
  if (typeof value !== 'object' || value === null) return from(origin, value) satisfies Sourced<unknown>
  const entries = Object.entries(value).map(
    ([key, entry]) => [key, addOrigins(entry, origin.at(key))] as const,
  )
  return entries.length === 0 ? from(origin, {}) : Object.fromEntries(entries)
}
