import type {
  Subset,
  TrafficPolicy as TrafficPolicySpec,
} from '../../../schema/generated/destination-rule.ts'
import type { Mesh, Service, Version } from '../../mesh/mesh.ts'
import { isHttp } from '../../mesh/port.ts'
import { labelRecord, type Manifest, makeManifest } from '../manifest.ts'
import type { Sourceable } from '../sourceable.ts'
import { loadBalancer, makeConnectionPool, makeOutlierDetection } from './traffic-policy.ts'

/**
 * Emits the DestinationRule of a service, with the versions that routes can name; none for a workload without ports,
 * which only calls.
 */
export function emitDestinationRule(mesh: Mesh, service: Service): readonly Manifest[] {
  if (service.ports.length === 0) return []
  const trafficPolicy: Sourceable<TrafficPolicySpec> = {
    connectionPool: makeConnectionPool(service.policy, service.ports.some(isHttp)),
    loadBalancer: loadBalancer(service.policy),
    outlierDetection: makeOutlierDetection(service.policy),
  }
  const { versions } = service
  const identity = { name: service.name, namespace: service.namespace, policy: 'policy:route-shape' } as const
  const spec = {
    host: service.host,
    trafficPolicy,
    subsets: versions.length > 0 ? versions.map(subset) : undefined,
  }
  return [makeManifest(mesh, 'DestinationRule', identity, spec)]
}

const subset = ({ name, labels }: Version): Sourceable<Subset> => ({ name, labels: labelRecord(labels) })
