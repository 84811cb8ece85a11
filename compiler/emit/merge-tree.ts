import { compare } from '../diagnostics/compare.ts'
import { Sourced, type SpecNode, unwrap } from '../mesh/sourced.ts'
import { addOrigins } from './sourced-tree.ts'

/**
 * Applies a merge patch whose values know their place in the spec. A replaced value loses its origins. New fields are sorted by name, so
 * their order in the spec has no effect.
 */
export function mergeTree(target: unknown, patch: unknown, origin: SpecNode): unknown {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch))
    return addOrigins(orderTree(patch), origin)
  const inner = unwrap(target)
  if (inner === undefined && Object.keys(patch).length === 0) return addOrigins(patch, origin)
  const isMap = typeof inner === 'object' && inner !== null && !Array.isArray(inner)
  // Without a prototype, so that a field named `__proto__` is a field like others.
  const fields: Record<string, unknown> = Object.assign(Object.create(null), isMap ? inner : {})
  for (const [key, entry] of sortedEntries(patch)) {
    if (entry === null) delete fields[key]
    else fields[key] = mergeTree(fields[key], entry, origin.at(key))
  }
  return target instanceof Sourced ? new Sourced(fields, target.origins) : fields
}

const sortedEntries = (map: object): readonly (readonly [string, unknown])[] =>
  Object.entries(map).sort(([a], [b]) => compare(a, b))

function orderTree(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(orderTree)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(sortedEntries(value).map(([key, entry]) => [key, orderTree(entry)]))
}
