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
 * Emits the DestinationRule of a service, with the versions that routes can name. There is none for a workload without ports, which
 * only calls, or for a service whose settings are all Istio's defaults.
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
 * The settings of a port replace all other settings for Istio, so this policy repeats everything that applies to the port. Callers
 * would use mutual TLS to every port of a pod with a sidecar, including a port that the sidecar does not capture, and to every port
 * of a headless Service.
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
 * Makes the settings of a version. A subset replaces the whole connection pool, load balancer or outlier detection of its rule, and
 * cannot remove one: only port settings can omit it. See MergeTrafficPolicy in pilot/pkg/model/destination_rule.go of istio/istio.
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
      // Istio requires it for regions that fail over.
      outlierDetection &&
      (policy.circuitBreaker !== inherited.circuitBreaker || (isBalanced && isFailingOver))
        ? because(outlierDetection, ...getReasons('circuitBreaker'))
        : undefined,
    portLevelSettings: levels.length > 0 ? levels : undefined,
  }
  // Words that remove a setting that nothing sets change nothing, and Istio refuses an empty policy.
  return Object.values(changed).every(part => part === undefined) ? undefined : changed
}
