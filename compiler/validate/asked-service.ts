import { coversCaller } from '../mesh/caller.ts'
import type { Caller, Mesh, Port, Service } from '../mesh/mesh.ts'
import type { Sourced } from '../mesh/sourced.ts'

/** The address of a Service of the cluster that proxies ask about requests. */
interface Asked {
  readonly host: Sourced<string>
  readonly port: Sourced<number>
  readonly namespace: Sourced<string>
}

/**
 * Finds the service of the spec that denies the authorization or rate-limit requests of a caller; `undeclared`: no service of the
 * spec allows them.
 */
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

/**
 * Finds the services that call each other in a loop, starting with the given one; undefined if the chain of calls ends.
 * @param findAsked finds the service that the proxies of a service call; services with the same pods have the same
 */
export function findLoop(
  { services }: Mesh,
  first: Service,
  findAsked: (service: Service) => Pick<Asked, 'host'> | undefined,
): readonly Service[] | undefined {
  const path: Service[] = []
  let service: Service | undefined = first
  while (service !== undefined) {
    const here: Service = service
    if (path.some(passed => passed.samePods.includes(here)))
      return first.samePods.includes(here) ? path : undefined
    path.push(here)
    const next = here.samePods.map(findAsked).find(asked => asked !== undefined)
    service = services.find(({ host }) => host.value === next?.host.value)
  }
  return undefined
}

/** A port of a service of the spec that gives no answer to a question. */
interface UnfitPort {
  readonly service: Service
  /** The port of the service with this number; undefined: the service has no such port. */
  readonly declared: Port | undefined
  /** The way out. */
  readonly help: string
}

/**
 * Finds the service port for such requests if it supports none of some protocols; undefined: it supports one, or the called service
 * is not in the spec.
 */
export function findUnfitPort(
  { services }: Mesh,
  { host, port }: Pick<Asked, 'host' | 'port'>,
  protocols: readonly [string, ...string[]],
): UnfitPort | undefined {
  const service = services.find(candidate => candidate.host.value === host.value)
  if (service === undefined) return undefined
  const declared = service.ports.find(({ number }) => number.value === port.value)
  if (declared !== undefined && protocols.includes(declared.protocol.value)) return undefined
  const numbers = service.ports
    .filter(({ protocol }) => protocols.includes(protocol.value))
    .map(({ number }) => number.value)
  const help =
    numbers.length > 0
      ? `write port ${numbers.join(' or ')}`
      : `declare it: \`port: { ${protocols[0]}: ${port.value} }\``
  return { service, declared, help }
}
