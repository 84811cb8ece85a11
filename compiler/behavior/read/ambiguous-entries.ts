import { groupBy } from '../../basics/group-by.ts'
import { isSubset } from '../is-subset.ts'
import type { Service } from '../model.ts'

/**
 * Marks the services of ServiceEntries that have one host, one namespace and one age, and describe the host differently: istiod then
 * takes either. See SortServicesByCreationTime in pilot/pkg/model/push_context.go of istio/istio, which compares no name of a
 * ServiceEntry.
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
  const ambiguous = new Set<Service>()
  for (const same of sameHosts.values())
    for (const [place, service] of same.entries())
      for (const earlier of same.slice(0, place))
        if (readAge(earlier) === readAge(service) && isOrderRelevant(earlier, service)) {
          ambiguous.add(earlier)
          ambiguous.add(service)
        }
  if (ambiguous.size === 0) return services
  return services.map(service => {
    if (!ambiguous.has(service)) return service
    const reason = { code: 'service-entries-of-one-age' } as const
    return {
      ...service,
      unmodelled: [...service.unmodelled, { object: service, path: ['spec', 'hosts'], reason }],
    }
  })
}

/** Tells whether two services of one host differ in more than their ports, or in a port that both have. */
function isOrderRelevant(a: Service, b: Service): boolean {
  if (a.source === b.source) return false
  const isSame = (left: Service['labels'], right: Service['labels']) =>
    isSubset(left, right) && isSubset(right, left)
  const isPortShared = a.ports.some(port =>
    b.ports.some(
      other =>
        other.number === port.number &&
        (other.protocol !== port.protocol ||
          other.name !== port.name ||
          other.targetPort !== port.targetPort),
    ),
  )
  return (
    isPortShared ||
    a.resolution !== b.resolution ||
    a.isExternal !== b.isExternal ||
    !isSame(a.labels, b.labels) ||
    !isSame(a.selector, b.selector) ||
    a.exportTo.join() !== b.exportTo.join() ||
    a.subjectAltNames.join() !== b.subjectAltNames.join()
  )
}
