import { callerName, coversCaller } from '../../mesh/caller.ts'
import { isSameWorkload, principalOf, sharedIdentities } from '../../mesh/identities.ts'
import type { Allow, Caller } from '../../mesh/mesh.ts'
import { at, keyParty } from '../places.ts'
import { defineRule } from '../rule.ts'

/** mTLS proves a service account, not a service: whoever runs as the same one is let in with whom the spec names. */
export const ownIdentities = defineRule<{ caller: string; other: string; service: string }>(
  {
    code: 'MESH3005',
    severity: 'warning',
    summary: 'Whoever is allowed to call shares the service account with nobody who is not',
    message: p =>
      `this lets \`${p.other}\` call \`${p.service}\` too: it runs as the account of \`${p.caller}\``,
    help: p => `give \`${p.other}\` a service account of its own, or allow it by name`,
  },
  function* (mesh, report) {
    const shared = sharedIdentities(mesh)
    if (shared.size === 0) return
    for (const service of mesh.services) {
      for (const { from } of service.allow) {
        if (from.kind !== 'service' && from.kind !== 'gateway') continue
        const caller = callerName(from)
        for (const workload of shared.get(principalOf(from)) ?? []) {
          const other = callerName(workload)
          if (isSameWorkload(workload, from) || other === service.key || isAllowed(workload, service.allow))
            continue
          const related = keyParty(workload.origin, `\`${other}\` runs as \`${principalOf(workload)}\``)
          yield report(at(from.origin), { caller, other, service: service.key }, [related])
        }
      }
    }
  },
)

/** Whether the spec says that a workload may call: by its name, or with others. */
const isAllowed = (workload: Caller, allow: readonly Allow[]) =>
  allow.some(({ from }) => {
    const isGroup = from.kind === 'namespace' || from.kind === 'anyone'
    return isGroup ? coversCaller(from, workload) : callerName(from) === callerName(workload)
  })
