import type { Match, Mesh, Service } from '../mesh/mesh.ts'

/** Every condition of a mesh on requests, with the service that it is about: those of routes, and those of faults. */
export function* matchesOf({
  services,
}: Mesh): Iterable<{ readonly service: Service; readonly match: Match }> {
  for (const service of services) {
    for (const { when } of service.routes) if (when !== undefined) yield { service, match: when }
    if (service.fault?.when !== undefined) yield { service, match: service.fault.when }
  }
}
