import type { Destination } from '../../../schema/generated/argo-cd-types.ts'
import type { Mesh } from '../../mesh/mesh.ts'
import { ownCluster } from '../../mesh/own-cluster.ts'
import type { Sourced } from '../../mesh/sourced.ts'
import type { Sourceable } from '../sourceable.ts'

/** A namespace of the environment's cluster. */
export function makeDeliveryDestination(mesh: Mesh, namespace: Sourced<string>): Sourceable<Destination> {
  const { cluster } = mesh.delivery
  return cluster.value.startsWith('https://') ? { server: cluster, namespace } : { name: cluster, namespace }
}

/** Tells whether Argo CD runs in another cluster than the environment: it may then manage several clusters. */
export const isArgocdShared = ({ delivery: { cluster } }: Mesh): boolean => cluster.value !== ownCluster
