import type { Difference } from '../../behavior/compare/difference.ts'
import { destinationWords } from '../../behavior/request-words.ts'
import { counted } from '../../diagnostics/counted.ts'
import type { Advice } from './advice.ts'

/** All ports that take plaintext now and did not. */
export const plaintextPorts: Advice = ({ difference, differences }) => {
  if (!isOpening(difference)) return []
  const ports = new Set(
    differences.filter(isOpening).flatMap(({ destinations }) => destinations.map(destinationWords)),
  )
  return [
    `${counted(ports.size, 'port')} ${ports.size === 1 ? 'takes' : 'take'} plaintext now: ${[...ports].sort().join(', ')}`,
  ]
}

const isOpening = ({ change, callers }: Difference): boolean =>
  change === 'weakened' && callers.every(caller => caller.kind === 'workload' && caller.plaintext)
