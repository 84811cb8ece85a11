import type { Caller, Gateway, Mesh, Service } from './mesh.ts'

/** A workload of the mesh, as one that calls. */
export type Workload = Extract<Caller, { kind: 'service' | 'gateway' }>

/** The SPIFFE identity that a workload proves. */
export const principalOf = (workload: Workload): string =>
  (workload.kind === 'service' ? workload.service : workload.gateway).principal.value

/** The identities that several workloads have, each with these: a policy cannot tell them apart. */
export function sharedIdentities({ services, gateways }: Mesh): ReadonlyMap<string, readonly Workload[]> {
  const first = new Map<string, Gateway | Service>()
  const shared = new Map<string, Workload[]>()
  for (const gateway of gateways) add(gateway)
  for (const service of services) add(service)
  return shared

  function add(entity: Gateway | Service): void {
    const principal = entity.principal.value
    const other = first.get(principal)
    if (other === undefined) first.set(principal, entity)
    else {
      const known = shared.get(principal)
      if (known === undefined) shared.set(principal, [workload(other), workload(entity)])
      else known.push(workload(entity))
    }
  }
}

/** Whether two callers are one workload: a gateway, or services that select the same pods. */
export function isSameWorkload(one: Caller, other: Caller): boolean {
  if (one.kind === 'service') return other.kind === 'service' && one.service.samePods.includes(other.service)
  return one.kind === 'gateway' && other.kind === 'gateway' && one.gateway === other.gateway
}

const workload = (entity: Gateway | Service): Workload =>
  'key' in entity
    ? { kind: 'service', service: entity, origin: entity.origin }
    : { kind: 'gateway', gateway: entity, origin: entity.origin }
