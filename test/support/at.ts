/** The value at a path, undefined where there is none. */
export function at(value: unknown, ...path: readonly (string | number)[]): unknown {
  let result = value
  for (const step of path) {
    if (typeof result !== 'object' || result === null || !Object.hasOwn(result, step)) return undefined
    result = (result as Record<string | number, unknown>)[step]
  }
  return result
}

/** The list at a path; none where there is none. */
export function listAt(value: unknown, ...path: readonly (string | number)[]): readonly unknown[] {
  const result = at(value, ...path)
  if (result === undefined) return []
  if (!Array.isArray(result)) throw new Error(`${path.join('.')} is not a list`)
  return result
}

/** The entries of the map at a path; none where there is none. */
export const entriesAt = (value: unknown, ...path: readonly (string | number)[]): [string, unknown][] =>
  Object.entries((at(value, ...path) ?? {}) as object)
