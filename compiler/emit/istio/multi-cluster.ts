import type { Gateway, Mesh } from '../../mesh/mesh.ts'
import { because, type Sourced } from '../../mesh/sourced.ts'

/** The settings that identify a control plane in a mesh over several clusters. */
interface MultiClusterValues {
  readonly meshID: Sourced<string>
  readonly network: Sourced<string>
  readonly multiCluster: { readonly clusterName: Sourced<string> }
}

/**
 * Makes the values below `global` that all charts read; undefined for a mesh of one cluster. See
 * https://istio.io/latest/docs/setup/install/multicluster/multi-primary_multi-network/
 */
export function makeMultiClusterValues({ name, cluster }: Mesh): MultiClusterValues | undefined {
  if (cluster?.network === undefined) return undefined
  const { network } = cluster
  return {
    meshID: because(name, network, 'policy:clusters'),
    network,
    multiCluster: { clusterName: because(cluster.name, network, 'policy:clusters') },
  }
}

/** Finds the network whose entrance a gateway is; undefined for a gateway that joins no networks. */
export const findGatewayNetwork = (
  { cluster }: Mesh,
  { isEastWest }: Gateway,
): Sourced<string> | undefined =>
  isEastWest.value && cluster?.network !== undefined ? because(cluster.network, isEastWest) : undefined
