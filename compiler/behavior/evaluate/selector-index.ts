import { isSubset } from '../is-subset.ts'
import type { Labels } from '../model.ts'

/** Objects that select workloads of their namespace by labels: a mesh has thousands, and a workload has a few. */
export class SelectorIndex<Found extends { readonly namespace: string; readonly selector: Labels }> {
  /** With their places, by the first label of the selector: a workload with all labels of the selector has that one. */
  private readonly byLabel = new Map<string, { readonly found: Found; readonly place: number }[]>()

  constructor(objects: readonly Found[]) {
    for (const [place, found] of objects.entries()) {
      const [first] = Object.entries(found.selector)
      const key = first === undefined ? found.namespace : keyOfLabel(found.namespace, first)
      const alike = this.byLabel.get(key)
      if (alike === undefined) this.byLabel.set(key, [{ found, place }])
      else alike.push({ found, place })
    }
  }

  /** The objects of a namespace whose selector is a part of some labels, in their order. */
  selecting(namespace: string, labels: Labels): readonly Found[] {
    return [namespace, ...Object.entries(labels).map(label => keyOfLabel(namespace, label))]
      .flatMap(key => this.byLabel.get(key) ?? [])
      .filter(({ found }) => isSubset(found.selector, labels))
      .sort((a, b) => a.place - b.place)
      .map(({ found }) => found)
  }
}

const keyOfLabel = (namespace: string, [key, value]: readonly [string, string]) =>
  `${namespace}/${key}=${value}`
