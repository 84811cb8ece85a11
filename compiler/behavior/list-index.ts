/** Makes an index of a list once, for as long as the list lives: the lists of a model never change, and models share them. */
export function listIndex<Item, Index>(
  make: (list: readonly Item[]) => Index,
): (list: readonly Item[]) => Index {
  return valueIndex(make)
}

/** The same of two lists or maps. */
export function pairIndex<One extends object, Other extends object, Index>(
  make: (a: One, b: Other) => Index,
): (a: One, b: Other) => Index {
  const indexes = valueIndex((first: One) => valueIndex((second: Other) => make(first, second)))
  return (a, b) => indexes(a)(b)
}

/** Makes an index of an object once, for as long as the object lives. */
export const objectIndex = valueIndex

function valueIndex<Value extends object, Index>(make: (value: Value) => Index): (value: Value) => Index {
  const indexes = new WeakMap<Value, { readonly index: Index }>()
  return value => {
    const foundIndex = indexes.get(value)
    if (foundIndex !== undefined) return foundIndex.index
    const index = make(value)
    indexes.set(value, { index })
    return index
  }
}
