import type { Port, TrafficPolicy, Version } from '../mesh/mesh.ts'
import { because, from, type SpecNode } from '../mesh/sourced.ts'
import { emptyList, readLabels, sortKeys } from './fields.ts'
import { type PolicyLevel, refinePolicy, resolvePolicy } from './policy.ts'
import type { ServiceSpec } from './spec-sections.ts'

/** The parts of a service that its versions inherit from. */
interface VersionContext {
  readonly policy: TrafficPolicy
  readonly levels: readonly PolicyLevel[]
  readonly ports: readonly Port[]
}

/** The versions of a service that run side by side, sorted by name. */
export function resolveVersions(
  { versions: spec, port, ports: named }: ServiceSpec,
  service: SpecNode,
  { policy, levels, ports }: VersionContext,
): readonly Version[] {
  if (spec === undefined) return emptyList
  const refined = ports.flatMap(each => {
    const written = port ?? named?.[each.key]
    return each.refinement === undefined || typeof written !== 'object'
      ? []
      : [{ port: each, inherited: each.refinement.policy, level: { spec: written, node: each.origin } }]
  })
  const node = service.at('versions')
  return sortKeys(spec).map(key => {
    const place = node.at(key)
    const { version, labels } = spec[key]!
    const statedLabels = readLabels(labels, place, 'labels')
    const label =
      version === undefined
        ? because(key, place, 'default:version-label')
        : from(place.at('version'), version)
    const level = { spec: spec[key]!, node: place }
    const refinement = refinePolicy(level, levels, policy)
    return {
      origin: place,
      name: from(place, key),
      labels: statedLabels.length > 0 ? statedLabels : [['version', label]],
      refinement,
      atPorts:
        refinement === undefined
          ? emptyList
          : refined.map(each => ({
              port: each.port,
              policy: resolvePolicy([level, each.level, ...levels], each.inherited),
            })),
    }
  })
}
