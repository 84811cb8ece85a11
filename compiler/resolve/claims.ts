import type { ClaimPath } from '../mesh/mesh.ts'
import { from, type Sourced, type SpecNode } from '../mesh/sourced.ts'
import { sortKeys } from './fields.ts'
import type { ClaimsSpec } from './spec-sections.ts'

type ClaimValue = ClaimsSpec[string]

/** Lists the claims of a map with their values, each once, sorted by their names; nested maps lead into nested claims. */
export const listClaims = (
  spec: ClaimsSpec | undefined,
  node: SpecNode,
): readonly (readonly [ClaimPath, readonly Sourced<string>[]])[] =>
  spec === undefined ? [] : listBelow(spec, node, [])

function listBelow(
  map: Readonly<Record<string, ClaimValue>>,
  node: SpecNode,
  above: ClaimPath,
): readonly (readonly [ClaimPath, readonly Sourced<string>[]])[] {
  return sortKeys(map).flatMap(name => {
    const value = map[name]!
    const path = [...above, name]
    const place = node.at(name)
    if (typeof value === 'string' || Array.isArray(value)) return [[path, listValues(value, place)] as const]
    // A value that is neither a text nor a list is a map of nested claims.
    return listBelow(value as Readonly<Record<string, ClaimValue>>, place, path)
  })
}

/** Lists the headers of a map with their values, sorted by their names. */
export const listHeaderValues = (
  spec: Readonly<Record<string, string | readonly string[]>> | undefined,
  node: SpecNode,
): readonly (readonly [string, readonly Sourced<string>[]])[] =>
  spec === undefined ? [] : sortKeys(spec).map(name => [name, listValues(spec[name]!, node.at(name))])

/** Lists the values that a place has, one or several. */
const listValues = (value: string | readonly string[], place: SpecNode): readonly Sourced<string>[] =>
  typeof value === 'string' ? [from(place, value)] : value.map((entry, index) => from(place.at(index), entry))
