import type { Gate } from '../../schema/gates.ts'
import { isEqual } from '../source/is-equal.ts'
import type { Side } from './side.ts'

/** A change of behavior that the spec lets pass: an entry of `waive`. */
export interface Waiver {
  readonly gate: Gate
  readonly from?: string
  readonly to?: string
  readonly because: string
  readonly owner: string
  readonly until: string
}

/** The waivers of an environment, by whether they count. */
export interface Waivers {
  readonly counting: readonly Waiver[]
  /** Those that come with the change that they would let pass. */
  readonly own: readonly Waiver[]
}

/** What the spec after a change lets pass of it: no change waives itself, so that what was before has each just so. */
export function waiversSince(before: Side, after: Side): Waivers {
  const known = waiversOf(before)
  const isKnown = (waiver: Waiver) => known.some(other => isEqual(other, waiver))
  const all = waiversOf(after)
  return { counting: all.filter(isKnown), own: all.filter(waiver => !isKnown(waiver)) }
}

/** What a spec lets pass that is held against something else than what it was. */
export const waiversOf = ({ spec }: Side): readonly Waiver[] =>
  // The schema has looked at those of the working tree; others are only held against them.
  (spec?.layers.value['waive'] ?? []) as readonly Waiver[]
