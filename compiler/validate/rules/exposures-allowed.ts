import { callerName, coversCaller } from '../../mesh/caller.ts'
import { intersectPaths } from '../../mesh/match.ts'
import type { Allow, Caller, Exposure } from '../../mesh/mesh.ts'
import { at, keyParty } from '../places.ts'
import { rewrittenPaths } from '../rewritten-paths.ts'
import { defineRule } from '../rule.ts'

/** What nobody declared is denied, at the service too: the gateway would lead every request to a 403. */
export const exposuresAllowed = defineRule<{ service: string; gateway: string; isNamed: boolean }>(
  {
    code: 'MESH3401',
    severity: 'error',
    summary: 'A service that is exposed at a gateway lets it call',
    message: p =>
      p.isNamed
        ? `\`${p.service}\` is exposed where it does not let \`${p.gateway}\` call: other ports or paths`
        : `\`${p.service}\` is exposed, and does not let \`${p.gateway}\` call`,
    help: p =>
      p.isNamed
        ? 'let the `ports` and `paths` of the two meet'
        : `add \`- from: ${p.gateway}\` to its \`allow\``,
  },
  function* (_, report, { exposures }) {
    for (const {
      service: { key: service, origin, allow },
      exposure,
    } of exposures) {
      const caller: Caller = { kind: 'gateway', gateway: exposure.gateway, origin: exposure.origin }
      const named = allow.filter(({ from }) => coversCaller(from, caller))
      if (named.some(rule => meets(rule, exposure))) continue
      const related =
        named.length > 0
          ? named.map(({ origin }) => ({ at: at(origin), message: 'it may call here only' }))
          : allow.length > 0
            ? [keyParty(origin.at('allow'), 'who may call')]
            : []
      const params = { service, gateway: callerName(caller), isNamed: named.length > 0 }
      yield report(at(exposure.origin), params, related)
    }
  },
)

/** Whether a rule lets some request through that the exposure sends. A service sees the path after it is rewritten. */
function meets({ ports, paths }: Allow, exposure: Exposure): boolean {
  const isOnPort = ports.length === 0 || ports.some(({ port }) => port === exposure.port)
  const seen = rewrittenPaths(exposure.paths, exposure.rewrite)
  const isOnPath = intersectPaths(paths, seen).kind !== 'never'
  return isOnPort && isOnPath
}
