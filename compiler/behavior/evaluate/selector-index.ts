import { isSubset } from '../is-subset.ts'
import type { Labels } from '../model.ts'

interface Selecting<Found> {
  readonly object: Found
  readonly selector: Labels
  /** Its place among all objects. */
  readonly place: number
}

/** Objects that select workloads of their namespace by labels: a mesh has thousands, and a workload has a few. */
export class SelectorIndex<Found extends { readonly namespace: string }> {
  /** The objects by the first label of the selector: a workload with all labels of the selector has that one. */
  private readonly byLabel = new Map<string, Selecting<Found>[]>()

  /** @param selectorOf gives the labels that an object selects; undefined leaves the object out */
  constructor(objects: readonly Found[], selectorOf: (foundObject: Found) => Labels | undefined) {
    for (const [place, foundObject] of objects.entries()) {
      const selector = selectorOf(foundObject)
      if (selector === undefined) continue
      const [first] = Object.entries(selector)
      const key = first === undefined ? foundObject.namespace : makeLabelKey(foundObject.namespace, first)
      const alike = this.byLabel.get(key)
      const selecting = { object: foundObject, selector, place }
      if (alike === undefined) this.byLabel.set(key, [selecting])
      else alike.push(selecting)
    }
  }

  /** The objects of a namespace whose selector is a subset of some labels, in their order. */
  selecting(namespace: string, labels: Labels): readonly Found[] {
    const selecting: Selecting<Found>[] = []
    const look = (key: string) => {
      for (const each of this.byLabel.get(key) ?? [])
        if (isSubset(each.selector, labels)) selecting.push(each)
    }
    look(namespace)
    for (const label of Object.entries(labels)) look(makeLabelKey(namespace, label))
    if (selecting.length > 1) selecting.sort((a, b) => a.place - b.place)
    return selecting.map(({ object: foundObject }) => foundObject)
  }
}

const makeLabelKey = (namespace: string, [key, value]: readonly [string, string]) =>
  `${namespace}/${key}=${value}`
