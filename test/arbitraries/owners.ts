import type { MeshFile } from '../../schema/spec/mesh.ts'
import type { ServiceSpec } from './services.ts'

type Gateways = NonNullable<MeshFile['gateways']>
type Services = Readonly<Record<string, ServiceSpec>>

/** Adds owners to gateways and services. Each team owns the paths on which its services are exposed. */
export function withOwners(
  gateways: Gateways,
  services: Services,
): { readonly gateways: Gateways; readonly services: Services } {
  const owners = new Map<string, Record<string, Record<string, string>>>()
  const ownedServices = Object.fromEntries(
    Object.entries(services).map(([name, service]) => {
      const { expose } = service
      const owner = service.owner ?? 'team-platform'
      for (const { gateway, host, paths = ['/*'] } of expose ?? []) {
        // The owners of a host that only a wildcard covers belong to the wildcard.
        if (host === undefined || gateways[gateway]?.hosts?.includes(host) !== true) continue
        const hosts = owners.get(gateway) ?? {}
        owners.set(gateway, hosts)
        hosts[host] = { ...hosts[host], ...Object.fromEntries(paths.map(path => [path, owner])) }
      }
      return [name, expose == null ? service : { ...service, owner }]
    }),
  )
  const ownedGateways = Object.fromEntries(
    Object.entries(gateways).map(([name, gateway]) => {
      const hosts = owners.get(name)
      // A wildcard would own the paths of the hosts that it covers.
      const isPlain = Object.keys(hosts ?? {}).every(host => !host.startsWith('*'))
      return [name, hosts === undefined || !isPlain ? gateway : { ...gateway, owners: hosts }]
    }),
  )
  return { gateways: ownedGateways, services: ownedServices }
}
