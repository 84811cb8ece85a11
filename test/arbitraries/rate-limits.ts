import fc from 'fast-check'
import type { MeshFile } from '../../schema/spec/mesh.ts'
import type { ServiceSpec } from './services.ts'

type RateLimit = NonNullable<ServiceSpec['rateLimit']>
type Services = Readonly<Record<string, ServiceSpec>>

const bursts = fc.constantFrom(5_000, 20_000)
/** Rates below those of all requests. */
const headerLimits = fc.oneof(
  fc.constantFrom('1/s', '20/m', '50/h'),
  fc.record({ requests: fc.constantFrom('1/s', '30/m'), burst: fc.constantFrom(40, 60) }),
)
const perHeader = fc.dictionary(fc.constantFrom('x-user', 'x-tenant', 'constructor'), headerLimits, {
  minKeys: 1,
  maxKeys: 2,
})

/** The limit of a service, a gateway or a route. */
export const rateLimits: fc.Arbitrary<RateLimit> = fc.oneof(
  fc.constantFrom('100/s', '5000/m', '1/h'),
  fc.record(
    { requests: fc.constantFrom('1000/s', '5000/m', '3600/h'), burst: bursts, perHeader },
    { requiredKeys: ['requests'] },
  ),
  fc.record({ perHeader }),
)

/**
 * Services of which one has a limit at its last written route, if a gateway of meshc's has the route, and no other service on its
 * hosts has one of that name.
 */
export function limitRoute(
  services: Services,
  rateLimit: RateLimit | undefined,
  gateways: NonNullable<MeshFile['gateways']>,
): Services {
  if (rateLimit === undefined) return services
  // Connections that a gateway passes on have no routes.
  const listEntrances = ({ expose }: ServiceSpec) =>
    (expose ?? []).filter(
      ({ gateway, host }) => host !== undefined && gateways[gateway]?.passthrough?.includes(host) !== true,
    )
  const listHosts = (service: ServiceSpec) =>
    listEntrances(service).map(({ gateway, host }) => `${gateway} ${host}`)
  for (const [key, service] of Object.entries(services)) {
    const route = service.routes?.at(-1)
    const entrances = listEntrances(service)
    const hosts = listHosts(service)
    if (route === undefined || hosts.length === 0) continue
    if (entrances.some(({ gateway }) => gateways[gateway]?.workload != null)) continue
    // A route that has nothing in common with the exposed paths is at no gateway, as one for claims may be.
    if (route.when !== undefined && !entrances.some(({ paths }) => paths === undefined)) continue
    if (route.when?.claims !== undefined) continue
    const isTaken = Object.entries(services).some(
      ([name, each]) =>
        name !== key &&
        listHosts(each).some(host => hosts.includes(host)) &&
        each.routes?.some(({ name: taken }) => taken === route.name),
    )
    if (isTaken) continue
    const routes = [...service.routes!.slice(0, -1), { ...route, rateLimit }]
    return { ...services, [key]: { ...service, routes } }
  }
  return services
}
