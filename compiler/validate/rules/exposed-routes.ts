import type { Exposure, Route } from '../../mesh/mesh.ts'
import { writtenMatch } from '../../mesh/string-match.ts'
import { at, party, writtenAt } from '../places.ts'
import { defineRule } from '../rule.ts'

/** At a gateway, one rule says which paths are exposed and which the route takes: both must fit into one comparison. */
export const exposedRoutes = defineRule<{ route: string; why: string }>(
  {
    code: 'MESH3303',
    severity: 'error',
    summary: 'The paths of an exposure and of the routes behind it can be compared and rewritten together',
    message: p => `the route \`${p.route}\` cannot be exposed so: ${p.why}`,
    help: () =>
      'expose the service on its own paths, or on a host of its own; or tell its routes apart by headers',
  },
  function* (_, report, { exposures }) {
    for (const { service, exposure } of exposures) {
      for (const route of service.routes) {
        const conflict = conflictOf(exposure, route)
        if (conflict === undefined) continue
        const { origin, why, other } = conflict
        const params = { route: route.name.value, why }
        yield report(at(origin), params, party(other, 'the route'))
      }
    }
  },
)

function conflictOf({ paths, rewrite }: Exposure, { when, rewrite: own, redirect }: Route) {
  const regex = when?.paths.find(({ value }) => 'regex' in value)
  if (paths.length > 0 && regex !== undefined) {
    const why = `\`${writtenMatch(regex.value)}\` cannot be compared with the exposed paths`
    return { origin: writtenAt(paths[0])!, why, other: regex }
  }
  if (rewrite?.path !== undefined && redirect === undefined) {
    const origin = writtenAt(rewrite.path)!
    if (own?.path !== undefined) return { origin, why: 'it rewrites the path too', other: own.path }
    const path = when?.paths[0]
    if (path !== undefined)
      return { origin, why: 'it compares the path before this rewrites it', other: path }
  }
  return undefined
}
