import { findPlaintextReason } from './direct-ports.ts'
import type { External, Service, TrafficPolicy } from './mesh.ts'
import { isHttp } from './port.ts'
import { sharesConnections } from './share.ts'
import type { Reason } from './sourced.ts'

/** Tells whether the mesh has a route for a service: one for its requests, or one that divides connections among versions. */
export const isRouted = (service: Service): boolean => findRouteReasons(service) !== undefined

/**
 * Finds why a service has a route; undefined if the spec sets only Istio's defaults.
 *
 * @returns the only part that needs the route, if it is a single value of the spec; otherwise an empty list
 */
export function findRouteReasons(service: Service): readonly Reason[] | undefined {
  const { ports, versions, routes, namesServices, fault, policy } = service
  if (!ports.some(port => isHttp(port) || sharesConnections(service))) return undefined
  const isWritten = versions.length > 0 || namesServices || fault !== undefined || routes.some(isOfSpec)
  return findOnly([...(isWritten ? [[]] : []), ...listTimes(policy)])
}

const isOfSpec = ({ origin }: Service['routes'][number]) => origin !== undefined

/** Finds why an external system has routes, as for a service: the mesh sees its requests, and sets their timeout or retries. */
export const findExternalRouteReasons = (external: External): readonly Reason[] | undefined =>
  isTimed(external) ? findOnly(listTimes(external.policy)) : undefined

/** Finds why a service has a DestinationRule, as for a route. */
export function findRuleReasons(service: Service): readonly Reason[] | undefined {
  const { ports, versions, policy } = service
  if (ports.length === 0) return undefined
  return findOnly([
    ...(versions.length > 0 ? [[]] : []),
    ...listInstanceSettings(policy),
    ...ports.flatMap(({ refinement }) =>
      refinement === undefined ? [] : listInstanceSettings(refinement.policy),
    ),
    ...ports.flatMap(port => {
      const reason = findPlaintextReason(service, port)
      return reason === undefined ? [] : [[reason]]
    }),
  ])
}

/** The settings of instances that Istio does not have by itself, each with its reasons. */
function listInstanceSettings(policy: TrafficPolicy): readonly (readonly Reason[])[] {
  const { policy: balancing, warmup, locality } = policy.loadBalancing
  return [
    ...listSetLimits(policy),
    // Istio's own way to choose an instance. See `defaultLBAlgorithm` in pilot/pkg/networking/core/cluster_traffic_policy.go.
    ...(balancing.value === 'least-request' ? [] : [[balancing]]),
    ...(warmup === undefined ? [] : [[warmup.origin]]),
    ...(locality === undefined ? [] : [[locality.origin]]),
  ]
}

/** Finds why an external system has DestinationRules, as for a route. */
export const findExternalRuleReasons = ({ policy, tls }: External): readonly Reason[] | undefined =>
  findOnly([...listSetLimits(policy), ...(tls.value === 'originate' ? [[tls]] : [])])

/** The times of requests that Istio does not keep by itself, each with its reasons. */
const listTimes = ({ timeout, retries }: TrafficPolicy): readonly (readonly Reason[])[] => [
  ...(timeout.value === 'none' ? [] : [[timeout]]),
  ...(retries.isIstioDefault ? [] : [[retries.attempts]]),
]

/** The limits that Istio does not set by itself. A limit is a map of the spec, or decided: no single value. */
const listSetLimits = ({ circuitBreaker, connections }: TrafficPolicy): readonly (readonly Reason[])[] =>
  [circuitBreaker, connections].flatMap(limit => (limit === undefined ? [] : [[]]))

const findOnly = (parts: readonly (readonly Reason[])[]): readonly Reason[] | undefined =>
  parts.length > 1 ? [] : parts[0]

/** Tells whether the mesh sees the requests to an external system, so that it can limit their time and try again. */
export const isTimed = ({ tls, port }: External): boolean =>
  tls.value === 'originate' || port.protocol.value === 'http'
