import type {
  Subset,
  TrafficPolicy as TrafficPolicySpec,
} from '../../../schema/generated/destination-rule.ts'
import type { Mesh, Service, Version } from '../../mesh/mesh.ts'
import { isHttp } from '../../mesh/port.ts'
import { findRuleReasons } from '../../mesh/routed.ts'
import { because } from '../../mesh/sourced.ts'
import { labelRecord, type Manifest, makeManifest } from '../manifest.ts'
import type { Sourceable } from '../sourceable.ts'
import { loadBalancer, makeConnectionPool, makeOutlierDetection } from './traffic-policy.ts'

/**
 * Emits the DestinationRule of a service, with the versions that routes can name; none for a workload without ports,
 * which only calls, or for a service of which the spec sets nothing that Istio does not do by itself.
 */
export function emitDestinationRule(mesh: Mesh, service: Service): readonly Manifest[] {
  const reasons = findRuleReasons(service)
  if (reasons === undefined) return []
  const trafficPolicy: Sourceable<TrafficPolicySpec> = {
    connectionPool: makeConnectionPool(service.policy, service.ports.some(isHttp)),
    loadBalancer: loadBalancer(service.policy),
    outlierDetection: makeOutlierDetection(service.policy),
  }
  const { versions } = service
  const identity = {
    name: service.name,
    namespace: service.namespace,
    policy: 'policy:route-shape',
    reasons,
  } as const
  const spec = {
    host: service.host,
    trafficPolicy,
    subsets: versions.length > 0 ? versions.map(subset) : undefined,
  }
  return [makeManifest(mesh, 'DestinationRule', identity, because(spec, ...reasons))]
}

const subset = ({ name, labels }: Version): Sourceable<Subset> => ({ name, labels: labelRecord(labels) })
