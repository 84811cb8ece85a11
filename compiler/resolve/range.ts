import type { Decision } from '../mesh/decisions.ts'
import type { Replicas, Resources } from '../mesh/mesh.ts'
import { parseCpu, parseMemory } from '../mesh/quantity.ts'
import { because, decided, type Sourced, type SpecNode } from '../mesh/sourced.ts'
import { readField } from './fields.ts'
import type { ReplicasSpec, ResourcesSpec } from './spec-sections.ts'

/** Resolves the bounds between which the autoscaler chooses. */
export function resolveReplicas(
  spec: ReplicasSpec | undefined,
  node: SpecNode,
  decision: Decision,
  [min, max]: readonly [number, number],
): Replicas {
  const range = between(
    readField(spec, node, 'min'),
    readField(spec, node, 'max'),
    decision,
    min,
    max,
    count => count,
  )
  return { min: range.low, max: range.high }
}

/**
 * Resolves the resources that a container reserves and never exceeds; `cpu` and `memory` are the defaults of
 * the two.
 */
export function resolveResources(
  spec: ResourcesSpec | undefined,
  node: SpecNode,
  decision: Decision,
  { cpu: [minCpu, maxCpu], memory: [minMemory, maxMemory] }: ResourceDefaults,
): Resources {
  const requests = node.at('requests')
  const limits = node.at('limits')
  const cpu = between(
    readField(spec?.requests, requests, 'cpu'),
    readField(spec?.limits, limits, 'cpu'),
    decision,
    minCpu,
    maxCpu,
    parseCpu,
  )
  const memory = between(
    readField(spec?.requests, requests, 'memory'),
    readField(spec?.limits, limits, 'memory'),
    decision,
    minMemory,
    maxMemory,
    parseMemory,
  )
  return {
    requests: { cpu: cpu.low, memory: memory.low },
    limits: { cpu: cpu.high, memory: memory.high },
  }
}

interface ResourceDefaults {
  readonly cpu: readonly [string, string]
  readonly memory: readonly [string, string]
}

/** Resolves two bounds, of which the spec may set one: meshc's default for the other never contradicts it. */
function between<T>(
  low: Sourced<T> | undefined,
  high: Sourced<T> | undefined,
  decision: Decision,
  defaultLow: T,
  defaultHigh: T,
  size: (value: T) => number,
): { readonly low: Sourced<T>; readonly high: Sourced<T> } {
  if (low === undefined) {
    if (high === undefined)
      return { low: decided(decision, defaultLow), high: decided(decision, defaultHigh) }
    const value = size(defaultLow) <= size(high.value) ? defaultLow : high.value
    return { low: because(value, decision, high), high }
  }
  if (high !== undefined) return { low, high }
  const value = size(defaultHigh) >= size(low.value) ? defaultHigh : low.value
  return { low, high: because(value, decision, low) }
}
