import type { Match, StringMatch } from '../mesh/mesh.ts'
import type { Sourced, SpecNode } from '../mesh/sourced.ts'
import { emptyMatch } from './diagnostics.ts'
import { at, entries, type Report, sortedEntries } from './fields.ts'
import type { MatchSpec, StringMatchSpec } from './spec-sections.ts'

/** The requests that a `when` means. `owner` is what a message calls the part of the spec that says it. */
export function matchOf(spec: MatchSpec, node: SpecNode, owner: string, report: Report): Match {
  const match: Match = {
    origin: node,
    headers: sortedEntries(spec.headers, node, 'headers').map(matched),
    withoutHeaders: entries(spec.withoutHeaders, node, 'withoutHeaders'),
    query: sortedEntries(spec.query, node, 'query').map(matched),
    methods: entries(spec.methods, node, 'methods'),
    paths: entries(spec.paths, node, 'paths').map(path => path.map(pathMatch)),
  }
  const { headers, withoutHeaders, query, methods, paths } = match
  const conditions = [headers, withoutHeaders, query, methods, paths]
  if (conditions.every(({ length }) => length === 0)) report(emptyMatch(at(node), { owner }))
  return match
}

const matched = ([name, value]: readonly [string, Sourced<StringMatchSpec>]) =>
  [name, value.map(stringMatch)] as const

/** `x*` is a beginning, `*` is any value. */
export function stringMatch(written: StringMatchSpec): StringMatch {
  if (typeof written !== 'string') return { regex: written.regex }
  if (written === '*') return { present: true }
  return pathMatch(written)
}

/** `/api/*` is everything that begins with `/api/`. */
export function pathMatch(written: StringMatchSpec): StringMatch {
  if (typeof written !== 'string') return { regex: written.regex }
  return written.endsWith('*') ? { prefix: written.slice(0, -1) } : { exact: written }
}
