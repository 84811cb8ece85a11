/** What is made of a list, once for each list as long as that lives: the lists of a model never change, and models share them. */
export function listIndex<Item, Index>(
  make: (list: readonly Item[]) => Index,
): (list: readonly Item[]) => Index {
  return valueIndex(make)
}

/** The same of two lists or maps. */
export function pairIndex<One extends object, Other extends object, Index>(
  make: (one: One, other: Other) => Index,
): (one: One, other: Other) => Index {
  const indexes = valueIndex((one: One) => valueIndex((other: Other) => make(one, other)))
  return (one, other) => indexes(one)(other)
}

/** What is made of an object, once for each as long as that lives. */
export const objectIndex = valueIndex

function valueIndex<Value extends object, Index>(make: (value: Value) => Index): (value: Value) => Index {
  const known = new WeakMap<Value, { readonly index: Index }>()
  return value => {
    const found = known.get(value)
    if (found !== undefined) return found.index
    const index = make(value)
    known.set(value, { index })
    return index
  }
}
