import { because, from, type Sourced, type SpecNode } from '../mesh/sourced.ts'
import { placeAt } from '../mesh/spec-place.ts'
import { serviceOfCluster } from './diagnostics.ts'
import type { Report } from './fields.ts'

/** The address of a Service of the cluster. */
interface ClusterAddress {
  readonly host: Sourced<string>
  readonly port: Sourced<number>
  readonly namespace: Sourced<string>
}

const clusterDomain = ['svc', 'cluster', 'local']

/**
 * Reads the address of a Service of the cluster: `service.namespace:port`, or a longer form of it. Reports other hosts: Istio
 * finds a provider among the Services that it knows.
 */
export function readClusterAddress(
  address: Sourced<string>,
  node: SpecNode,
  role: 'collector' | 'authorizer' | 'rate limiter',
  report: Report,
): ClusterAddress {
  const colon = address.value.lastIndexOf(':')
  const written = address.value.slice(0, colon)
  const port = Number(address.value.slice(colon + 1))
  const [service, namespace, ...rest] = written.split('.')
  const isInCluster =
    namespace !== undefined &&
    (rest.length === 0 || rest.length === 1 || rest.length === clusterDomain.length) &&
    rest.every((label, index) => label === clusterDomain[index])
  if (!isInCluster)
    report(serviceOfCluster(placeAt(node), { role, host: written, port, isShort: namespace === undefined }))
  return {
    host: because(`${service}.${namespace}.svc.cluster.local`, address, 'policy:cluster-domain'),
    port: from(node, port),
    namespace: from(node, namespace ?? ''),
  }
}
