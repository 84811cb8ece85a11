import { memo } from '../../basics/memo.ts'
import { listUnmodelledSending } from '../captured-traffic.ts'
import type { DestinationRule, Service, VirtualService, Workload } from '../model.ts'
import { getIdentity } from '../symbolic/delivery.ts'
import { isHostWithin, isWildcard, overlapsHost } from '../symbolic/host-names.ts'
import { type IndexedModel, isEmpty, listDestinationHosts } from '../symbolic/indexed-model.ts'
import { asksAddress, makePeerClassifier } from '../symbolic/peer-classes.ts'
import { makeUnmodelledKey } from '../symbolic/request-space.ts'
import { findScope, type Scope } from '../symbolic/scope.ts'
import { findListenerConflict, hasHttpListener, isCaller, type Target } from '../symbolic/sidecar-tree.ts'
import type { CallerInModel } from './callers.ts'

/**
 * Makes the signature of a caller from all its properties that can affect a destination. Callers with one signature get the same
 * decisions. There are as many callers as workloads, so a signature has to be cheaper than a tree.
 */
export const makeCallerSigner = (
  indexed: IndexedModel,
  target: Target,
): ((caller: CallerInModel) => string) => {
  const { pods } = nearAt(indexed, target)
  const peerClasses = pods.map(pod => makePeerClassifier(indexed, pod))
  return rememberSignatures(indexed, target, identity => peerClasses.map(classOf => classOf(identity)).join())
}

/** The same without the identity of a caller: the requests of callers with one such signature arrive at the same place. */
export const makeWaySigner = (indexed: IndexedModel, target: Target): ((caller: CallerInModel) => string) =>
  rememberSignatures(indexed, target, () => '')

/** @param peersOf the decisions of policies near the destination about an identity */
function rememberSignatures(
  indexed: IndexedModel,
  target: Target,
  peersOf: (identity: string) => string,
): (caller: CallerInModel) => string {
  const near = nearAt(indexed, target)
  const findScopeOf = indexed.once('scopes of callers', () =>
    memo(({ namespace, labels }: CallerInModel) => findScope(indexed, namespace, labels)),
  )
  const identityOf = indexed.once('identities of callers', () =>
    memo((caller: CallerInModel) => getIdentity(indexed, caller)),
  )
  // Callers are many, scopes are few. Namespaces that no object near the destination names share one scope.
  const looks = new Map<string, Look>()
  const look = memo((scope: Scope) => {
    const listens = `${scope.outbound} ${hasHttpListener(indexed, scope, target.port)} ${findListenerConflict(indexed, scope, target.port).length}`
    const isUsual = scope.sidecar === undefined && !near.namespacesOfScopes.has(scope.namespace)
    const key = `${listens} ${isUsual ? '' : scope.key}`
    const look = looks.get(key) ?? lookFrom(target, near, scope, listens)
    looks.set(key, look)
    return look
  })
  return caller => {
    const unmodelled = listUnmodelledSending(caller.unmodelled, target.port)
    if (unmodelled.length > 0) return `unknown ${unmodelled.map(makeUnmodelledKey).join()}`
    const leaving = indexed.unmodelledFor(caller, ['leaving'], target.port)
    if (leaving.length > 0) return `unknown ${caller.hasSidecar} ${leaving.map(makeUnmodelledKey).join()}`
    if (!caller.hasSidecar)
      return `plain ${near.asksAddress ? identityOf(caller) : ''}${caller.address === undefined ? '' : peersOf('address')}${caller.address ?? ''}`
    const scope = findScopeOf(caller)
    const because = scope.unmodelled.length + indexed.unmodelledFor(caller, ['outbound'], target.port).length
    if (because > 0) return `unknown ${scope.key}`
    const address = near.asksAddress ? (caller.address ?? '') : ''
    const { isInvolved, service, signatureWith } = look(scope)
    if (!isInvolved)
      return signatureWith(
        near.asksAddress ? `${address} ${near.pods.length > 0 ? identityOf(caller) : ''}` : '',
      )
    const peers = peersOf(identityOf(caller))
    const isItself =
      service?.isHeadless === true && indexed.podsOf(service).some(pod => isCaller(pod, caller))
    const labels = near.labels.map(name => `${name}=${caller.labels[name] ?? ''}`).join()
    return signatureWith(
      labels === '' && address === '' && !isItself ? peers : [labels, peers, address, isItself].join(' | '),
    )
  }
}

/** The part of a signature that all callers of one scope share. */
interface Look {
  /** False if the scope has nothing of the destination. */
  readonly isInvolved: boolean
  readonly service: Service | undefined
  /** The signature of a caller, with its distinguishing details. It is cached, since callers are many and most have the same signature. */
  readonly signatureWith: (details: string) => string
}

function lookFrom(target: Target, near: Near, scope: Scope, listens: string): Look {
  const imported = scope.imported(near.virtualServices, target.port)
  const service = scope.service(target.host, target.port)
  const isInvolved = imported.length > 0 || service !== undefined || near.wildcard
  if (!isInvolved) return { isInvolved, service, signatureWith: makeSigner(`far ${listens}`) }
  const seen = near.hosts
    .map(host => scope.clusterService(host))
    .map(foundService =>
      foundService === undefined
        ? ''
        : [foundService.namespace, ...foundService.ports.map(port => port.number)].join(':'),
    )
  const words = [
    'near',
    listens,
    imported.map(({ namespace, name }) => `${namespace}/${name}`).join(),
    near.domains
      .map(domain => (domain === target.host ? service : scope.service(domain, target.port))?.namespace ?? '')
      .join(),
    seen.join(),
    near.namespaces.has(scope.namespace) ? scope.namespace : '*',
  ].join(' | ')
  return { isInvolved, service, signatureWith: makeSigner(`${words} |`) }
}

/** Makes the function that joins the words of a scope and the details of a caller. */
function makeSigner(words: string): Look['signatureWith'] {
  // Callers of one scope mostly have the same details. A map for each scope would take more than all signatures.
  let last: { readonly details: string; readonly signature: string } | undefined
  return details => {
    if (last?.details !== details) last = { details, signature: `${words} ${details}` }
    return last.signature
  }
}

/** The surroundings of a destination: all that its requests can meet. */
interface Near {
  readonly virtualServices: readonly VirtualService[]
  /** Its own host, and those that VirtualServices send to. */
  readonly hosts: readonly string[]
  /** The domains of the destination: its own host, and hosts whose services affect the ports of a VirtualService or the owner of a name. */
  readonly domains: readonly string[]
  readonly pods: readonly Workload[]
  readonly labels: readonly string[]
  readonly namespaces: ReadonlySet<string>
  /** These namespaces, and namespaces that affect the visible hosts of a scope in other ways. */
  readonly namespacesOfScopes: ReadonlySet<string>
  readonly wildcard: boolean
  readonly asksAddress: boolean
}

const nearAt = (indexed: IndexedModel, target: Target): Near =>
  indexed.onceOfPolicies('near', () => memo((givenTarget: Target) => getNear(indexed, givenTarget)))(target)

/** The workloads that requests to a destination can get to. */
export const listPodsNear = (indexed: IndexedModel, target: Target): readonly Workload[] =>
  nearAt(indexed, target).pods

/** Tells whether requests to a destination, wherever routes send them, end at pods that Services of Kubernetes select. */
export function isServedByPods(indexed: IndexedModel, target: Target): boolean {
  const { hosts, wildcard } = nearAt(indexed, target)
  const isSelecting = ({ registry, externalName, selector }: Service) =>
    registry === 'Kubernetes' && externalName === undefined && !isEmpty(selector)
  return (
    !wildcard &&
    hosts.every(host => {
      const services = indexed.servicesByHost.get(host) ?? []
      return services.length > 0 && services.every(isSelecting)
    })
  )
}

function getNear(indexed: IndexedModel, { host, port }: Target): Near {
  const around = indexed.wildcardServices.filter(service => isHostWithin(host, service.host))
  const virtualServices = [
    ...new Set([
      ...(indexed.virtualServicesByHost.get(host) ?? []),
      ...indexed.wildcardVirtualServices.filter(({ hosts }) => hosts.some(each => overlapsHost(each, host))),
      ...around.flatMap(service =>
        indexed.model.virtualServices.filter(({ hosts }) =>
          hosts.some(each => overlapsHost(each, service.host)),
        ),
      ),
    ]),
  ]
  const named = [...around.map(service => service.host), ...virtualServices.flatMap(({ hosts }) => hosts)]
  const domains = new Set([
    host,
    ...named.filter(each => !isWildcard(each)),
    ...(named.some(isWildcard) ? (indexed.servicesByPort.get(port) ?? []) : [])
      .map(service => service.host)
      .filter(each => named.some(pattern => isWildcard(pattern) && overlapsHost(each, pattern))),
  ])
  const hosts = [...new Set([host, ...virtualServices.flatMap(listDestinationHosts)])]
  const services = [...hosts.flatMap(each => indexed.servicesByHost.get(each) ?? []), ...around]
  const pods = services.flatMap(service => indexed.podsOf(service))
  const rules: readonly DestinationRule[] = [
    ...hosts.flatMap(each => indexed.destinationRulesByHost.get(each) ?? []),
    ...indexed.wildcardDestinationRules.filter(rule => hosts.some(each => overlapsHost(each, rule.host))),
  ]
  const matches = virtualServices.flatMap(listMatches)
  const labels = new Set([
    ...matches.flatMap(({ sourceLabels }) => Object.keys(sourceLabels)),
    ...rules.flatMap(({ workloadSelector }) => Object.keys(workloadSelector ?? {})),
  ])
  const namespaces = new Set([
    ...virtualServices.flatMap(listNamedNamespaces),
    ...[...rules, ...services].flatMap(({ namespace, exportTo }) => [namespace, ...exportTo]),
    indexed.model.settings.rootNamespace,
  ])
  const namespacesOfScopes = new Set([
    ...namespaces,
    ...hosts
      .flatMap(each => indexed.virtualServicesByDestination.get(each) ?? [])
      .flatMap(listNamedNamespaces),
    ...[...domains]
      .flatMap(each => indexed.servicesByHost.get(each) ?? [])
      .flatMap(({ namespace, exportTo }) => [namespace, ...exportTo]),
  ])
  const isAddressAsked = pods.some(pod => asksAddress(indexed, pod))
  const wildcard =
    around.length > 0 || virtualServices.some(({ hosts: hostNames }) => hostNames.some(isWildcard))
  return {
    virtualServices,
    hosts,
    domains: [...domains],
    pods,
    labels: [...labels].sort(),
    namespaces,
    namespacesOfScopes,
    wildcard,
    asksAddress: isAddressAsked,
  }
}

const listMatches = ({ http, tls, tcp }: VirtualService) => [
  ...http.flatMap(rule => rule.matches),
  ...tls.flatMap(rule => rule.matches),
  ...tcp.flatMap(rule => rule.matches),
]

/** The namespaces that a VirtualService is of, for, or asks callers for. */
const listNamedNamespaces = (virtualService: VirtualService): readonly string[] => [
  virtualService.namespace,
  ...virtualService.exportTo,
  ...listMatches(virtualService).flatMap(({ sourceNamespace }) => sourceNamespace ?? []),
]
