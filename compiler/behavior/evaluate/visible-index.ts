/** Objects by what they are asked for, seen from a namespace: a mesh has thousands, and a request asks for a few. */
export class VisibleIndex<Key, Found extends { readonly exportTo: readonly string[] }> {
  private readonly byKey = new Map<Key, { readonly found: Found; readonly place: number }[]>()
  private readonly rank: (found: Found, namespace: string) => number

  /**
   * @param keysOf what an object is asked for by; several times the same counts once
   * @param rank what a namespace sees first, where not the order of the objects decides: the lowest
   */
  constructor(
    objects: readonly Found[],
    keysOf: (found: Found) => Iterable<Key>,
    rank: (found: Found, namespace: string) => number,
  ) {
    this.rank = rank
    for (const [place, found] of objects.entries())
      for (const key of new Set(keysOf(found))) {
        const same = this.byKey.get(key)
        if (same === undefined) this.byKey.set(key, [{ found, place }])
        else same.push({ found, place })
      }
  }

  /** Those of any of the keys that are exported to a namespace, each once, in the order in which it sees them. */
  seenBy(namespace: string, keys: Iterable<Key>): readonly Found[] {
    const places = new Map<Found, number>()
    const ranks = new Set<number>()
    let keyCount = 0
    for (const key of keys) {
      keyCount++
      for (const { found, place } of this.byKey.get(key) ?? [])
        if (found.exportTo.includes('*') || found.exportTo.includes(namespace)) {
          places.set(found, place)
          ranks.add(this.rank(found, namespace))
        }
    }
    // Objects of one key are in order, unless some rank before others.
    if (keyCount === 1 && ranks.size <= 1) return [...places.keys()]
    return [...places]
      .sort(([a, before], [b, after]) => this.rank(a, namespace) - this.rank(b, namespace) || before - after)
      .map(([found]) => found)
  }
}
