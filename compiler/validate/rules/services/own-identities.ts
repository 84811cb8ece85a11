import { coversCaller, nameCaller } from '../../../mesh/caller.ts'
import {
  findSharedIdentities,
  isSameWorkload,
  makePrincipal,
  type Workload,
} from '../../../mesh/identities.ts'
import type { Allow, Caller } from '../../../mesh/mesh.ts'
import { makeKeyParty, placeAt } from '../../../mesh/spec-place.ts'
import { defineRule } from '../../rule.ts'

/** mTLS proves a service account, not a service: a rule for one workload allows every workload with the same service account. */
export const ownIdentities = defineRule<{ caller: string; others: readonly string[]; service: string }>(
  {
    code: 'MESH3005',
    severity: 'warning',
    summary: 'An allowed caller shares its service account with no caller that is not allowed',
    message: ({ others, service, caller }) =>
      `this lets ${printOthers(others)} call \`${service}\` too: ${others.length === 1 ? 'it has' : 'they have'} the service account of \`${caller}\``,
    help: ({ others: [first = '', ...more], caller }) =>
      more.length === 0
        ? `give \`${first}\` a service account of its own, or allow it by name`
        : `give \`${caller}\` a service account of its own, or allow the others by name`,
  },
  function* (mesh, report) {
    const shared = findSharedIdentities(mesh)
    if (shared.size === 0) return
    const othersByKey = new Map<string, readonly Workload[]>()
    // Thousands of gateways may have the same proxies.
    const findOthers = (from: Workload) => {
      const key = makeWorkloadKey(from)
      const list = othersByKey.get(key) ?? listOthers(shared.get(makePrincipal(from)) ?? [], from)
      othersByKey.set(key, list)
      return list
    }
    for (const service of mesh.services) {
      for (const { from } of service.allow) {
        if (from.kind !== 'service' && from.kind !== 'gateway') continue
        const workloads = findOthers(from).filter(
          workload => nameCaller(workload) !== service.key && !isAllowed(workload, service.allow),
        )
        if (workloads.length === 0) continue
        const others = workloads.map(nameCaller)
        const related = workloads
          .slice(0, mostNamed)
          .map(workload =>
            makeKeyParty(
              workload.origin,
              `\`${nameCaller(workload)}\` runs as \`${makePrincipal(workload)}\``,
            ),
          )
        yield report(
          placeAt(from.origin),
          { caller: nameCaller(from), others, service: service.key },
          related,
        )
      }
    }
  },
)

/** Lists the workloads with a service account that are not the given one. */
const listOthers = (workloads: readonly Workload[], workload: Workload): readonly Workload[] =>
  workloads.filter(each => !isSameWorkload(each, workload))

/** Makes a key that only workloads with the same others share: gateways with one identity and one selector have the same proxies. */
const makeWorkloadKey = (workload: Workload): string =>
  workload.kind === 'gateway' && workload.gateway.installation === undefined
    ? JSON.stringify([
        makePrincipal(workload),
        workload.gateway.selector.map(([name, { value }]) => [name, value]),
      ])
    : nameCaller(workload)

/** Hundreds of workloads may share an account: a finding names the first ones. */
const mostNamed = 3

function printOthers(others: readonly string[]): string {
  const names = others.slice(0, mostNamed).map(name => `\`${name}\``)
  const rest = others.length - names.length
  const last = rest === 0 ? names.pop()! : rest === 1 ? 'one other' : `${rest} others`
  return names.length === 0 ? last : `${names.join(', ')} and ${last}`
}

/** Tells whether the spec allows a workload to call: by its name, or with others. */
const isAllowed = (workload: Caller, allow: readonly Allow[]) =>
  allow.some(({ from }) => {
    const isGroup = from.kind === 'namespace' || from.kind === 'anyone'
    return isGroup ? coversCaller(from, workload) : nameCaller(from) === nameCaller(workload)
  })
