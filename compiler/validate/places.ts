import type { Place, Related } from '../diagnostics/diagnostic.ts'
import { isPathWithin } from '../diagnostics/is-path-within.ts'
import { Sourced, SpecNode } from '../mesh/sourced.ts'
import { placeAt, placeAtKey } from '../mesh/spec-place.ts'

/** The place that the spec has for a value; undefined for one that meshc decides. */
export const findWrittenPlace = (sourced: Sourced<unknown> | undefined): SpecNode | undefined =>
  sourced?.place

/** The place of a value in this part of the spec: where it writes the value, or else its own key. */
export function placeIn(section: SpecNode, sourced: Sourced<unknown>): Place {
  const written = findWrittenPlace(sourced)
  return written !== undefined && isPathWithin(written.path, section.path)
    ? placeAt(written)
    : placeAtKey(section)
}

/** Makes another party to a fault, unless the spec has no place for it. */
export function makeParty(
  what: SpecNode | Sourced<unknown> | undefined,
  message: string,
): readonly Related[] {
  const node = what instanceof Sourced ? findWrittenPlace(what) : what
  return node === undefined ? [] : [{ at: placeAt(node), message }]
}

/** Tells whether a value is written in this part of the spec, and not inherited from elsewhere. */
export const isWrittenIn = (sourced: Sourced<unknown>, section: SpecNode): boolean =>
  sourced.origins.some(origin => origin instanceof SpecNode && isPathWithin(origin.path, section.path))
