import { Sourced, SpecNode } from '../../compiler/mesh/sourced.ts'

/** Lists each object below a value once, including entities that refer to each other. */
function* objectsIn(value: unknown, seen = new Set<object>()): Iterable<object> {
  if (typeof value !== 'object' || value === null || value instanceof SpecNode || seen.has(value)) return
  seen.add(value)
  yield value
  if (value instanceof Sourced) yield* objectsIn(value.value, seen)
  else for (const part of Object.values(value)) yield* objectsIn(part, seen)
}

/** Lists the sourced values in a mesh. */
export function* sourcedIn(value: unknown): Iterable<Sourced<unknown>> {
  for (const object of objectsIn(value)) if (object instanceof Sourced) yield object
}

/** Lists the origins of the values in a mesh: decisions by name, places as `services.cart.port.http`. */
export function originsIn(value: unknown): ReadonlySet<string> {
  const origins = new Set<string>()
  for (const object of objectsIn(value)) {
    if (!(object instanceof Sourced)) {
      for (const part of Object.values(object)) if (typeof part === 'string') origins.add(part)
      continue
    }
    for (const origin of object.origins)
      origins.add(origin instanceof SpecNode ? origin.path.join('.') : origin)
  }
  return origins
}

/**
 * Returns a mesh as plain values. Each sourced value has its origins. The first occurrence of an entity is
 * written out, and each later reference is its place in the spec.
 */
export function plain(mesh: object): unknown {
  const known = new Set<object>()
  const plain = (value: unknown): unknown => {
    if (value instanceof SpecNode) return `at ${value.path.join('.')}`
    if (value instanceof Sourced) return { value: plain(value.value), origins: value.origins.map(plain) }
    if (typeof value !== 'object' || value === null) return value
    if (Array.isArray(value)) return value.map(plain)
    const isEntity = 'origin' in value && 'key' in value
    if (isEntity && known.has(value)) return plain(value.origin)
    if (isEntity) known.add(value)
    const fields = Object.entries(value).map(([key, part]) => [key, plain(part)] as const)
    const callees = 'callees' in value ? [['callees', plain(value.callees)] as const] : []
    return Object.fromEntries([...fields, ...callees])
  }
  return plain(mesh)
}
