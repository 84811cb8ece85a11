import type { Node } from '../symbolic/diagrams/diagram.ts'
import { isFate, type RequestSpace, type Value } from '../symbolic/request-space.ts'
import type { Arrival } from './connection.ts'

/** A workload at which requests arrive, by the host that the last proxy sends them to. */
interface Place extends Pick<Arrival, 'workload' | 'host' | 'transports'> {
  readonly isReached: (value: Value) => boolean
}

const transports = ['mtls', 'tls', 'plaintext'] as const

/** Lists the workloads at which some requests arrive. */
export function listPlaces({ diagrams }: RequestSpace, node: Node): readonly Place[] {
  const places = new Map<string, { workload: string; host: string | undefined; transports: Set<string> }>()
  for (const leaf of diagrams.leaves(node)) {
    const value = diagrams.valueOf(leaf)
    if (!isFate(value)) continue
    for (const { workload, cluster, transport, verdict } of value.outcomes) {
      if (workload === undefined || verdict !== 'ALLOW') continue
      const host = getClusterHost(cluster)
      const key = `${workload} ${host}`
      const place = places.get(key) ?? { workload, host, transports: new Set() }
      places.set(key, place)
      if (transport !== undefined) place.transports.add(transport)
    }
  }
  return [...places.values()].map(place => ({
    workload: place.workload,
    host: place.host,
    transports: transports.filter(transport => place.transports.has(transport)),
    isReached: value =>
      isFate(value) &&
      value.outcomes.some(
        ({ workload, cluster, verdict }) =>
          verdict === 'ALLOW' && workload === place.workload && getClusterHost(cluster) === place.host,
      ),
  }))
}

/** The host of a cluster: `outbound|80|v1|cart.shop.svc.cluster.local`. Clusters that forward to the dialled address have no host. */
const getClusterHost = (cluster: string | undefined): string | undefined => cluster?.split('|')[3]
