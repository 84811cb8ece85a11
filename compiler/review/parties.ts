import type { CallerName, DestinationName } from '../behavior/pairs/names.ts'
import type { Mesh } from '../mesh/mesh.ts'

/** The names that a spec gives the workloads and hosts of its mesh. */
export interface Parties {
  /** The names of workloads by `namespace/workload`: `my-api`, `gateway/public`. */
  readonly workloads: ReadonlyMap<string, string>
  /** The names of hosts: `my-api`, `external/stripe`. */
  readonly hosts: ReadonlyMap<string, string>
}

/** The names of a spec, as `waive` and `expect` use them. */
export function listParties({ services, gateways, externals }: Mesh): Parties {
  const workloads = new Map<string, string>()
  const hosts = new Map<string, string>()
  for (const { key, name, namespace, host, versions } of services) {
    hosts.set(host.value, key)
    workloads.set(`${namespace.value}/${name.value}`, key)
    for (const version of versions)
      workloads.set(`${namespace.value}/${name.value}-${version.name.value}`, key)
  }
  for (const { name, namespace, workload } of gateways)
    workloads.set(`${namespace.value}/${workload.value}`, `gateway/${name.value}`)
  for (const external of externals)
    for (const host of external.hosts) hosts.set(host.value, `external/${external.key}`)
  return { workloads, hosts }
}

/** Names a caller in the words of the spec, or as `namespace/workload` if the spec does not have it. */
export function nameCallerParty(caller: CallerName, parties: Parties | undefined): string {
  const { namespace, name } = caller.kind === 'outside' ? caller.gateway : caller
  return parties?.workloads.get(`${namespace}/${name}`) ?? `${namespace}/${name}`
}

/** Names a destination in the words of the spec, or by its host if the spec does not have it. */
export const nameDestinationParty = ({ host }: DestinationName, parties: Parties | undefined): string =>
  parties?.hosts.get(host) ?? host
