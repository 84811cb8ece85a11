/** What is made of a list, once for each list as long as that lives: the lists of a model never change, and models share them. */
export function listIndex<Item, Index>(
  make: (list: readonly Item[]) => Index,
): (list: readonly Item[]) => Index {
  const known = new WeakMap<readonly Item[], { readonly index: Index }>()
  return list => {
    const found = known.get(list)
    if (found !== undefined) return found.index
    const index = make(list)
    known.set(list, { index })
    return index
  }
}
