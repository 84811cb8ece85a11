/** Each entry of a list with the first one before it that has the same trait. */
export function* repeated<T>(list: readonly T[], trait: (entry: T) => unknown): Iterable<readonly [T, T]> {
  if (list.length < 2 || !hasRepeated(list, trait)) return
  const first = new Map<unknown, T>()
  for (const entry of list) {
    const key = trait(entry)
    const other = first.get(key)
    if (other === undefined) first.set(key, entry)
    else yield [entry, other]
  }
}

/** Most lists are short and say nothing twice, which is quicker seen than tabulated. */
function hasRepeated<T>(list: readonly T[], trait: (entry: T) => unknown): boolean {
  if (list.length > 8) return true
  for (let later = 1; later < list.length; later++) {
    const key = trait(list[later]!)
    for (let earlier = 0; earlier < later; earlier++) if (trait(list[earlier]!) === key) return true
  }
  return false
}
