import type { Version } from '../mesh/mesh.ts'
import { because, from, type SpecNode } from '../mesh/sourced.ts'
import { nothing, readLabels, sortKeys } from './fields.ts'
import type { ServiceSpec } from './spec-sections.ts'

/** The versions of a service that run side by side, sorted by name. */
export function resolveVersions({ versions: spec }: ServiceSpec, service: SpecNode): readonly Version[] {
  if (spec === undefined) return nothing
  const node = service.at('versions')
  return sortKeys(spec).map(key => {
    const place = node.at(key)
    const { version, labels } = spec[key]!
    const statedLabels = readLabels(labels, place, 'labels')
    const label =
      version === undefined
        ? because(key, place, 'default:version-label')
        : from(place.at('version'), version)
    return {
      origin: place,
      name: from(place, key),
      labels: statedLabels.length > 0 ? statedLabels : [['version', label]],
    }
  })
}
