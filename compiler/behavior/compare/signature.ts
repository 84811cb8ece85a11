import type { DestinationRule, Service, VirtualService, Workload } from '../model.ts'
import type { CallerOnSide } from './callers.ts'
import { identityOf } from './clusters.ts'
import { isSubset, isWildcard, overlap } from './host-names.ts'
import { hasHttpListener, listenerConflict, type Target } from './mesh-callers.ts'
import { peerClass } from './peer-classes.ts'
import { scopeOf } from './scope.ts'
import { destinationHosts, type Side } from './side.ts'
import { unmodelledKey } from './space.ts'

/**
 * All of a caller that a destination can depend on: callers with one signature meet the same decisions. It is cheap where
 * a tree is not, since there are as many callers as workloads.
 */
export function callerSignature(side: Side, caller: CallerOnSide, target: Target): string {
  const near = side.once(`near ${target.host}`, () => nearOf(side, target.host))
  const identity = identityOf(side, caller)
  if (caller.unmodelled.length > 0) return `unknown ${caller.unmodelled.map(unmodelledKey).join()}`
  if (!caller.hasSidecar)
    return `plain ${near.asksAddress ? identity : ''}${caller.address === undefined ? '' : near.pods.map(pod => peerClass(side, pod, 'address')).join()}${caller.address ?? ''}`
  const scope = scopeOf(side, caller.namespace, caller.labels)
  const because = scope.unmodelled.length + side.unmodelledFor(caller.namespace, caller.labels).length
  if (because > 0) return `unknown ${scope.key}`
  const imported = scope.imported(near.virtualServices, target.port)
  const service = scope.service(target.host, target.port)
  const isInvolved = imported.length > 0 || service !== undefined || near.wildcard
  const listens = `${scope.outbound} ${hasHttpListener(side, scope, target.port)} ${listenerConflict(side, scope, target.port).length}`
  const peers = near.pods.map(pod => peerClass(side, pod, identity)).join()
  const address = caller.address ?? ''
  if (!isInvolved)
    return `far ${listens} ${near.asksAddress ? address : ''} ${peers === '' ? '' : identityIfPlain(near, identity)}`
  const labels = near.labels.map(name => `${name}=${caller.labels[name] ?? ''}`).join()
  const seen = near.hosts
    .map(host => scope.clusterService(host))
    .map(found =>
      found === undefined ? '' : [found.namespace, ...found.ports.map(port => port.number)].join(':'),
    )
    .join()
  return [
    'near',
    listens,
    imported.map(({ namespace, name }) => `${namespace}/${name}`).join(),
    service === undefined ? '' : `${service.namespace}`,
    labels,
    near.namespaces.has(caller.namespace) ? caller.namespace : '*',
    seen,
    // What a wildcard stands for is what the proxy knows of it.
    (near.overlapping.get(target.port) ?? [])
      .map(service => Number(scope.sees(service, target.port)))
      .join(''),
    peers,
    near.asksAddress ? address : '',
  ].join(' | ')
}

const identityIfPlain = ({ asksAddress }: Near, identity: string) => (asksAddress ? identity : '')

/** What is around a destination: all that its requests can meet. */
interface Near {
  readonly virtualServices: readonly VirtualService[]
  readonly hosts: readonly string[]
  readonly pods: readonly Workload[]
  readonly labels: readonly string[]
  readonly namespaces: ReadonlySet<string>
  readonly wildcard: boolean
  /** Services that a wildcard around the destination stands for, or that are such a wildcard, by port. */
  readonly overlapping: ReadonlyMap<number, readonly Service[]>
  readonly asksAddress: boolean
}

function nearOf(side: Side, host: string): Near {
  const virtualServices = [
    ...new Set([
      ...(side.virtualServicesByHost.get(host) ?? []),
      ...side.wildcardVirtualServices.filter(({ hosts }) => hosts.some(each => overlap(each, host))),
      ...side.wildcardServices
        .filter(service => isSubset(host, service.host))
        .flatMap(service => side.virtualServicesByHost.get(service.host) ?? []),
    ]),
  ]
  const hosts = [...new Set([host, ...virtualServices.flatMap(destinationHosts)])]
  const services = [
    ...hosts.flatMap(each => side.servicesByHost.get(each) ?? []),
    ...side.wildcardServices.filter(service => isSubset(host, service.host)),
  ]
  const pods = services.flatMap(service => side.podsOf(service))
  const rules: readonly DestinationRule[] = [
    ...hosts.flatMap(each => side.destinationRulesByHost.get(each) ?? []),
    ...side.wildcardDestinationRules.filter(rule => hosts.some(each => overlap(each, rule.host))),
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
  const asksAddress = pods.some(pod => peerClass(side, pod, 'nobody') === 'nobody')
  const wildcard =
    side.wildcardServices.some(service => isSubset(host, service.host)) ||
    virtualServices.some(({ hosts: own }) => own.some(isWildcard))
  const wildcards = [
    ...side.wildcardServices.map(service => service.host).filter(each => isSubset(host, each)),
    ...virtualServices.flatMap(({ hosts: own }) => own.filter(isWildcard)),
  ]
  const overlapping = new Map(
    [...(wildcards.length === 0 ? [] : side.servicesByPort)].map(([port, all]) => [
      port,
      all.filter(service => wildcards.some(each => overlap(service.host, each))),
    ]),
  )
  return {
    virtualServices,
    hosts,
    pods,
    labels: [...labels].sort(),
    namespaces,
    wildcard,
    overlapping,
    asksAddress,
  }
}
