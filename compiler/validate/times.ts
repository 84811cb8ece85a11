import type { TrafficPolicy } from '../mesh/mesh.ts'
import type { SpecNode } from '../mesh/sourced.ts'
import { isWrittenIn } from './places.ts'

/** Yields the times and tries of requests that a part of the spec itself sets. */
export function* listWrittenTimes(
  { timeout, retries }: Pick<TrafficPolicy, 'timeout' | 'retries'>,
  section: SpecNode,
): Iterable<SpecNode> {
  const nodes = { timeout: section.at('timeout'), retries: section.at('retries') }
  if (isWrittenIn(timeout, nodes.timeout)) yield nodes.timeout
  const { attempts, perTryTimeout, on } = retries
  const parts = perTryTimeout === undefined ? [attempts, on] : [attempts, perTryTimeout, on]
  if (parts.some(part => isWrittenIn(part, nodes.retries))) yield nodes.retries
}
