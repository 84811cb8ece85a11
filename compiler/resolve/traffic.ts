import type { Place } from '../diagnostics/diagnostic.ts'
import type { Share, Version } from '../mesh/mesh.ts'
import { because, decided, from, type SpecNode } from '../mesh/sourced.ts'
import { placeAt, placeAtKey } from '../mesh/spec-place.ts'
import { exclusiveFields, unknownVersion } from './diagnostics.ts'
import { dropUndefined, emptyList, parsePercent, type Report, sortKeys } from './fields.ts'
import { readReceiver, ServiceShare, type ShareLink } from './share-links.ts'
import type { ServiceSpec, TrafficSpec } from './spec-sections.ts'

/** A service as its routes see it. */
export interface RoutedService {
  readonly spec: ServiceSpec
  readonly node: SpecNode
  readonly key: string
  readonly versions: readonly Version[]
  /** The shares that name services, which are linked when every service is there. */
  readonly links: ShareLink[]
}

/**
 * Resolves the shares that a service itself sets for its requests: shares, the active version, or the only version. Undefined if it
 * has several versions and sets neither.
 */
export function resolveServiceShares(service: RoutedService, report: Report): readonly Share[] | undefined {
  const { spec, node, key } = service
  const { traffic, active } = spec
  if (traffic !== undefined && active !== undefined) {
    const help = '`active` gives everything to one version, `traffic` shares it: keep one'
    const related = { at: placeAtKey(node.at('active')), message: 'its `active`' }
    const params = { owner: `\`${key}\``, first: 'traffic', second: 'active', help }
    report(exclusiveFields(placeAtKey(node.at('traffic')), params, [related]))
  }
  if (hasShares(traffic)) return resolveShares(traffic, node.at('traffic'), service, report)
  if (active !== undefined) return activeShare(active, node.at('active'), service, report)
  return onlyShare(service.versions)
}

/** Tells whether shares are set at all: a layer may have taken the last of them away. */
export const hasShares = (traffic: TrafficSpec | undefined): traffic is TrafficSpec =>
  traffic !== undefined && Object.keys(traffic).length > 0

/** The shares of a `traffic` or `mirror`, sorted by receiver. */
export function resolveShares(
  spec: TrafficSpec,
  node: SpecNode,
  service: RoutedService,
  report: Report,
): readonly Share[] {
  return dropUndefined(
    sortKeys(spec).map(name => {
      const origin = node.at(name)
      const receiver = readReceiver(name)
      if (receiver !== undefined) {
        const share = new ServiceShare(origin, from(origin, parsePercent(spec[name]!)))
        service.links.push({ owner: service.key, share, ...receiver })
        return share
      }
      const version = findVersion(name, service.versions)
      if (version !== undefined)
        return { origin, service: undefined, version, weight: from(origin, parsePercent(spec[name]!)) }
      reportUnknown(name, placeAtKey(origin), service, report)
      return undefined
    }),
  )
}

function activeShare(name: string, node: SpecNode, service: RoutedService, report: Report): readonly Share[] {
  const version = findVersion(name, service.versions)
  if (version !== undefined) return [{ origin: node, service: undefined, version, weight: from(node, 100) }]
  reportUnknown(name, placeAt(node), service, report)
  return emptyList
}

const fullWeight = decided('default:traffic', 100)
const unversioned: readonly Share[] = [
  { origin: undefined, service: undefined, version: undefined, weight: fullWeight },
]

function onlyShare([version, second]: readonly Version[]): readonly Share[] | undefined {
  if (version === undefined) return unversioned
  if (second !== undefined) return undefined
  return [{ origin: undefined, service: undefined, version, weight: because(100, version.name, fullWeight) }]
}

const findVersion = (name: string, versions: readonly Version[]) =>
  versions.find(version => version.name.value === name)

function reportUnknown(name: string, place: Place, service: RoutedService, report: Report): void {
  const { key, versions } = service
  const declared = { at: placeAtKey(service.node.at('versions')), message: `the versions of \`${key}\`` }
  const legal = versions.map(version => version.name.value)
  const related = legal.length === 0 ? emptyList : [declared]
  report(unknownVersion(place, { service: key, name, legal }, related))
}
