import type { Objective } from '../mesh/mesh.ts'
import { from, type SpecNode } from '../mesh/sourced.ts'
import { emptyList, parsePercent, readField } from './fields.ts'
import type { ServiceSpec } from './spec-sections.ts'

const quantiles = [
  ['p50', 0.5],
  ['p90', 0.9],
  ['p95', 0.95],
  ['p99', 0.99],
] as const

/** Resolves the promise of a service. */
export function resolveObjective({ objective: spec }: ServiceSpec, service: SpecNode): Objective | undefined {
  if (spec === undefined) return undefined
  const node = service.at('objective')
  const { latency } = spec
  return {
    origin: node,
    availability: readField(spec, node, 'availability')?.map(parsePercent),
    latency:
      latency === undefined
        ? emptyList
        : quantiles.flatMap(([name, quantile]) => {
            const duration = latency[name]
            return duration === undefined ? [] : [[quantile, from(node.at('latency').at(name), duration)]]
          }),
  }
}
