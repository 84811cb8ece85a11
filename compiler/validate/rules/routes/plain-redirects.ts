import type { Route } from '../../../mesh/mesh.ts'
import type { SpecNode } from '../../../mesh/sourced.ts'
import { makeKeyParty, placeAtKey } from '../../../mesh/spec-place.ts'
import { findWrittenPlace } from '../../places.ts'
import { defineRule } from '../../rule.ts'
import { listWrittenTimes } from '../../times.ts'

/** The proxy answers a redirect itself: nothing is sent on that could be changed, copied, waited for or tried again. */
export const plainRedirects = defineRule<{ route: string; setting: string }>(
  {
    code: 'MESH3109',
    severity: 'error',
    summary: 'A route that redirects does nothing else',
    message: p => `\`${p.setting}\` of the route \`${p.route}\` has no effect: the route redirects`,
    help: p => `remove \`${p.setting}\`, or the \`redirect\``,
  },
  function* (_, report, { redirects }) {
    for (const { route } of redirects) {
      if (route.redirect === undefined || route.origin === undefined) continue
      const related = makeKeyParty(route.redirect.origin, 'the route redirects')
      for (const node of listForwardingSettings(route, route.origin)) {
        yield report(placeAtKey(node), { route: route.name.value, setting: String(node.key) }, [related])
      }
    }
  },
)

function* listForwardingSettings(route: Route, origin: SpecNode): Iterable<SpecNode> {
  const { rewrite, headers, mirror } = route
  if (rewrite !== undefined) yield rewrite.origin
  if (headers?.request !== undefined && operationsIn(headers.request)) yield headers.origin.at('request')
  const mirrored = findWrittenPlace(mirror[0]?.weight)
  if (mirrored !== undefined) yield mirrored.parent!
  yield* listWrittenTimes(route, origin)
}

const operationsIn = ({ set, add, remove }: NonNullable<Route['headers']>['request']) =>
  set.length + add.length + remove.length > 0
