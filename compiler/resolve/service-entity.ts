import { compare } from '../diagnostics/compare.ts'
import type { Allow, Authorize, Callee, Deny, External, Service } from '../mesh/mesh.ts'

/** A service without its references to other services, which are linked once every service exists. */
type ServiceFields = Omit<
  Service,
  'allow' | 'deny' | 'authorize' | 'isOpen' | 'callees' | 'samePods' | 'namesServices'
>

/** The fields of a service before it is linked, each copied from the place that resolves it. */
class ResolvedFields {
  constructor(fields: ServiceFields) {
    Object.assign(this, fields)
  }
}

/** The same class, with a type that has the fields that its constructor copies. */
const ResolvedService = ResolvedFields as new (fields: ServiceFields) => ServiceFields

/**
 * A service that is linked after it is made. The callees of its whole namespace are kept once a namespace,
 * not once a service: where ten thousand services allow their own namespace, that is ten thousand edges, not
 * a hundred million.
 */
export class ServiceEntity extends ResolvedService implements Service {
  /** The rules of `allow`, filled by linking. */
  allow: readonly Allow[] = []
  /** The rules of `deny`, filled by linking. */
  deny: readonly Deny[] = []
  /** The authorizer that it asks, filled by linking. */
  authorize: Authorize | undefined
  isOpen = false
  /** Linking sets it if a share names a service. */
  namesServices = false
  /** The services with the same pods. Linking fills it if there are others. */
  samePods: readonly Service[] = [this]
  /** The callees that name this service itself, filled by linking, sorted by host. */
  ownCallees: Callee[] = []
  /**
   * The callees that name its namespace, filled by linking, sorted by host; one list for all of the
   * namespace.
   */
  namespaceCallees: readonly Callee[] = []

  get callees(): readonly Callee[] {
    if (this.namespaceCallees.length === 0) return this.ownCallees
    if (this.ownCallees.length === 0) return this.namespaceCallees
    return mergeCallees(this.ownCallees, this.namespaceCallees)
  }
}

/** Merges two lists, sorted by host; a destination that is in both comes from the first. */
function mergeCallees(callees: readonly Callee[], shared: readonly Callee[]): readonly Callee[] {
  const named = new Set(callees.map(findDestination))
  const rest = shared.filter(callee => !named.has(findDestination(callee)))
  return [...callees, ...rest].sort((a, b) => compare(findHost(a), findHost(b)))
}

/** Finds the destination of a callee's edge. */
export const findDestination = (callee: Callee): Service | External =>
  callee.kind === 'service' ? callee.service : callee.external

/** Finds the host by which callees are sorted: the host of a service, or the first host of an external system. */
export const findHost = (callee: Callee): string =>
  callee.kind === 'service' ? callee.service.host.value : (callee.external.hosts[0]?.value ?? '')
