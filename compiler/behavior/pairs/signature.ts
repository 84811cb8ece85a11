import { memo } from '../memo.ts'
import type { DestinationRule, Service, VirtualService, Workload } from '../model.ts'
import { getIdentity } from '../symbolic/delivery.ts'
import { isSubset, isWildcard, overlaps } from '../symbolic/host-names.ts'
import { asksAddress, makePeerClassifier } from '../symbolic/peer-classes.ts'
import { makeUnmodelledKey } from '../symbolic/request-space.ts'
import { listDestinationHosts, type Side } from '../symbolic/side.ts'
import { findScope, type Scope } from '../symbolic/side-scope.ts'
import { findListenerConflict, hasHttpListener, isCaller, type Target } from '../symbolic/sidecar-tree.ts'
import type { CallerOnSide } from './callers.ts'

/**
 * Makes the signature of all of a caller that a destination can depend on: callers with one signature meet the same
 * decisions. It is cheap where a tree is not, since there are as many callers as workloads.
 */
export const makeCallerSigner = (side: Side, target: Target): ((caller: CallerOnSide) => string) => {
  const { pods } = nearAt(side, target)
  const peerClasses = pods.map(pod => makePeerClassifier(side, pod))
  return rememberSignatures(side, target, identity => peerClasses.map(classOf => classOf(identity)).join())
}

/** The same without the identity of a caller: the requests of callers with one such signature arrive at the same place. */
export const makeWaySigner = (side: Side, target: Target): ((caller: CallerOnSide) => string) =>
  rememberSignatures(side, target, () => '')

/** @param peersOf what policies of the workloads that are near make of an identity */
function rememberSignatures(
  side: Side,
  target: Target,
  peersOf: (identity: string) => string,
): (caller: CallerOnSide) => string {
  const near = nearAt(side, target)
  const findScopeOf = side.once('scopes of callers', () =>
    memo(({ namespace, labels }: CallerOnSide) => findScope(side, namespace, labels)),
  )
  // Callers are many, and scopes are few.
  const look = memo((scope: Scope) => lookFrom(side, target, near, scope))
  return caller => {
    if (caller.unmodelled.length > 0) return `unknown ${caller.unmodelled.map(makeUnmodelledKey).join()}`
    const leaving = side.unmodelledFor(caller, ['leaving'], target.port)
    if (leaving.length > 0) return `unknown ${caller.hasSidecar} ${leaving.map(makeUnmodelledKey).join()}`
    if (!caller.hasSidecar)
      return `plain ${near.asksAddress ? getIdentity(side, caller) : ''}${caller.address === undefined ? '' : peersOf('address')}${caller.address ?? ''}`
    const scope = findScopeOf(caller)
    const because = scope.unmodelled.length + side.unmodelledFor(caller, ['outbound'], target.port).length
    if (because > 0) return `unknown ${scope.key}`
    const address = caller.address ?? ''
    const { listens, isInvolved, service, words } = look(scope)
    if (!isInvolved)
      return `far ${listens} ${near.asksAddress ? address : ''} ${near.pods.length > 0 && near.asksAddress ? getIdentity(side, caller) : ''}`
    const isItself = service?.isHeadless === true && side.podsOf(service).some(pod => isCaller(pod, caller))
    return [
      'near',
      words,
      near.labels.map(name => `${name}=${caller.labels[name] ?? ''}`).join(),
      near.namespaces.has(caller.namespace) ? caller.namespace : '*',
      peersOf(getIdentity(side, caller)),
      near.asksAddress ? address : '',
      isItself,
    ].join(' | ')
  }
}

/** The part of a signature that all callers of one scope share. */
interface Look {
  readonly listens: string
  /** False if the scope has nothing of the destination. */
  readonly isInvolved: boolean
  readonly service: Service | undefined
  readonly words: string
}

function lookFrom(side: Side, target: Target, near: Near, scope: Scope): Look {
  const imported = scope.imported(near.virtualServices, target.port)
  const service = scope.service(target.host, target.port)
  const listens = `${scope.outbound} ${hasHttpListener(side, scope, target.port)} ${findListenerConflict(side, scope, target.port).length}`
  const seen = near.hosts
    .map(host => scope.clusterService(host))
    .map(foundService =>
      foundService === undefined
        ? ''
        : [foundService.namespace, ...foundService.ports.map(port => port.number)].join(':'),
    )
  const words = [
    listens,
    imported.map(({ namespace, name }) => `${namespace}/${name}`).join(),
    near.domains.map(domain => scope.service(domain, target.port)?.namespace ?? '').join(),
    seen.join(),
  ].join(' | ')
  return {
    listens,
    isInvolved: imported.length > 0 || service !== undefined || near.wildcard,
    service,
    words,
  }
}

/** The surroundings of a destination: all that its requests can meet. */
interface Near {
  readonly virtualServices: readonly VirtualService[]
  /** Its own host, and those that VirtualServices send to. */
  readonly hosts: readonly string[]
  /** Its own host, and those whose services decide with it on which ports a VirtualService is, and whose a name is. */
  readonly domains: readonly string[]
  readonly pods: readonly Workload[]
  readonly labels: readonly string[]
  readonly namespaces: ReadonlySet<string>
  readonly wildcard: boolean
  readonly asksAddress: boolean
}

const nearAt = (side: Side, target: Target): Near =>
  side.onceOfPolicies('near', () => memo((givenTarget: Target) => getNear(side, givenTarget)))(target)

/** The workloads that requests to a destination can get to. */
export const listPodsNear = (side: Side, target: Target): readonly Workload[] => nearAt(side, target).pods

function getNear(side: Side, { host, port }: Target): Near {
  const around = side.wildcardServices.filter(service => isSubset(host, service.host))
  const virtualServices = [
    ...new Set([
      ...(side.virtualServicesByHost.get(host) ?? []),
      ...side.wildcardVirtualServices.filter(({ hosts }) => hosts.some(each => overlaps(each, host))),
      ...around.flatMap(service =>
        side.model.virtualServices.filter(({ hosts }) => hosts.some(each => overlaps(each, service.host))),
      ),
    ]),
  ]
  const named = [...around.map(service => service.host), ...virtualServices.flatMap(({ hosts }) => hosts)]
  const domains = new Set([
    host,
    ...named.filter(each => !isWildcard(each)),
    ...(named.some(isWildcard) ? (side.servicesByPort.get(port) ?? []) : [])
      .map(service => service.host)
      .filter(each => named.some(pattern => isWildcard(pattern) && overlaps(each, pattern))),
  ])
  const hosts = [...new Set([host, ...virtualServices.flatMap(listDestinationHosts)])]
  const services = [...hosts.flatMap(each => side.servicesByHost.get(each) ?? []), ...around]
  const pods = services.flatMap(service => side.podsOf(service))
  const rules: readonly DestinationRule[] = [
    ...hosts.flatMap(each => side.destinationRulesByHost.get(each) ?? []),
    ...side.wildcardDestinationRules.filter(rule => hosts.some(each => overlaps(each, rule.host))),
  ]
  const matches = virtualServices.flatMap(({ http, tls, tcp }) => [
    ...http.flatMap(rule => rule.matches),
    ...tls.flatMap(rule => rule.matches),
    ...tcp.flatMap(rule => rule.matches),
  ])
  const labels = new Set([
    ...matches.flatMap(({ sourceLabels }) => Object.keys(sourceLabels)),
    ...rules.flatMap(({ workloadSelector }) => Object.keys(workloadSelector ?? {})),
  ])
  const namespaces = new Set([
    ...matches.flatMap(({ sourceNamespace }) => sourceNamespace ?? []),
    ...rules.flatMap(({ namespace, exportTo }) => [namespace, ...exportTo]),
    ...virtualServices.flatMap(({ namespace, exportTo }) => [namespace, ...exportTo]),
    ...services.flatMap(({ namespace, exportTo }) => [namespace, ...exportTo]),
    side.model.settings.rootNamespace,
  ])
  const isAddressAsked = pods.some(pod => asksAddress(side, pod))
  const wildcard =
    around.length > 0 || virtualServices.some(({ hosts: hostNames }) => hostNames.some(isWildcard))
  return {
    virtualServices,
    hosts,
    domains: [...domains],
    pods,
    labels: [...labels].sort(),
    namespaces,
    wildcard,
    asksAddress: isAddressAsked,
  }
}
