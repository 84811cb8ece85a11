import type { Match, StringMatch } from '../mesh/mesh.ts'
import { because, type Sourced, type SpecNode } from '../mesh/sourced.ts'
import { placeAt } from '../mesh/spec-place.ts'
import { listClaims } from './claims.ts'
import { emptyMatch } from './diagnostics.ts'
import { listSortedEntries, listSourcedEntries, type Report } from './fields.ts'
import type { MatchSpec, StringMatchSpec } from './spec-sections.ts'

/** The requests that a `when` matches. `owner` is the name of its part of the spec in messages. */
export function getMatch(spec: MatchSpec, node: SpecNode, owner: string, report: Report): Match {
  const match: Match = {
    origin: node,
    headers: matchFields(spec.headers, node, 'headers'),
    withoutHeaders: listSourcedEntries(spec.withoutHeaders, node, 'withoutHeaders'),
    query: matchFields(spec.query, node, 'query'),
    methods: listSourcedEntries(spec.methods, node, 'methods'),
    paths: listSourcedEntries(spec.paths, node, 'paths').map((path, index) =>
      matched(path, resolvePathMatch, node.at('paths').at(index)),
    ),
    claims: listClaims(spec.claims, node.at('claims')).map(([path, values]) => [
      path,
      values.map(value => value.map(resolveStringMatch)),
    ]),
  }
  const { headers, withoutHeaders, query, methods, paths, claims } = match
  const conditions = [headers, withoutHeaders, query, methods, paths, claims]
  if (conditions.every(({ length }) => length === 0)) report(emptyMatch(placeAt(node), { owner }))
  return match
}

const matchFields = (
  spec: MatchSpec['headers'],
  node: SpecNode,
  key: 'headers' | 'query',
): Match['headers'] =>
  listSortedEntries(spec, node, key).map(([name, value]) => [
    name,
    matched(value, resolveStringMatch, node.at(key).at(name)),
  ])

/** A comparison of the mesh. In the spec, a regular expression is one level deeper. */
function matched(
  written: Sourced<StringMatchSpec>,
  match: (written: StringMatchSpec) => StringMatch,
  node: SpecNode,
): Sourced<StringMatch> {
  const made = written.map(match)
  return typeof written.value === 'string' ? made : because(made, node.at('regex'))
}

/** `x*` is a beginning, `*` is any value. */
export function resolveStringMatch(written: StringMatchSpec): StringMatch {
  if (typeof written !== 'string') return { regex: written.regex }
  if (written === '*') return { present: true }
  return resolvePathMatch(written)
}

/** `/api/*` is everything that begins with `/api/`. */
export function resolvePathMatch(written: StringMatchSpec): StringMatch {
  if (typeof written !== 'string') return { regex: written.regex }
  return written.endsWith('*') ? { prefix: written.slice(0, -1) } : { exact: written }
}
