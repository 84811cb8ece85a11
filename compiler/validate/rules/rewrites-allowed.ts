import { intersectPaths } from '../../mesh/match.ts'
import { at, party, writtenAt } from '../places.ts'
import { rewrittenPaths } from '../rewritten-paths.ts'
import { defineRule } from '../rule.ts'

/** The caller's proxy rewrites, and the service's proxy asks who may: it sees the path that was written. */
export const rewritesAllowed = defineRule<{ service: string; route: string; to: string }>(
  {
    code: 'MESH3412',
    severity: 'error',
    summary: 'Somebody may call the path that a route rewrites to',
    message: p => `nobody may call \`${p.service}\` on \`${p.to}\`, where the route \`${p.route}\` leads`,
    help: () => 'policies see the path after it is rewritten: allow the new one',
  },
  function* ({ services }, report) {
    for (const { key: service, routes, allow } of services) {
      if (allow.length === 0) continue
      for (const { name, rewrite, when } of routes) {
        const to = rewrite?.path
        if (to === undefined) continue
        const seen = rewrittenPaths(when?.paths ?? [], rewrite)
        if (allow.some(({ paths }) => intersectPaths(paths, seen).kind !== 'never')) continue
        const related = allow.flatMap(({ paths }) => party(paths[0], 'what may be called'))
        yield report(at(writtenAt(to)!), { service, route: name.value, to: to.value }, related)
      }
    }
  },
)
