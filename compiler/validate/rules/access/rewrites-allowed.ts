import { intersectPaths } from '../../../mesh/match.ts'
import { findWrittenPlace, makeParty, placeAt } from '../../places.ts'
import { rewritePaths } from '../../rewritten-paths.ts'
import { defineRule } from '../../rule.ts'

/** The caller's proxy rewrites, and the service's proxy asks who may: it sees the path that was written. */
export const rewritesAllowed = defineRule<{ service: string; route: string; to: string }>(
  {
    code: 'MESH3412',
    severity: 'error',
    summary: 'Somebody may call the path that a route rewrites to',
    message: p => `nobody may call \`${p.service}\` on \`${p.to}\`, where the route \`${p.route}\` leads`,
    help: () => 'policies see the path after it is rewritten: allow the new one',
  },
  function* (_, report, { rewrites }) {
    for (const { service, rewrite, paths, route } of rewrites) {
      const to = rewrite.path
      const { key, allow } = service
      if (route === undefined || to === undefined || allow.length === 0) continue
      const seen = rewritePaths(paths, rewrite)
      if (allow.some(rule => intersectPaths(rule.paths, seen).kind !== 'never')) continue
      const related = allow.flatMap(rule => makeParty(rule.paths[0], 'what may be called'))
      yield report(
        placeAt(findWrittenPlace(to)!),
        { service: key, route: route.name.value, to: to.value },
        related,
      )
    }
  },
)
