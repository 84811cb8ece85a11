import type { Gate } from '../../schema/gates.ts'
import { isEqual } from '../source/is-equal.ts'
import type { Side, SideSpec } from './side.ts'

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
  /** The waivers that come with the change that they would let pass. */
  readonly ownWaivers: readonly Waiver[]
}

/** Finds the waivers that apply to a change: no change waives itself, so the spec before the change must have each of them unchanged. */
export function findWaiversSince(before: Side, after: Side): Waivers {
  const waivers = listWaivers(before)
  const isKnown = (waiver: Waiver) => waivers.some(otherWaiver => isEqual(otherWaiver, waiver))
  const all = listWaivers(after)
  return { counting: all.filter(isKnown), ownWaivers: all.filter(waiver => !isKnown(waiver)) }
}

/**
 * Finds the waivers of the spec of a new environment. No reviewer has agreed to it yet. A waiver counts if every
 * environment of the revision has the same one, as in a layer that they share.
 *
 * @param otherWaivers the waivers of each environment that the revision has
 */
export function findWaiversOfNew(otherWaivers: readonly (readonly Waiver[])[], after: Side): Waivers {
  const isKnown = (waiver: Waiver) =>
    otherWaivers.length > 0 &&
    otherWaivers.every(waivers => waivers.some(otherWaiver => isEqual(otherWaiver, waiver)))
  const all = listWaivers(after)
  return { counting: all.filter(isKnown), ownWaivers: all.filter(waiver => !isKnown(waiver)) }
}

/**
 * Finds the waivers that allow the removal of an environment: those of its own spec. No later build reports the end of one.
 *
 * @param today as `2027-01-31`
 */
export const findWaiversOfRemoved = (waivers: readonly Waiver[], today: string): Waivers => ({
  counting: waivers.filter(({ gate, until }) => gate === 'removed-environment' && until >= today),
  ownWaivers: [],
})

/** Lists the waivers of a spec that is not compared with its own earlier revision. */
export const listWaivers = ({
  spec,
}: {
  readonly spec: Pick<SideSpec, 'layers'> | undefined
}): readonly Waiver[] =>
  // The schema has checked the waivers of the working tree; other waivers are only compared with them.
  (spec?.layers.value['waive'] ?? []) as readonly Waiver[]
