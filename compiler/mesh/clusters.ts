import type { Cluster, Mesh, Service } from './mesh.ts'

/** The port at which the clusters of other networks reach an east-west gateway, unless its Service says another one. */
export const eastWestPort = 15443

/** Lists the networks of the clusters, each once; none where each cluster is a mesh of its own. */
export const listNetworks = ({ clusters }: Pick<Mesh, 'clusters'>): readonly string[] => [
  ...new Set(clusters.flatMap(({ network }) => network?.value ?? [])),
]

/** A cluster that runs instances of a service, as seen from another cluster of its mesh. */
export interface Instances {
  readonly cluster: string
  /** The network of the instances, where connections from here pass its east-west gateway. */
  readonly network?: string
  readonly region?: string
}

/** Lists the clusters whose instances take the requests for a service: this cluster first. None where each cluster is a mesh of its own. */
export function listInstances(
  { cluster: here, clusters }: Pick<Mesh, 'cluster' | 'clusters'>,
  service: Pick<Service, 'clusters'>,
): readonly Instances[] {
  if (here?.network === undefined) return []
  const isHome = ({ name }: Cluster) =>
    service.clusters.length === 0 || service.clusters.some(({ value }) => value === name.value)
  const homes = clusters.filter(isHome)
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
