import { isRemote, takesPlainText } from '../../../mesh/clusters.ts'
import type { Cluster, Service } from '../../../mesh/mesh.ts'
import { placeAtKey } from '../../../mesh/spec-place.ts'
import { defineRule } from '../../rule.ts'

/**
 * A caller in another cluster cannot resolve the pods of a headless Service by name. Between networks, istiod removes the pods that
 * do not accept mutual TLS. See `EndpointsByNetworkFilter` in istio pilot/pkg/xds/endpoints/ep_filters.go.
 */
export const reachableRemoteServices = defineRule<{
  service: string
  cluster: string
  fault: 'headless' | 'sidecar' | 'port'
  port?: string
}>(
  {
    code: 'MESH3480',
    severity: 'error',
    summary: 'A service of other clusters can be reached from this one',
    reads: ['clusters.*.network', 'namespaces.*.injection'],
    message: p => {
      if (p.fault === 'headless')
        return `\`${p.service}\` is headless and has no pods in \`${p.cluster}\`: its name leads to no address there`
      const plain = p.fault === 'sidecar' ? 'has no sidecar' : `takes plain text at \`${p.port}\``
      return `\`${p.service}\` ${plain}, and \`${p.cluster}\` is in another network: only mutual TLS passes between networks`
    },
    help: p =>
      p.fault === 'headless'
        ? 'run it in this cluster, too, or give it an address: remove `headless`'
        : 'give it a sidecar and mutual TLS, or run it in this cluster, too',
  },
  function* (mesh, report) {
    const { cluster, clusters, services } = mesh
    if (cluster?.network === undefined) return
    for (const service of services) {
      if (!isRemote(mesh, service) || service.ports.length === 0) continue
      const params = { service: service.key, cluster: cluster.name.value }
      const place = placeAtKey(service.origin.at('clusters'))
      if (service.headless !== undefined) yield report(place, { ...params, fault: 'headless' })
      else if (isInNetwork(service, cluster, clusters)) continue
      else if (service.sidecar.value === 'off') yield report(place, { ...params, fault: 'sidecar' })
      else
        for (const port of service.ports)
          if (takesPlainText(service, port)) yield report(place, { ...params, fault: 'port', port: port.key })
    }
  },
)

/** Tells whether one of the clusters that run a service shares the network of a cluster. */
const isInNetwork = (
  { clusters: homes }: Service,
  { network }: Cluster,
  clusters: readonly Cluster[],
): boolean =>
  clusters.some(
    cluster =>
      cluster.network?.value === network?.value && homes.some(({ value }) => value === cluster.name.value),
  )
