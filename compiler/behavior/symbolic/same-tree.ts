import { unnamedClient } from '../client-certificate.ts'
import type { Condition } from './condition.ts'
import { isUnknown, type Tree } from './tree.ts'

type Part = Tree<object> | Condition

/**
 * Tells whether two trees have the same structure without unknown parts, so that they are one function. Most parts of two models
 * differ only in names. Trees with different structures may still be one function.
 */
export const isSameKnown = (a: Part, b: Part): boolean => new SameTrees().isSame(a, b)

/** Tells whether a tree has no unknown part in its structure. Sets of texts that are too large are detected later. */
export function knowsAll(tree: Part): boolean {
  const seen = new Set<Part>()
  const knows = (part: Part): boolean => {
    if (seen.has(part)) return true
    seen.add(part)
    switch (part.kind) {
      case 'leaf':
        return !isUnknown(part.leaf)
      case 'first':
        return (
          part.cases.every(([condition, then]) => knows(condition) && knows(then)) && knows(part.otherwise)
        )
      case 'each':
        return part.servers.every(({ answer }) => knows(answer))
      case 'all':
      case 'any':
        return part.parts.every(knows)
      case 'not':
        return knows(part.part)
      default:
        return part.kind !== 'unknown'
    }
  }
  return knows(tree)
}

class SameTrees {
  /** Pairs that are known to be the same. */
  readonly #known = new Map<Part, Set<Part>>()

  isSame(a: Part, b: Part): boolean {
    const parts = this.#known.get(a)
    if (parts?.has(b) === true) return true
    if (!this.#isAlike(a, b)) return false
    if (parts === undefined) this.#known.set(a, new Set([b]))
    else parts.add(b)
    return true
  }

  #isAlike(a: Part, b: Part): boolean {
    switch (a.kind) {
      case 'leaf':
        return b.kind === 'leaf' && !isUnknown(a.leaf) && isEqual(a.leaf, b.leaf)
      case 'first':
        return (
          b.kind === 'first' &&
          a.cases.length === b.cases.length &&
          a.cases.every(([condition, tree], index) => {
            const [otherCondition, otherTree] = b.cases[index]!
            return this.isSame(condition, otherCondition) && this.isSame(tree, otherTree)
          }) &&
          this.isSame(a.otherwise, b.otherwise)
        )
      case 'each':
        return (
          b.kind === 'each' &&
          a.servers.length === b.servers.length &&
          isEqual(a.routing, b.routing) &&
          a.servers.every(({ outcome, answer }, index) => {
            const server = b.servers[index]!
            return isEqual(outcome, server.outcome) && this.isSame(answer, server.answer)
          })
        )
      case 'all':
      case 'any':
        return (
          b.kind === a.kind &&
          a.parts.length === b.parts.length &&
          a.parts.every((part, index) => this.isSame(part, b.parts[index]!))
        )
      case 'not':
        return b.kind === 'not' && this.isSame(a.part, b.part)
      case 'token':
        return b.kind === 'token' && a.says === b.says && isEqual(a.rules, b.rules)
      case 'authorizer':
        return (
          b.kind === 'authorizer' &&
          a.authorizer === b.authorizer &&
          (['allow', 'deny'] as const).every(form => a.holds(form) === b.holds(form))
        )
      case 'certificate':
        return (
          b.kind === 'certificate' &&
          isEqual(a.names, b.names) &&
          [undefined, unnamedClient, ...a.names].every(name => a.holds(name) === b.holds(name))
        )
      case 'unknown':
        return false
      default:
        return isEqual(a, b)
    }
  }
}

/** Tells whether plain data are equal. */
function isEqual(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (Array.isArray(a))
    return Array.isArray(b) && a.length === b.length && a.every((value, index) => isEqual(value, b[index]))
  const keys = Object.keys(a)
  return (
    keys.length === Object.keys(b).length &&
    keys.every(key => Object.hasOwn(b, key) && isEqual(a[key as keyof typeof a], b[key as keyof typeof b]))
  )
}
