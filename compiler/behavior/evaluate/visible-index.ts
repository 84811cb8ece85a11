/** Objects by what they are asked for, seen from a namespace: a mesh has thousands, and a request asks for a few. */
export class VisibleIndex<Key, Found extends { readonly exportTo: readonly string[] }> {
  private readonly byKey = new Map<Key, { readonly object: Found; readonly place: number }[]>()
  private readonly rank: (foundObject: Found, namespace: string) => number

  /**
   * @param keysOf what an object is asked for by; several times the same counts once
   * @param rank what a namespace sees first, where not the order of the objects decides: the lowest
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
    const places = new Map<Found, number>()
    const ranks = new Set<number>()
    let keyCount = 0
    for (const key of keys) {
      keyCount++
      for (const { object: foundObject, place } of this.byKey.get(key) ?? [])
        if (foundObject.exportTo.includes('*') || foundObject.exportTo.includes(namespace)) {
          places.set(foundObject, place)
          ranks.add(this.rank(foundObject, namespace))
        }
    }
    // Objects of one key are in order, unless some rank before others.
    if (keyCount === 1 && ranks.size <= 1) return [...places.keys()]
    return [...places]
      .sort(([a, before], [b, after]) => this.rank(a, namespace) - this.rank(b, namespace) || before - after)
      .map(([foundObject]) => foundObject)
  }
}
