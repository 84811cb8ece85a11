import { list } from '../../diagnostics/suggest.ts'
import { calleeName, callerName, coversCaller } from '../../mesh/caller.ts'
import { principalOf, sharedIdentities, type Workload } from '../../mesh/identities.ts'
import { intersectPaths } from '../../mesh/match.ts'
import type { Allow, Caller, Expectation } from '../../mesh/mesh.ts'
import { at, party } from '../places.ts'
import { defineRule } from '../rule.ts'

export const onlyCallers = defineRule<{ to: string; only: readonly string[]; who: string; isOpen: boolean }>(
  {
    code: 'MESH3801',
    severity: 'error',
    summary: 'Nobody reaches what is expected to be reached by others only',
    reads: ['services', 'external', 'gateways', 'namespaces', 'egress', 'istio'],
    message: p => {
      const only = p.only.length === 0 ? 'nobody' : `only ${list(p.only)}`
      const others = p.isOpen ? 'any service can: `egress` is `allow-any`' : `\`${p.who}\` can`
      return `${only} ${p.only.length > 1 ? 'are' : 'is'} expected to reach \`${p.to}\`, and ${others}`
    },
    help: p =>
      p.isOpen
        ? 'say `egress: registry-only`, or expect this where egress is closed'
        : `remove \`${p.who}\` from \`allow\`, or add it to \`only\``,
  },
  function* (mesh, report) {
    if (mesh.expectations.length === 0) return
    const shared = sharedIdentities(mesh)
    for (const expectation of mesh.expectations) {
      const { only, to, origin, reason } = expectation
      if (only === undefined) continue
      const place = at(origin.at('only'))
      const params = { to: calleeName(to), only: only.map(callerName), isOpen: false }
      const why = party(reason, 'why it must be so')
      if (to.kind === 'external' && mesh.egress.value === 'allow-any') {
        yield report(place, { ...params, who: '', isOpen: true }, [
          ...party(mesh.egress, 'egress is open'),
          ...why,
        ])
        continue
      }
      for (const { from, origin: allowed } of rulesFor(expectation)) {
        const others = to.kind === 'service' ? alike(from, shared) : []
        for (const caller of [from, ...others]) {
          if (isAmong(only, caller)) continue
          const message =
            caller === from ? 'this allows it' : `\`${callerName(caller)}\` has the same identity`
          yield report(place, { ...params, who: callerName(caller) }, [{ at: at(allowed), message }, ...why])
        }
      }
    }
  },
)

/** The rules that let some of the requests through that an expectation is about. */
function rulesFor({ to, method, path }: Expectation): readonly Pick<Allow, 'from' | 'origin'>[] {
  if (to.kind === 'external') return to.external.allow
  return to.service.allow.filter(({ methods, paths }) => {
    const isMethod =
      method === undefined || methods.length === 0 || methods.some(({ value }) => value === method.value)
    return isMethod && (path === undefined || intersectPaths(paths, [path]).kind !== 'never')
  })
}

/** Who else proves the identity that one workload proves. */
function alike(caller: Caller, shared: ReadonlyMap<string, readonly Workload[]>): readonly Caller[] {
  if (caller.kind !== 'service' && caller.kind !== 'gateway') return []
  return (shared.get(principalOf(caller)) ?? []).filter(other => callerName(other) !== callerName(caller))
}

/** Whether a list names a caller, or a group that it is one of. */
const isAmong = (only: readonly Caller[], caller: Caller) =>
  only.some(one => {
    const isGroup = one.kind === 'namespace' || one.kind === 'anyone'
    return isGroup ? coversCaller(one, caller) : callerName(one) === callerName(caller)
  })
