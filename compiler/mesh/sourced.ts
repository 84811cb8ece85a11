import type { SpecPath } from '../diagnostics/diagnostic.ts'
import type { Decision } from './decisions.ts'

/** A place in the spec, as a chain up to the root: cheap to make for every value, an array only when asked for. */
export class SpecNode {
  readonly parent: SpecNode | undefined
  readonly key: string | number

  constructor(parent: SpecNode | undefined, key: string | number) {
    this.parent = parent
    this.key = key
  }

  /** The place of an entry of this map or list. */
  at(key: string | number): SpecNode {
    return new SpecNode(this, key)
  }

  get path(): SpecPath {
    const keys: (string | number)[] = []
    for (let node: SpecNode | undefined = this; node !== undefined; node = node.parent) keys.push(node.key)
    return keys.reverse()
  }
}

/** The origin of a value: a place in the spec, or the name of a default or policy of meshc. */
export type Origin = SpecNode | Decision

/** A reason for a value: an origin, or another value with its own. */
export type Reason = Origin | Sourced<unknown>

/** A value with its origins. The origins of a map or list also apply to everything in it, in addition to the origins of each part. */
export class Sourced<T> {
  readonly value: T
  // Most values have one reason: a list round each would be a quarter of the memory of a mesh.
  private readonly reasons: Reason | readonly Reason[]

  constructor(value: T, reasons: Reason | readonly Reason[]) {
    this.value = value
    this.reasons = reasons
  }

  /**
   * The origins, each once, in the order of the reasons. Gathered when asked for: a build that is clean never
   * asks.
   */
  get origins(): readonly Origin[] {
    const { reasons } = this
    // Most values have one reason.
    if (isReason(reasons)) return reasons instanceof Sourced ? reasons.origins : [reasons]
    const origins = new Set<Origin>()
    for (const reason of reasons) {
      if (reason instanceof Sourced) for (const origin of reason.origins) origins.add(origin)
      else origins.add(reason)
    }
    return [...origins]
  }

  /** The first place of the spec among the origins: a diagnostic about the value points at it. */
  get place(): SpecNode | undefined {
    for (const reason of isReason(this.reasons) ? [this.reasons] : this.reasons) {
      if (reason instanceof SpecNode) return reason
      const place = reason instanceof Sourced ? reason.place : undefined
      if (place !== undefined) return place
    }
    return undefined
  }

  /** Makes another value from this one, with the same reasons. */
  map<U>(change: (value: T) => U): Sourced<U> {
    return new Sourced(change(this.value), this.reasons)
  }
}

const isReason = (reasons: Reason | readonly Reason[]): reasons is Reason =>
  typeof reasons === 'string' || reasons instanceof SpecNode || reasons instanceof Sourced

/** Removes all wrappers round a value. */
export function unwrap(value: unknown): unknown {
  let inner = value
  while (typeof inner === 'object' && inner instanceof Sourced) inner = inner.value
  return inner
}

/** A value that a place of the spec sets. */
export const from = <T>(node: SpecNode, value: T): Sourced<T> => new Sourced(value, node)

/** A value that meshc decides, under the name of the default or policy. */
export const decided = <T>(decision: Decision, value: T): Sourced<T> => new Sourced(value, decision)

/** A value that is as it is because of all of these; its own reasons, if it has some, come first. */
export function because<T>(value: T | Sourced<T>, ...reasons: Reason[]): Sourced<T> {
  if (!(value instanceof Sourced)) return new Sourced(value, reasons)
  if (reasons.length === 0) return value
  reasons.unshift(value)
  return new Sourced(value.value, reasons)
}

/** Makes one text of several values, for all their reasons; a plain string among them is part of the wording. */
export function text(
  strings: TemplateStringsArray,
  ...parts: readonly (string | Sourced<string | number>)[]
): Sourced<string> {
  const reasons = parts.filter(part => typeof part !== 'string')
  const value = strings.reduce((made, string, index) => {
    const part = parts[index - 1]!
    return `${made}${typeof part === 'string' ? part : part.value}${string}`
  })
  return new Sourced(value, reasons)
}
