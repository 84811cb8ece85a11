/** Objects by key, as a namespace sees them: a mesh has thousands of objects, and a request needs few of them. */
export class VisibleIndex<Key, Found extends { readonly exportTo: readonly string[] }> {
  private readonly byKey = new Map<Key, { readonly object: Found; readonly place: number }[]>()
  private readonly rank: (foundObject: Found, namespace: string) => number

  /**
   * @param keysOf the keys of an object; a duplicate counts once
   * @param rank the rank of an object for a namespace, the lowest first; objects of the same rank keep their order
   */
  constructor(
    objects: readonly Found[],
    keysOf: (foundObject: Found) => Iterable<Key>,
    rank: (foundObject: Found, namespace: string) => number,
  ) {
    this.rank = rank
    for (const [place, foundObject] of objects.entries())
      for (const key of new Set(keysOf(foundObject))) {
        const same = this.byKey.get(key)
        if (same === undefined) this.byKey.set(key, [{ object: foundObject, place }])
        else same.push({ object: foundObject, place })
      }
  }

  /**
   * Lists the objects of any of the keys that are exported to a namespace, each once, in the order in which it sees
   * them.
   */
  seenBy(namespace: string, keys: Iterable<Key>): readonly Found[] {
    const seen: { readonly object: Found; readonly place: number; readonly rank: number }[] = []
    let keyCount = 0
    let isOfOneRank = true
    for (const key of keys) {
      keyCount++
      const objects = this.byKey.get(key)
      if (objects === undefined) continue
      for (const { object: foundObject, place } of objects) {
        const { exportTo } = foundObject
        if (!exportTo.includes('*') && !exportTo.includes(namespace)) continue
        const rank = this.rank(foundObject, namespace)
        isOfOneRank &&= seen.length === 0 || seen[0]!.rank === rank
        seen.push({ object: foundObject, place, rank })
      }
    }
    // Objects of one key are in order, unless some rank before others.
    if (keyCount > 1 || !isOfOneRank) seen.sort((a, b) => a.rank - b.rank || a.place - b.place)
    const objects = seen.map(({ object: foundObject }) => foundObject)
    // An object of several keys is found several times.
    return keyCount > 1 && objects.length > 1 ? [...new Set(objects)] : objects
  }
}
