import { compare } from '../diagnostics/compare.ts'
import type { Callee, External } from '../mesh/mesh.ts'
import { findDestination, findHost, type ServiceEntity } from './service-entity.ts'

/**
 * Reverses every edge: the destination declares it, and it becomes a callee of its caller. Fills the callees of services.
 *
 * @returns the callees that anyone may call, sorted by host
 */
export function linkCallees(
  services: ReadonlyMap<string, ServiceEntity>,
  externals: readonly External[],
): readonly Callee[] {
  const anyone: Callee[] = []
  const namespaces = new Map<string, Callee[]>()
  // In the order of hosts, so that every list is sorted as it grows, and a repeated edge follows the first.
  for (const destination of listCallees(services, externals)) {
    for (const { from: caller } of findDestination(destination).allow) {
      const callee = calleeAt(destination, caller.origin)
      if (caller.kind === 'service') addCallee(callee, services.get(caller.service.key)!.ownCallees)
      else if (caller.kind === 'anyone') addCallee(callee, anyone)
      else if (caller.kind === 'namespace') addCallee(callee, readList(caller.namespace.value))
    }
  }
  for (const service of services.values()) {
    service.namespaceCallees = namespaces.get(service.namespace.value) ?? service.namespaceCallees
  }
  return anyone

  function readList(namespace: string): Callee[] {
    const list = namespaces.get(namespace) ?? []
    namespaces.set(namespace, list)
    return list
  }
}

const calleeAt = (destination: Callee, origin: Callee['origin']): Callee =>
  destination.kind === 'service'
    ? { kind: 'service', service: destination.service, origin }
    : { kind: 'external', external: destination.external, origin }

const listCallees = (
  services: ReadonlyMap<string, ServiceEntity>,
  externals: readonly External[],
): Callee[] =>
  [
    ...[...services.values()].map(service => ({ kind: 'service', service, origin: service.origin }) as const),
    ...externals.map(external => ({ kind: 'external', external, origin: external.origin }) as const),
  ].sort((a, b) => compare(findHost(a), findHost(b)))

/** An edge that is declared twice is one callee. */
function addCallee(callee: Callee, list: Callee[]): void {
  const last = list.at(-1)
  if (last === undefined || findDestination(last) !== findDestination(callee)) list.push(callee)
}
