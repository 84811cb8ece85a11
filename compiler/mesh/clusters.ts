import { isDirect } from './direct-ports.ts'
import type { Cluster, Mesh, Port, Service } from './mesh.ts'

/** The port of an east-west gateway for clusters of other networks, unless its Service sets another one. */
export const eastWestPort = 15443

/** Lists the networks of the clusters without repetition; empty if each cluster is a mesh of its own. */
export const listNetworks = ({ clusters }: Pick<Mesh, 'clusters'>): readonly string[] => [
  ...new Set(clusters.flatMap(({ network }) => network?.value ?? [])),
]

/** Tells whether a service runs only in other clusters than that of a mesh. */
export const isRemote = (
  { cluster }: Pick<Mesh, 'cluster'>,
  { clusters }: Pick<Service, 'clusters'>,
): boolean => clusters.length > 0 && !clusters.some(({ value }) => value === cluster?.name.value)

/** A cluster that runs instances of a service, in relation to another cluster of its mesh. */
export interface Instances {
  readonly cluster: string
  /** The network of the instances, where connections from here pass its east-west gateway. */
  readonly network?: string
  readonly region?: string
}

/** Tells whether callers speak plain text to a port, which does not pass between networks. */
export const takesPlainText = (service: Pick<Service, 'sidecar'>, port: Port): boolean =>
  port.mtls?.value === 'off' || isDirect(service, port)

/**
 * Lists the clusters whose instances get the requests to a port of a service, this cluster first. Empty if each cluster is a mesh of
 * its own. For plaintext callers, istiod drops the instances of other networks. See `EndpointsByNetworkFilter` in istio
 * pilot/pkg/xds/endpoints/ep_filters.go.
 */
export function listInstances(
  { cluster: here, clusters }: Pick<Mesh, 'cluster' | 'clusters'>,
  service: Pick<Service, 'clusters' | 'sidecar'>,
  port: Port,
): readonly Instances[] {
  if (here?.network === undefined) return []
  const isHome = ({ name }: Cluster) =>
    service.clusters.length === 0 || service.clusters.some(({ value }) => value === name.value)
  const isPlain = takesPlainText(service, port)
  const isFar = ({ network }: Cluster) => network?.value !== here.network?.value
  const homes = clusters.filter(cluster => isHome(cluster) && !(isPlain && isFar(cluster)))
  return [...homes.filter(cluster => cluster === here), ...homes.filter(cluster => cluster !== here)].map(
    ({ name, network, region }) => ({
      cluster: name.value,
      ...(network !== undefined && network.value !== here.network?.value && { network: network.value }),
      ...(region !== undefined && { region: region.value }),
    }),
  )
}

/** The label by which istiod knows the network of pods, of the root namespace and of an east-west gateway. */
export const networkLabel = 'topology.istio.io/network'

/** The variable with which the proxies of an east-west gateway request only the endpoints of their own network from istiod. */
export const networkVariable = 'ISTIO_META_REQUESTED_NETWORK_VIEW'
