import type { ModelObject } from '../behavior/model.ts'
import { isMap, listAt, mapAt } from '../behavior/read/values.ts'

/** A map of a manifest, as it is written. */
export type Tree = Readonly<Record<string, unknown>>

/** The `spec` of an object in its manifest, or an empty map. */
export const readObjectSpec = ({ source }: ModelObject): Tree => mapAt(source?.value, 'spec') ?? {}

/** The map at a field, or an empty map. */
export const readMap = (tree: Tree, field: string): Tree => mapAt(tree, field) ?? {}

/** The maps of a list at a field. */
export const readMaps = (tree: Tree, field: string): readonly Tree[] =>
  listAt(tree, field).map(entry => (isMap(entry) ? entry : {}))
