import { coversCaller } from '../mesh/caller.ts'
import type { Caller, Mesh, Service } from '../mesh/mesh.ts'
import type { Sourced } from '../mesh/sourced.ts'

/** The address of a Service of the cluster that proxies ask about requests. */
interface Asked {
  readonly host: Sourced<string>
  readonly port: Sourced<number>
  readonly namespace: Sourced<string>
}

/** Finds the service of the spec that denies the questions of a caller; `undeclared`: none of the spec allows them. */
export function findDenying(mesh: Mesh, caller: Caller, asked: Asked): Service | 'undeclared' | undefined {
  const service = mesh.services.find(({ host }) => host.value === asked.host.value)
  if (service === undefined) {
    const home = mesh.namespaces.find(({ name }) => name.value === asked.namespace.value)
    if (!home?.hasServices || home.injection.value !== 'on' || mesh.access.value === 'open') return undefined
    return mesh.surroundings.objects.size > 0 ? undefined : 'undeclared'
  }
  const isAllowed = service.allow.some(
    ({ from, ports }) =>
      coversCaller(from, caller) &&
      (ports.length === 0 || ports.some(({ port }) => port.number.value === asked.port.value)),
  )
  return isAllowed ? undefined : service
}
