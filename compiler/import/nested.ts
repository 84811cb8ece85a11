import { isMap } from '../source/document.ts'

type Tree = Record<string, unknown>

/** Sets a value at a path of nested maps. The result is false, and the maps unchanged, if the path already has a value. */
export function setNested(tree: Tree, path: readonly string[], value: unknown): boolean {
  const [name, ...rest] = path
  if (name === undefined) return false
  const inner = Object.hasOwn(tree, name) ? tree[name] : undefined
  if (inner !== undefined && (rest.length === 0 || !isMap(inner))) return false
  if (rest.length === 0) {
    tree[name] = value
    return true
  }
  const below = (inner ?? {}) as Tree
  tree[name] = below
  return setNested(below, rest, value)
}
