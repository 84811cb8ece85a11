import type { Match } from '../../../mesh/mesh.ts'
import type { Sourced } from '../../../mesh/sourced.ts'
import { placeAt } from '../../../mesh/spec-place.ts'
import type { Parts } from '../../parts.ts'
import { findWrittenPlace, makeParty } from '../../places.ts'
import { defineRule } from '../../rule.ts'

/** Envoy replaces a prefix as text: the rest of the path follows the replacement directly. */
export const joinedSlashes = defineRule<{ from: string; to: string; path: string; made: string }>(
  {
    code: 'MESH3112',
    severity: 'warning',
    summary: 'A path prefix and its replacement both end in a slash, or neither does',
    message: p => `\`${p.path}\` becomes \`${p.made}\``,
    help: p => `write \`${p.from.endsWith('/') ? `${p.to}/` : p.to.slice(0, -1) || `${p.from}/*`}\``,
  },
  function* (_, report, parts) {
    for (const { to, paths } of replacements(parts)) {
      const replacing = to.value.replace(/\*$/, '')
      for (const path of paths) {
        if (!('prefix' in path.value)) continue
        const { prefix } = path.value
        if (prefix.endsWith('/') === replacing.endsWith('/')) continue
        const rest = prefix.endsWith('/') ? 'orders' : '/orders'
        const params = { from: prefix, to: replacing, path: `${prefix}${rest}`, made: `${replacing}${rest}` }
        yield report(placeAt(findWrittenPlace(to)!), params, makeParty(path, 'the prefix that it replaces'))
      }
    }
  },
)

interface Replacement {
  readonly to: Sourced<string>
  readonly paths: Match['paths']
}

function* replacements({ rewrites, redirects }: Parts): Iterable<Replacement> {
  for (const { rewrite, paths } of rewrites) {
    if (rewrite.path !== undefined) yield { to: rewrite.path, paths }
  }
  for (const { route } of redirects) {
    const { redirect, when } = route
    if (redirect?.path?.value.endsWith('*')) yield { to: redirect.path, paths: when?.paths ?? [] }
  }
}
