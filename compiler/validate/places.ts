import type { Place, Related } from '../diagnostics/diagnostic.ts'
import { isPathWithin } from '../diagnostics/is-path-within.ts'
import { Sourced, SpecNode } from '../mesh/sourced.ts'
import { placeAt, placeAtKey } from '../mesh/spec-place.ts'

/** The place of a value in the spec; undefined for a value that meshc decides. */
export const findWrittenPlace = (sourced: Sourced<unknown> | undefined): SpecNode | undefined =>
  sourced?.place

/** The place of a value in a part of the spec: the value as written there, or else the key of the part. */
export function placeIn(section: SpecNode, sourced: Sourced<unknown>): Place {
  const written = findWrittenPlace(sourced)
  return written !== undefined && isPathWithin(written.path, section.path)
    ? placeAt(written)
    : placeAtKey(section)
}

/** Makes a related place for a diagnostic, unless the spec has no place for the value. */
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
