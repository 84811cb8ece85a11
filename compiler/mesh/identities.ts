import type { Caller, Gateway, Mesh, Service } from './mesh.ts'
import { areSameProxies } from './same-proxies.ts'

/** A workload of the mesh as a caller. */
export type Workload = Extract<Caller, { kind: 'service' | 'gateway' }>

/** The SPIFFE identity that a workload proves. */
export const makePrincipal = (workload: Workload): string =>
  (workload.kind === 'service' ? workload.service : workload.gateway).principal.value

/** The identities that several workloads share, each with its workloads: a policy cannot distinguish them. */
export function findSharedIdentities({ services, gateways }: Mesh): ReadonlyMap<string, readonly Workload[]> {
  const first = new Map<string, Gateway | Service>()
  const shared = new Map<string, Workload[]>()
  for (const gateway of gateways) add(gateway)
  for (const service of services) add(service)
  return shared

  function add(entity: Gateway | Service): void {
    const principal = entity.principal.value
    const sharing = first.get(principal)
    if (sharing === undefined) first.set(principal, entity)
    else {
      const workloads = shared.get(principal)
      if (workloads === undefined)
        shared.set(principal, [makeIdentityWorkload(sharing), makeIdentityWorkload(entity)])
      else workloads.push(makeIdentityWorkload(entity))
    }
  }
}

/** Tells whether two callers are one workload: gateways with the same proxies, or services that select the same pods. */
export function isSameWorkload(a: Caller, b: Caller): boolean {
  if (a.kind === 'service') return b.kind === 'service' && a.service.samePods.includes(b.service)
  return a.kind === 'gateway' && b.kind === 'gateway' && areSameProxies(a.gateway, b.gateway)
}

const makeIdentityWorkload = (entity: Gateway | Service): Workload =>
  'key' in entity
    ? { kind: 'service', service: entity, origin: entity.origin }
    : { kind: 'gateway', gateway: entity, origin: entity.origin }
