import { compare } from '../diagnostics/compare.ts'
import type { PathOwner } from '../mesh/mesh.ts'
import { measurePath } from '../mesh/path-owner.ts'
import { from, type SpecNode } from '../mesh/sourced.ts'
import { placeAtKey } from '../mesh/spec-place.ts'
import { unknownGatewayHost } from './diagnostics.ts'
import { emptyList, type Report, sortKeys } from './fields.ts'
import { resolvePathMatch } from './match.ts'
import type { GatewaySpec } from './spec-sections.ts'

/** Resolves the teams that own paths of the hosts of a gateway, sorted by host, the longest path first. */
export function resolvePathOwners(
  spec: GatewaySpec['owners'],
  gateway: SpecNode,
  name: string,
  hosts: readonly string[],
  report: Report,
): readonly PathOwner[] {
  if (spec === undefined) return emptyList
  const node = gateway.at('owners')
  return sortKeys(spec).flatMap(host => {
    const place = node.at(host)
    if (hosts.length > 0 && !hosts.includes(host)) {
      const related = { at: placeAtKey(gateway.at('hosts')), message: `the hosts of \`${name}\`` }
      report(unknownGatewayHost(placeAtKey(place), { gateway: name, host, legal: hosts }, [related]))
    }
    const teams = spec[host]!
    return sortKeys(teams)
      .map(path => {
        const origin = place.at(path)
        return { origin, host, path: resolvePathMatch(path), team: from(origin, teams[path]!) }
      })
      .toSorted(
        (a, b) =>
          measurePath(b.path) - measurePath(a.path) || compare(String(a.origin.key), String(b.origin.key)),
      )
  })
}
