/** The value at a path, undefined where there is none. */
export function at(value: unknown, ...path: readonly (string | number)[]): unknown {
  let found = value
  for (const step of path) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, step)) return undefined
    found = (found as Record<string | number, unknown>)[step]
  }
  return found
}

/** The list at a path; none where there is none. */
export function listAt(value: unknown, ...path: readonly (string | number)[]): readonly unknown[] {
  const found = at(value, ...path)
  if (found === undefined) return []
  if (!Array.isArray(found)) throw new Error(`${path.join('.')} is not a list`)
  return found
}

/** The entries of the map at a path; none where there is none. */
export const entriesAt = (value: unknown, ...path: readonly (string | number)[]): [string, unknown][] =>
  Object.entries((at(value, ...path) ?? {}) as object)
