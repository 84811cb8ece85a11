import { groupBy } from '../../basics/group-by.ts'
import { isSubset } from '../is-subset.ts'
import type { Labels, Service } from '../model.ts'

/**
 * Marks the services of ServiceEntries that have one host and one namespace and contradict each other. Of two with one age, istiod
 * takes either: SortServicesByCreationTime in pilot/pkg/model/push_context.go of istio/istio compares no name of a ServiceEntry. The
 * endpoints of both belong to the host: mergeServicesInstancesByNamespaceHost in pilot/pkg/serviceregistry/serviceentry/conversion.go.
 *
 * @param services all services, in the order of istiod
 * @param readAge the creation time of a service
 */
export function markAmbiguousEntries(
  services: readonly Service[],
  readAge: (service: Service) => number,
): readonly Service[] {
  const entries = services.filter(({ registry }) => registry === 'External')
  const sameHosts = groupBy(entries, ({ namespace, host }) => [`${namespace}/${host}`])
  const unordered = new Set<Service>()
  const merged = new Set<Service>()
  for (const same of sameHosts.values())
    for (const [place, b] of same.entries())
      for (const a of same.slice(0, place)) {
        // A ServiceEntry has one service for each of its addresses.
        if (a.source === b.source) continue
        if (readAge(a) === readAge(b) && isOrderRelevant(a, b)) unordered.add(a).add(b)
        if (shareEndpoints(a, b)) merged.add(a).add(b)
      }
  if (unordered.size + merged.size === 0) return services
  return services.map(service => {
    const reasons = [
      ...(unordered.has(service) ? [{ code: 'service-entries-of-one-age' } as const] : []),
      ...(merged.has(service) ? [{ code: 'merged-endpoints' } as const] : []),
    ]
    if (reasons.length === 0) return service
    const added = reasons.map(reason => ({ object: service, path: ['spec', 'hosts'], reason }))
    return { ...service, unmodelled: [...service.unmodelled, ...added] }
  })
}

/** Tells whether two services of one host get endpoints of each other: a port gets those of all ports with its name. */
const shareEndpoints = (a: Service, b: Service): boolean =>
  a.ports.some(port => b.ports.some(({ name }) => name === port.name)) &&
  describeEndpoints(a) !== describeEndpoints(b)

const describeEndpoints = ({ endpoints }: Service): string =>
  JSON.stringify(
    endpoints.map(({ address, labels, ports, serviceAccount }) => [address, labels, ports, serviceAccount]),
  )

/** Tells whether two services of one host differ in more than their ports, or in a port that both have. */
const isOrderRelevant = (a: Service, b: Service): boolean =>
  a.ports.some(port =>
    b.ports.some(
      second =>
        second.number === port.number &&
        (second.protocol !== port.protocol ||
          second.name !== port.name ||
          second.targetPort !== port.targetPort),
    ),
  ) ||
  a.resolution !== b.resolution ||
  a.isExternal !== b.isExternal ||
  !haveSame(a.labels, b.labels) ||
  !haveSame(a.selector, b.selector) ||
  a.exportTo.join() !== b.exportTo.join() ||
  a.subjectAltNames.join() !== b.subjectAltNames.join()

const haveSame = (a: Labels, b: Labels) => isSubset(a, b) && isSubset(b, a)
