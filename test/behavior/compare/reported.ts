import type { Comparison, Difference } from '../../../compiler/behavior/compare/difference.ts'
import { evaluate } from '../../../compiler/behavior/evaluate/evaluate.ts'
import type { BehaviorModel } from '../../../compiler/behavior/model.ts'
import type { Destination } from '../../../compiler/behavior/pairs/destinations.ts'
import type { CallerName, DestinationName } from '../../../compiler/behavior/pairs/names.ts'
import type { Request } from '../../../compiler/behavior/request.ts'
import type { Result } from '../../../compiler/behavior/result.ts'
import { convertToFate, serializeFate } from '../../../compiler/behavior/symbolic/fate-text.ts'
import { isInRegion } from './in-region.ts'

/** Serializes the consequences of a result. The transport of a failure has no consequence. */
export const outcome = (result: Result): string => serializeFate(convertToFate(result, { outcomes: [] }))

/**
 * Checks whether the comparison covers a request. The request goes to a host and port that a manifest names,
 * by the full name, in the protocol of the port, and from the caller's address in manifests. A short name,
 * another Host header or another server name in TLS is not a separate destination.
 */
export function isOfTheSpace(request: Request, destinations: readonly Destination[]): boolean {
  const { from, to, headers = {}, jwt, protocol = 'http' } = request
  const names = Object.keys(headers).map(name => name.toLowerCase())
  if (to.ip !== undefined || names.includes('host') || (jwt !== undefined && protocol !== 'http'))
    return false
  if (from.gateway !== undefined)
    return protocol === 'tcp' || (protocol === 'http' && (from.sni ?? to.host) === to.host)
  if (from.ip !== undefined) return false
  if (/^[^.]+(\.[^.]+(\.svc)?)?$/.test(to.host)) return false
  return destinations.some(
    ({ name, target }) =>
      target.protocol === protocol &&
      isDestination(name, { to, from }) &&
      // A wildcard matches hosts that no manifest names.
      (name.host === to.host || !isNamed(destinations, request)),
  )
}

/**
 * Checks whether a difference or an unknown part covers the caller, the destination and the region of a
 * request.
 */
export function isReportedBy(
  { differences, unknown }: Comparison,
  request: Request,
  sides: readonly BehaviorModel[],
): boolean {
  return [...differences, ...unknown].some(
    ({ callers, destinations, regions, further }) =>
      callers.some(caller => isCaller(caller, request, sides)) &&
      destinations.some(destination => isDestination(destination, request)) &&
      (regions.length === 0 || further > 0 || regions.some(region => isInRegion(region, request, sides))),
  )
}

/**
 * Lists the differences of the workload that sends a request, of its destination and of its protocol, for all
 * regions. A wildcard matches hosts that no manifest names. A port without a declared protocol is two
 * destinations with one name.
 */
export const differencesOf = (
  { differences }: Comparison,
  request: Request,
  client: string,
  destinations: readonly Destination[],
): readonly Difference[] =>
  differences.filter(
    difference =>
      getProtocol(difference.witness.before.request) === getProtocol(request) &&
      difference.callers.some(
        caller =>
          caller.kind === 'workload' &&
          !caller.assumed &&
          caller.plaintext === (request.plaintext ?? false) &&
          `${caller.namespace}/${caller.name}` === client,
      ) &&
      difference.destinations.some(
        destination =>
          isDestination(destination, request) &&
          (destination.host === request.to.host || !isNamed(destinations, request)),
      ),
  )

const getProtocol = ({ protocol = 'http' }: Request) => protocol

const isNamed = (destinations: readonly Destination[], { to }: Request): boolean =>
  destinations.some(({ name }) => name.host === to.host)

function isCaller(caller: CallerName, request: Request, sides: readonly BehaviorModel[]): boolean {
  const { from, plaintext = false } = request
  if (caller.kind === 'outside') return from.gateway?.namespace === caller.gateway.namespace
  if (from.gateway !== undefined) return false
  if (caller.assumed)
    return plaintext === caller.plaintext && (plaintext || standsFor(caller, request, sides))
  return sides.some(({ workloads }) =>
    workloads.some(
      workload =>
        workload.namespace === caller.namespace &&
        workload.name === caller.name &&
        workload.namespace === (from.namespace ?? 'default') &&
        Object.entries(from.labels ?? {}).every(([name, value]) => workload.labels[name] === value),
    ),
  )
}

/** Checks whether a request of an assumed caller has the same fate as the request of the real caller. */
function standsFor(
  assumed: CallerName & { readonly kind: 'workload' },
  request: Request,
  sides: readonly BehaviorModel[],
): boolean {
  const { namespace, name: serviceAccount, identity } = assumed
  const from = {
    namespace,
    serviceAccount,
    labels: withSidecar,
    ...(identity === undefined ? {} : { identity }),
    ...(request.from.ip === undefined ? {} : { ip: request.from.ip }),
  }
  return sides.every(side => {
    const [first, second] = [request, { ...request, from }].map(each => namelessOutcome(evaluate(side, each)))
    return first === second
  })
}

const withSidecar = { 'sidecar.istio.io/inject': 'true' }

/** Serializes a result without the caller's name. */
const namelessOutcome = (result: Result): string =>
  outcome({
    ...result,
    outcomes: result.outcomes.map(each => (each.peer === undefined ? each : { ...each, peer: 'who calls' })),
  })

function isDestination(
  { host, port, protocol }: DestinationName,
  { to, from, protocol: spoken }: Pick<Request, 'to' | 'from' | 'protocol'>,
): boolean {
  const askedPort = to.port ?? (from.scheme === 'https' ? 443 : 80)
  // Bytes at a gateway name no host.
  if (from.gateway !== undefined && spoken === 'tcp') return port === askedPort && protocol === 'TCP'
  return port === askedPort && (host === to.host || (host.startsWith('*') && to.host.endsWith(host.slice(1))))
}
