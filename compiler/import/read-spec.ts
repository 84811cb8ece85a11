import type { ModelObject } from '../behavior/model.ts'
import { isMap } from '../source/document.ts'

/** A map of a manifest, as it is written. */
export type Tree = Readonly<Record<string, unknown>>

/** The `spec` of an object as its manifest has it; an empty map where it has none. */
export const readSpec = ({ source }: ModelObject): Tree =>
  isMap(source?.value) && isMap(source.value['spec']) ? source.value['spec'] : {}

/** The map at a field; an empty map where there is none. */
export const readMap = (tree: Tree, field: string): Tree => {
  const value = tree[field]
  return isMap(value) ? value : {}
}

/** The maps of a list at a field. */
export const readMaps = (tree: Tree, field: string): readonly Tree[] => {
  const value = tree[field]
  return Array.isArray(value) ? value.map(entry => (isMap(entry) ? entry : {})) : []
}
