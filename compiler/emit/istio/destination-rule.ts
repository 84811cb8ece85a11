import type {
  PortTrafficPolicy,
  Subset,
  TrafficPolicy as TrafficPolicySpec,
} from '../../../schema/generated/destination-rule.ts'
import { findPlaintextReason } from '../../mesh/direct-ports.ts'
import type { Port, Refinement, Service, SharedMesh, TrafficPolicy, Version } from '../../mesh/mesh.ts'
import { isHttp } from '../../mesh/port.ts'
import { findRuleReasons } from '../../mesh/routed.ts'
import { because, type Reason } from '../../mesh/sourced.ts'
import { labelRecord, type Manifest, makeManifest } from '../manifest.ts'
import type { Sourceable } from '../sourceable.ts'
import { loadBalancer, makeConnectionPool, makeOutlierDetection } from './traffic-policy.ts'

/**
 * Emits the DestinationRule of a service, with the versions that routes can name; none for a workload without ports,
 * which only calls, or for a service of which the spec sets nothing that Istio does not do by itself.
 */
export function emitDestinationRule(mesh: SharedMesh, service: Service): readonly Manifest[] {
  const reasons = findRuleReasons(service)
  if (reasons === undefined) return []
  const { versions, ports } = service
  const levels = sortByNumber(ports).flatMap(port =>
    port.refinement === undefined && findPlaintextReason(service, port) === undefined
      ? []
      : [
          because(
            makePortPolicy(service, port, port.refinement?.policy ?? service.policy),
            ...(port.refinement?.origins ?? []),
            ...listPlaintextReasons(service, port),
          ),
        ],
  )
  const trafficPolicy: Sourceable<TrafficPolicySpec> = {
    ...makeSettings(service.policy, ports.some(isHttp)),
    portLevelSettings: levels.length > 0 ? levels : undefined,
  }
  const identity = {
    name: service.name,
    namespace: service.namespace,
    policy: 'policy:route-shape',
    reasons,
  } as const
  const spec = {
    host: service.host,
    trafficPolicy,
    subsets: versions.length > 0 ? versions.map(version => makeSubset(version, service)) : undefined,
  }
  return [makeManifest(mesh, 'DestinationRule', identity, because(spec, ...reasons))]
}

/** Lists the reasons for plain text to a port; pods without sidecars need no reason. */
function listPlaintextReasons(service: Service, port: Port): readonly Reason[] {
  const reason = findPlaintextReason(service, port)
  if (reason === undefined) return []
  return service.sidecar.place === undefined ? [reason] : [reason, service.sidecar]
}

const makeSettings = (policy: TrafficPolicy, http: boolean) => ({
  connectionPool: makeConnectionPool(policy, http),
  loadBalancer: loadBalancer(policy),
  outlierDetection: makeOutlierDetection(policy),
})

/** Sorts ports by number, which identifies a port in a DestinationRule. */
const sortByNumber = (ports: readonly Port[]): readonly Port[] =>
  ports.toSorted((a, b) => a.number.value - b.number.value)

/**
 * Istio takes nothing from elsewhere for a port that has settings: all that holds for it stands here. Callers would speak mutual TLS
 * to every port of a pod with a sidecar, also to one that the sidecar leaves alone, and to every port of a headless Service.
 */
const makePortPolicy = (
  service: Service,
  port: Port,
  policy: TrafficPolicy,
): Sourceable<PortTrafficPolicy> => {
  const reason = findPlaintextReason(service, port)
  return {
    port: { number: port.number },
    ...makeSettings(policy, isHttp(port)),
    tls: reason && { mode: reason.map(() => 'DISABLE' as const) },
  }
}

const makeSubset = (version: Version, service: Service): Sourceable<Subset> => ({
  name: version.name,
  labels: labelRecord(version.labels),
  trafficPolicy: version.refinement && makeSubsetPolicy(version, version.refinement, service),
})

/**
 * Makes what a version sets. A subset replaces what its rule says of the connection pool, the load balancer or the outlier detection as a
 * whole, and takes none of it away: only settings of ports can leave it out. See MergeTrafficPolicy in pilot/pkg/model/destination_rule.go
 * of istio/istio.
 */
function makeSubsetPolicy(
  { atPorts }: Version,
  { origins, policy }: Refinement,
  service: Service,
): Sourceable<TrafficPolicySpec> | undefined {
  const { ports, policy: inherited } = service
  const takesAway = (['circuitBreaker', 'connections'] as const).some(
    section => policy[section] === undefined && inherited[section] !== undefined,
  )
  const levels = sortByNumber(ports).flatMap(port => {
    const settled = atPorts.find(each => each.port === port)?.policy ?? (takesAway ? policy : undefined)
    return settled === undefined
      ? []
      : [
          because(
            makePortPolicy(service, port, settled),
            ...origins,
            ...(port.refinement?.origins ?? [port.number]),
          ),
        ]
  })
  if (levels.length > 0 && levels.length === ports.length)
    return because({ portLevelSettings: levels }, ...origins)
  const isFailingOver = (policy.loadBalancing.locality?.failover.length ?? 0) > 0
  const isBalanced = policy.loadBalancing !== inherited.loadBalancing
  const settings = makeSettings(policy, ports.some(isHttp))
  // A part is there because of its own section, or else because of those that change it.
  const getReasons = (section: string) => {
    const written = origins.filter(({ key }) => key === section)
    return written.length > 0 ? written : origins
  }
  const { connectionPool, loadBalancer, outlierDetection } = settings
  const changed = {
    connectionPool:
      connectionPool && policy.connections !== inherited.connections
        ? because(connectionPool, ...getReasons('connections'))
        : undefined,
    loadBalancer: isBalanced ? because(loadBalancer, ...getReasons('loadBalancing')) : undefined,
    outlierDetection:
      // Istio asks for it beside regions that fail over.
      outlierDetection &&
      (policy.circuitBreaker !== inherited.circuitBreaker || (isBalanced && isFailingOver))
        ? because(outlierDetection, ...getReasons('circuitBreaker'))
        : undefined,
    portLevelSettings: levels.length > 0 ? levels : undefined,
  }
  // Words that remove a setting that nothing sets change nothing, and Istio refuses an empty policy.
  return Object.values(changed).every(part => part === undefined) ? undefined : changed
}
