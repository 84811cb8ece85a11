import type { Caller, Mesh } from './mesh.ts'

/** A workload of the mesh, as one that calls. */
export type Workload = Extract<Caller, { kind: 'service' | 'gateway' }>

/** The SPIFFE identity that a workload proves. */
export const principalOf = (workload: Workload): string =>
  (workload.kind === 'service' ? workload.service : workload.gateway).principal.value

/** The identities that several workloads have, each with these: a policy cannot tell them apart. */
export function sharedIdentities({ services, gateways }: Mesh): ReadonlyMap<string, readonly Workload[]> {
  const byPrincipal = new Map<string, Workload[]>()
  const add = (workload: Workload) => {
    const known = byPrincipal.get(principalOf(workload))
    if (known === undefined) byPrincipal.set(principalOf(workload), [workload])
    else known.push(workload)
  }
  for (const gateway of gateways) add({ kind: 'gateway', gateway, origin: gateway.origin })
  for (const service of services) add({ kind: 'service', service, origin: service.origin })
  for (const [principal, workloads] of byPrincipal) if (workloads.length < 2) byPrincipal.delete(principal)
  return byPrincipal
}
