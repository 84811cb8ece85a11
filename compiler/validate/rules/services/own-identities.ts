import { coversCaller, nameCaller } from '../../../mesh/caller.ts'
import { findSharedIdentities, isSameWorkload, makePrincipal } from '../../../mesh/identities.ts'
import type { Allow, Caller } from '../../../mesh/mesh.ts'
import { makeKeyParty, placeAt } from '../../../mesh/spec-place.ts'
import { defineRule } from '../../rule.ts'

/** mTLS proves a service account, not a service: a rule for one workload allows every workload with the same service account. */
export const ownIdentities = defineRule<{ caller: string; otherName: string; service: string }>(
  {
    code: 'MESH3005',
    severity: 'warning',
    summary: 'An allowed caller shares its service account with no caller that is not allowed',
    message: p =>
      `this lets \`${p.otherName}\` call \`${p.service}\` too: it has the service account of \`${p.caller}\``,
    help: p => `give \`${p.otherName}\` a service account of its own, or allow it by name`,
  },
  function* (mesh, report) {
    const shared = findSharedIdentities(mesh)
    if (shared.size === 0) return
    for (const service of mesh.services) {
      for (const { from } of service.allow) {
        if (from.kind !== 'service' && from.kind !== 'gateway') continue
        const caller = nameCaller(from)
        for (const workload of shared.get(makePrincipal(from)) ?? []) {
          const otherName = nameCaller(workload)
          if (
            isSameWorkload(workload, from) ||
            otherName === service.key ||
            isAllowed(workload, service.allow)
          )
            continue
          const related = makeKeyParty(
            workload.origin,
            `\`${otherName}\` runs as \`${makePrincipal(workload)}\``,
          )
          yield report(placeAt(from.origin), { caller, otherName, service: service.key }, [related])
        }
      }
    }
  },
)

/** Tells whether the spec allows a workload to call: by its name, or with others. */
const isAllowed = (workload: Caller, allow: readonly Allow[]) =>
  allow.some(({ from }) => {
    const isGroup = from.kind === 'namespace' || from.kind === 'anyone'
    return isGroup ? coversCaller(from, workload) : nameCaller(from) === nameCaller(workload)
  })
