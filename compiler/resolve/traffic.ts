import type { Share, Version } from '../mesh/mesh.ts'
import { because, decided, from, type SpecNode } from '../mesh/sourced.ts'
import { unknownVersion } from './diagnostics.ts'
import { keyOf, percent, type Report, sortedKeys } from './fields.ts'
import type { TrafficSpec } from './spec-sections.ts'

/** The versions of a service, and how to call the service in a message. */
export interface Versioned {
  readonly service: string
  readonly versions: readonly Version[]
  /** Where the versions are declared. */
  readonly node: SpecNode
}

/** The shares of a `traffic` or `mirror`, sorted by version. */
export function sharesOf(
  spec: TrafficSpec,
  node: SpecNode,
  versioned: Versioned,
  report: Report,
): readonly Share[] {
  return sortedKeys(spec).flatMap(name => {
    const place = node.at(name)
    const version = findVersion(name, versioned)
    if (version === undefined) {
      reportUnknown(name, place, versioned, report)
      return []
    }
    return { origin: place, version, weight: from(place, percent(spec[name]!)) }
  })
}

/** Everything for the active version of a blue-green service. */
export function activeShare(
  name: string,
  node: SpecNode,
  versioned: Versioned,
  report: Report,
): readonly Share[] {
  const version = findVersion(name, versioned)
  if (version !== undefined) return [{ origin: node, version, weight: from(node, 100) }]
  reportUnknown(name, node, versioned, report)
  return []
}

const everything = decided('default:traffic', 100)
const unversioned: readonly Share[] = [{ origin: undefined, version: undefined, weight: everything }]

/** Everything for a service without versions, or for its only version; undefined where there are several. */
export function onlyShare({ versions }: Versioned): readonly Share[] | undefined {
  const [version, second] = versions
  if (version === undefined) return unversioned
  if (second !== undefined) return undefined
  return [{ origin: undefined, version, weight: because(100, version.name, everything) }]
}

const findVersion = (name: string, { versions }: Versioned) =>
  versions.find(version => version.name.value === name)

function reportUnknown(name: string, node: SpecNode, versioned: Versioned, report: Report): void {
  const { service, versions, node: declared } = versioned
  const legal = versions.map(version => version.name.value)
  const related =
    legal.length === 0 ? [] : [{ at: keyOf(declared), message: `the versions of \`${service}\`` }]
  report(unknownVersion(keyOf(node), { service, name, legal }, related))
}
