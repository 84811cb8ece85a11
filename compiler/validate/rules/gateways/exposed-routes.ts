import { coversString, intersectStrings } from '../../../mesh/match.ts'
import type { Exposure, Route, StringMatch } from '../../../mesh/mesh.ts'
import { placeAt } from '../../../mesh/spec-place.ts'
import { printMatch } from '../../../mesh/string-match.ts'
import { findWrittenPlace, makeParty } from '../../places.ts'
import { defineRule } from '../../rule.ts'

/** At a gateway, one rule compares the exposed paths and the paths of the route: one comparison must express both. */
export const exposedRoutes = defineRule<{ route: string; why: string }>(
  {
    code: 'MESH3303',
    severity: 'error',
    summary: 'Envoy can match and rewrite the paths of an exposure together with those of its routes',
    message: p => `the route \`${p.route}\` does not fit this exposure: ${p.why}`,
    help: () => 'expose the paths of its routes, use a host of its own, or match headers in its routes',
  },
  function* (_, report, { exposures }) {
    for (const { service, exposure } of exposures) {
      for (const route of service.routes) {
        const conflict = findConflict(exposure, route)
        if (conflict === undefined) continue
        const { origin, why, related } = conflict
        const params = { route: route.name.value, why }
        yield report(placeAt(origin), params, makeParty(related, 'the route'))
      }
    }
  },
)

function findConflict({ paths, rewrite }: Exposure, { when, rewrite: ownRewrite, redirect }: Route) {
  const regex = when?.paths.find(({ value }) => 'regex' in value)
  if (paths.length > 0 && regex !== undefined) {
    const why = `\`${printMatch(regex.value)}\` cannot be compared with the exposed paths`
    return { origin: findWrittenPlace(paths[0])!, why, related: regex }
  }
  const replaced = ownRewrite?.path ?? (redirect?.path?.value.endsWith('*') ? redirect.path : undefined)
  if (replaced !== undefined) {
    const narrow = paths.find(({ value }) => when?.paths.some(path => isNarrower(value, path.value)))
    const why = 'it replaces a path prefix of which only a part is exposed'
    if (narrow !== undefined) return { origin: findWrittenPlace(narrow)!, why, related: replaced }
  }
  if (rewrite?.path !== undefined && redirect === undefined) {
    const origin = findWrittenPlace(rewrite.path)!
    if (ownRewrite?.path !== undefined)
      return { origin, why: 'both rewrite the path', related: ownRewrite.path }
    const path = when?.paths[0]
    if (path !== undefined)
      return { origin, why: 'it matches the path before the exposure rewrites it', related: path }
  }
  return undefined
}

/** Tells whether an exposed path cuts a part out of the path of a route. */
const isNarrower = (exposed: StringMatch, path: StringMatch) =>
  intersectStrings(exposed, path).kind === 'some' && !coversString(exposed, path)
