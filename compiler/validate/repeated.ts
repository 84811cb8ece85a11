/** Each entry of a short list with the first one before it that has the same trait. */
export function* repeated<T>(list: readonly T[], trait: (entry: T) => unknown): Iterable<readonly [T, T]> {
  if (list.length < 2) return
  const first = new Map<unknown, T>()
  for (const entry of list) {
    const key = trait(entry)
    const other = first.get(key)
    if (other === undefined) first.set(key, entry)
    else yield [entry, other]
  }
}
