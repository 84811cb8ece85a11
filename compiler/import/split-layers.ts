import { isMap } from '../source/document.ts'
import { isEqual } from '../source/is-equal.ts'
import type { Tree } from './read-object-spec.ts'

/** The specs of several environments as layers: the common values, and the own values of each. */
interface SplitSpecs {
  readonly base: Tree
  readonly layers: readonly Tree[]
}

/** Splits specs into the part that all share and the rest of each: over the base, a layer is the spec again. */
export function splitLayers(specs: readonly Tree[]): SplitSpecs {
  const [first = {}, ...others] = specs
  const base = others.reduce(findShared, first)
  return { base, layers: specs.map(spec => findRest(spec, base)) }
}

/** The fields that two maps have alike; lists are alike as a whole. */
function findShared(a: Tree, b: Tree): Tree {
  return Object.fromEntries(
    Object.entries(a).flatMap(([key, value]): [string, unknown][] => {
      const second = b[key]
      if (isEqual(value, second)) return [[key, value]]
      if (!isMap(value) || !isMap(second)) return []
      const shared = findShared(value, second)
      return Object.keys(shared).length === 0 ? [] : [[key, shared]]
    }),
  )
}

/** The fields of a map that a base does not have just so. */
function findRest(spec: Tree, base: Tree): Tree {
  return Object.fromEntries(
    Object.entries(spec).flatMap(([key, value]): [string, unknown][] => {
      const shared = base[key]
      if (isEqual(value, shared)) return []
      return [[key, isMap(value) && isMap(shared) ? findRest(value, shared) : value]]
    }),
  )
}
