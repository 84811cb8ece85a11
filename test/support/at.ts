/** Returns the value at a path, or undefined if the path does not exist. */
export function at(value: unknown, ...path: readonly (string | number)[]): unknown {
  let result = value
  for (const step of path) {
    if (typeof result !== 'object' || result === null || !Object.hasOwn(result, step)) return undefined
    result = (result as Record<string | number, unknown>)[step]
  }
  return result
}

/** Returns the list at a path, or an empty list if the path does not exist. */
export function listAt(value: unknown, ...path: readonly (string | number)[]): readonly unknown[] {
  const result = at(value, ...path)
  if (result === undefined) return []
  if (!Array.isArray(result)) throw new Error(`${path.join('.')} is not a list`)
  return result
}

/** Returns the entries of the map at a path; none if the path does not exist. */
export const entriesAt = (value: unknown, ...path: readonly (string | number)[]): [string, unknown][] =>
  Object.entries((at(value, ...path) ?? {}) as object)
