/** Finds each entry of a list that has the same trait as one before it, with the first of these. */
export function findRepeated<T>(
  list: readonly T[],
  trait: (entry: T) => unknown,
): readonly (readonly [T, T])[] {
  if (list.length < 2 || !hasRepeated(list, trait)) return emptyList
  const first = new Map<unknown, T>()
  return list.flatMap(entry => {
    const key = trait(entry)
    const earlier = first.get(key)
    if (earlier === undefined) first.set(key, entry)
    return earlier === undefined ? [] : [[entry, earlier] as const]
  })
}

const emptyList: readonly never[] = []

/**
 * Tells whether a list repeats a trait; most lists are short and say nothing twice, which is quicker seen
 * than tabulated.
 */
function hasRepeated<T>(list: readonly T[], trait: (entry: T) => unknown): boolean {
  if (list.length > 8) return true
  for (let later = 1; later < list.length; later++) {
    const key = trait(list[later]!)
    for (let earlier = 0; earlier < later; earlier++) if (trait(list[earlier]!) === key) return true
  }
  return false
}
