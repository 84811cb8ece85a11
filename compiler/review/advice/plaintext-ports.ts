import type { Difference } from '../../behavior/compare/difference.ts'
import { describeDestination } from '../../behavior/request-words.ts'
import { printCount } from '../../diagnostics/counted.ts'
import type { Advice } from './advice.ts'

/** Advises on all ports that take plaintext now and did not. */
export const advisePlaintextPorts: Advice = ({ difference, differences }) => {
  if (!isOpening(difference)) return []
  const ports = new Set(
    differences.filter(isOpening).flatMap(({ destinations }) => destinations.map(describeDestination)),
  )
  return [
    `${printCount(ports.size, 'port')} ${ports.size === 1 ? 'takes' : 'take'} plaintext now: ${[...ports].sort().join(', ')}`,
  ]
}

const isOpening = ({ change, callers }: Difference): boolean =>
  change === 'weakened' && callers.every(caller => caller.kind === 'workload' && caller.plaintext)
