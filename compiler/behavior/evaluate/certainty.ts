import type { Unmodelled } from '../result.ts'

/** A truth value; or the reason why it is not known. */
export type Certainty = boolean | Unmodelled

export const isKnown = (certainty: Certainty): certainty is boolean => typeof certainty === 'boolean'

/** Tells whether all items hold. One item that does not hold decides the answer, even if others are unknown. */
export function holdsForEvery<Item>(items: Iterable<Item>, holds: (item: Item) => Certainty): Certainty {
  let unknown: Unmodelled | undefined
  for (const item of items) {
    const certainty = holds(item)
    if (certainty === false) return false
    if (!isKnown(certainty)) unknown ??= certainty
  }
  return unknown ?? true
}

/** Tells whether any item holds. */
export function holdsForSome<Item>(items: Iterable<Item>, holds: (item: Item) => Certainty): Certainty {
  let unknown: Unmodelled | undefined
  for (const item of items) {
    const certainty = holds(item)
    if (certainty === true) return true
    if (!isKnown(certainty)) unknown ??= certainty
  }
  return unknown ?? false
}

export const negateCertainty = (certainty: Certainty): Certainty =>
  isKnown(certainty) ? !certainty : certainty
