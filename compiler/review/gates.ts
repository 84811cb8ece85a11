import type { Gate } from '../../schema/gates.ts'
import type { Difference } from '../behavior/compare/difference.ts'

/** The gates that a difference would pass through. */
export function gatesOf({ section, change, callers, destinations }: Difference): readonly Gate[] {
  if (change === 'weakened') return ['mtls-downgrade']
  if (change !== 'opened') return []
  const isOutside = callers.some(({ kind }) => kind === 'outside')
  const isInside = callers.some(({ kind }) => kind === 'workload')
  const isExternal = section === 'egress' || destinations.some(({ isExternal }) => isExternal)
  return [
    ...(isInside && !isExternal ? (['new-access'] as const) : []),
    ...(isOutside ? (['new-exposure'] as const) : []),
    ...(isInside && isExternal ? (['new-egress'] as const) : []),
  ]
}
