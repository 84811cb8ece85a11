import { intersectPaths } from '../../../mesh/match.ts'
import type { Route, Service } from '../../../mesh/mesh.ts'
import { placeAt } from '../../../mesh/spec-place.ts'
import { findWrittenPlace, makeParty } from '../../places.ts'
import { rewritePaths } from '../../rewritten-paths.ts'
import { defineRule } from '../../rule.ts'

/** The caller's proxy rewrites the path, then the service's proxy checks the allow rules: they see the rewritten path. */
export const rewritesAllowed = defineRule<{ service: string; route: string; to: string }>(
  {
    code: 'MESH3412',
    severity: 'error',
    summary: 'A rule allows the path to which a route rewrites',
    message: p =>
      `the route \`${p.route}\` rewrites to \`${p.to}\`, where no caller may call \`${p.service}\``,
    help: () => 'allow the new path: policies see the path after the rewrite',
  },
  function* (_, report, { rewrites }) {
    for (const { service, rewrite, paths, route } of rewrites) {
      const to = rewrite.path
      if (route === undefined || to === undefined) continue
      const seen = rewritePaths(paths, rewrite)
      for (const { key, allow } of listReceivers(service, route)) {
        if (allow.length === 0) continue
        if (allow.some(rule => intersectPaths(rule.paths, seen).kind !== 'never')) continue
        const related = allow.flatMap(rule => makeParty(rule.paths[0], 'what may be called'))
        yield report(
          placeAt(findWrittenPlace(to)!),
          { service: key, route: route.name.value, to: to.value },
          related,
        )
      }
    }
  },
)

const listReceivers = (service: Service, { shares }: Route): Iterable<Service> =>
  service.namesServices ? new Set(shares.map(share => share.service ?? service)) : [service]
