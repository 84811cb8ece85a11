import type { Callee } from '../../../mesh/mesh.ts'
import { placeAt, placeAtKey } from '../../../mesh/spec-place.ts'
import { defineRule } from '../../rule.ts'

/** The hosts that the Sidecars of a mesh may list together. Ten thousand services that call a hundred others each list as many. */
const mostHosts = 1_000_000

/** The Sidecar of every service lists each open service: a short spec could produce more output than a disk holds. */
export const boundedScopes = defineRule<{ services: number; open: number }>(
  {
    code: 'MESH3016',
    severity: 'error',
    summary: 'The Sidecars of a mesh list at most a million hosts',
    message: p =>
      p.open > 0
        ? `${p.services} services see ${p.open} hosts that anyone may call: their Sidecars list more than ${mostHosts} entries`
        : `the Sidecars of ${p.services} services list more than ${mostHosts} hosts that these may call`,
    help: p =>
      p.open > 0
        ? 'name the callers: services, or a namespace as in `from: namespace/web`'
        : 'reduce what each service may call, or split the mesh into several',
  },
  function* ({ services, externals, publicCallees, sidecarScope }, report, { openRules }) {
    if (sidecarScope.value === 'all') return
    const open = publicCallees.reduce((sum, callee) => sum + countHosts(callee), 0)
    if (open * services.length > mostHosts) {
      const rules = [...openRules, ...externals.flatMap(({ allow }) => allow.map(allow => ({ allow })))]
      const rule = rules.find(({ allow }) => allow.from.kind === 'anyone')
      // Only the spec declares callers.
      yield report(placeAt(rule!.allow.from.origin), { services: services.length, open })
      return
    }
    let sum = open * services.length
    for (const service of services) {
      sum += service.callees.reduce((sum, callee) => sum + countHosts(callee), 0)
      if (sum <= mostHosts) continue
      yield report(placeAtKey(service.origin), { services: services.length, open: 0 })
      return
    }
  },
)

const countHosts = (callee: Callee): number => (callee.kind === 'external' ? callee.external.hosts.length : 1)
