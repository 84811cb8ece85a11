import { groupBy } from '../../basics/group-by.ts'
import { memo } from '../../basics/memo.ts'
import { weakMemo } from '../../basics/weak-memo.ts'
import { everyAddress } from '../address-ranges.ts'
import { listUnmodelledSending } from '../captured-traffic.ts'
import { isBare } from '../is-bare.ts'
import { isMachine } from '../is-machine.ts'
import type {
  L4Match,
  Labels,
  Protocol,
  Service,
  Sidecar,
  TlsMatch,
  VirtualService,
  Workload,
} from '../model.ts'
import { getQualifiedName } from '../qualified-name.ts'
import type { Unmodelled, UnmodelledReason } from '../result.ts'
import { receiveHeaders, type SeenAddress } from './arrival-view.ts'
import { noToken } from './claim-condition.ts'
import {
  type Client,
  type Cluster,
  type Delivered,
  deliver,
  type EnterGateway,
  getIdentity,
  isHttpAt,
  isHttpProtocol,
  isTlsProtocol,
  listUnmodelledAt,
  listUnmodelledBytesAt,
  makeAnswerAt,
  nameCluster,
  resolvePodPort,
  type Sent,
} from './delivery.ts'
import { findServerMode } from './encryption.ts'
import { findMostSpecific, isHostWithin, isWildcard, overlapsHost } from './host-names.ts'
import { findPort, hasLabels, type IndexedModel } from './indexed-model.ts'
import { buildDefaultRoute, buildVirtualHost, listRouteCases, type RouteContext } from './route-tree.ts'
import { findScope, type Scope } from './scope.ts'
import { buildServerTree } from './server-tree.ts'
import { parseAddress } from './token-forms.ts'
import { type Answer, type Fate, makeLeaf, mapAnswers, type Routing, type Tree } from './tree.ts'

/** A workload that calls. */
export interface MeshCaller {
  readonly namespace: string
  readonly serviceAccount: string
  /** `spiffe://…`, unless the identity follows from namespace and service account. */
  readonly identity?: string
  readonly labels: Labels
  /** The address, or `anyAddress`: the address in the request. */
  readonly address: string | undefined
  /** The parts of it that are beyond the model. */
  readonly unmodelled: readonly Unmodelled[]
}

/** The address of a caller for which no manifest has an address. */
export const anyAddress = 'any'

/** The target of a request: its host and port, and its protocol. */
export interface Target {
  readonly host: string
  readonly port: number
  readonly protocol: 'http' | 'tcp' | 'tls'
}

/** Builds the tree of the fates of requests that a workload with a sidecar sends. */
export function buildSidecarTree(
  indexed: IndexedModel,
  caller: MeshCaller,
  target: Target,
  enterGateway: EnterGateway,
): Tree<Fate> {
  const scope = findScope(indexed, caller.namespace, caller.labels)
  const because = [
    ...scope.unmodelled,
    ...listUnmodelledSending(caller.unmodelled, target.port),
    ...indexed.unmodelledFor(caller, ['outbound', 'leaving'], target.port),
    ...indexed.unmodelledForHost(target.host),
  ]
  if (because.length > 0) return makeLeaf({ unknown: because })
  const client: Client = {
    namespace: caller.namespace,
    labels: caller.labels,
    identity: getIdentity(indexed, caller),
    address: getSeenAddress(caller),
    scope,
    isGateway: false,
    enterGateway,
  }
  const conflict = findListenerConflict(indexed, scope, target.port)
  if (conflict.length > 0) return makeLeaf({ unknown: conflict })
  const service = scope.service(target.host, target.port)
  const port = service === undefined ? undefined : findPort(service, target.port)
  if (service !== undefined && port !== undefined) {
    const isHttp = isHttpProtocol(port.protocol) || port.protocol === 'Unsupported'
    const unclear = explainUnclearListener(indexed, scope, caller, target, service, port.protocol)
    if (unclear.length > 0) return makeLeaf({ unknown: unclear })
    if (target.protocol === 'http' && isHttp) return buildHttpTree(indexed, client, target)
    return isTlsProtocol(port.protocol)
      ? buildTlsTree(indexed, client, { ...target, protocol: 'tls' }, service)
      : buildTcpTree(indexed, client, asBytes(target), service)
  }
  const wild = target.protocol === 'tls' ? findWildcardService(indexed, scope, target) : undefined
  if (wild !== undefined) return buildTlsTree(indexed, client, target, wild)
  const open = openBytesService(indexed, scope, target.port)
  if (open !== undefined) return buildTcpTree(indexed, client, asBytes(target), open)
  if (target.protocol === 'http' && hasHttpListener(indexed, scope, target.port))
    return buildHttpTree(indexed, client, target)
  if (scope.outbound === 'REGISTRY_ONLY')
    return makeLeaf({ outcomes: [{ cluster: 'BlackHoleCluster', transport: 'plaintext', verdict: 'RESET' }] })
  return buildPassthroughTree(indexed, client, target, undefined)
}

/** HTTP on a TCP port is an ordinary connection. TLS remains the protocol of the application. */
const asBytes = (target: Target): Target => ({
  ...target,
  protocol: target.protocol === 'tls' ? 'tls' : 'tcp',
})

/** Finds why it is unclear which listener takes a connection: it depends on the address of a pod, or on the bytes. */
function explainUnclearListener(
  indexed: IndexedModel,
  scope: Scope,
  caller: MeshCaller,
  target: Target,
  service: Service,
  protocol: Protocol,
): readonly Unmodelled[] {
  const because = (path: string, reason: UnmodelledReason) => [
    { object: service, path: ['spec', path], reason },
  ]
  if (target.protocol !== 'http' && isHttpProtocol(protocol))
    return because('ports', { code: 'non-http-bytes-on-http-port' })
  if (target.protocol !== 'tls' && isTlsProtocol(protocol))
    return because('ports', { code: 'non-tls-bytes-on-tls-port' })
  if (!service.isHeadless) return []
  if (protocol === 'Unsupported' && hasHttpListener(indexed, scope, target.port))
    return because('clusterIP', { code: 'headless-port-in-use' })
  const isHttp = isHttpProtocol(protocol)
  const pods = indexed.podsOf(service)
  const services = (indexed.servicesByPort.get(target.port) ?? []).filter(
    otherService =>
      otherService !== service &&
      otherService.isHeadless &&
      !(isHttp && isHttpProtocol(findPort(otherService, target.port)!.protocol)) &&
      indexed.podsOf(otherService).some(pod => pods.includes(pod)),
  )
  if (services.length > 0) return because('clusterIP', { code: 'headless-pod-of-two-services' })
  // The listener of HTTP has no address.
  return !isHttp && pods.some(pod => isCaller(pod, caller))
    ? because('clusterIP', { code: 'headless-pod-calling-itself' })
    : []
}

/** The service without an address whose wildcard best matches an SNI. */
function findWildcardService(
  indexed: IndexedModel,
  scope: Scope,
  { host, port }: Target,
): Service | undefined {
  const seen = indexed.wildcardServices.filter(
    service =>
      service.addresses.length === 0 &&
      isTlsProtocol(findPort(service, port)?.protocol ?? 'TCP') &&
      scope.sees(service, port),
  )
  const best = findMostSpecific(
    host,
    seen.map(service => service.host),
  )
  return seen.find(service => service.host === best)
}

/** Tells whether a pod may be the caller. */
export const isCaller = (pod: Workload, caller: MeshCaller): boolean =>
  pod.namespace === caller.namespace && hasLabels(caller.labels, pod.labels)

/** Builds the tree of the fates of requests of a workload without a sidecar. Its requests reach the pods directly. */
export function buildPlaintextTree(
  indexed: IndexedModel,
  caller: MeshCaller,
  target: Target,
  enterGateway: EnterGateway,
): Tree<Fate> {
  const because = [
    ...listUnmodelledSending(caller.unmodelled, target.port),
    ...indexed.unmodelledFor(caller, ['leaving'], target.port),
  ]
  if (because.length > 0) return makeLeaf({ unknown: because })
  const service = indexed.servicesByHost.get(target.host)?.find(({ registry }) => registry === 'Kubernetes')
  const servers =
    service === undefined
      ? []
      : listPlainPods(
          indexed,
          { address: getSeenAddress(caller), enterGateway },
          service,
          target,
          undefined,
          false,
        )
  if (servers.length === 0) return makeLeaf({ outcomes: [{ verdict: 'UNREACHABLE' }] })
  return { kind: 'each', routing: undefined, servers }
}

const getSeenAddress = ({ address }: MeshCaller): SeenAddress =>
  address === anyAddress ? 'sent' : address === undefined ? undefined : parseAddress(address)

export const makeAuthority = (
  { host, port }: Pick<Target, 'host' | 'port'>,
  scheme: 'http' | 'https',
): string => (port === (scheme === 'http' ? 80 : 443) ? host : `${host}:${port}`)

function buildHttpTree(indexed: IndexedModel, client: Client, target: Target): Tree<Fate> {
  const { host, port } = target
  const { scope } = client
  const headers = receiveHeaders(new Map(), 'http')
  const context: RouteContext = {
    indexed,
    client,
    port,
    authority: makeAuthority(target, 'http'),
    scheme: 'http',
    gateways: ['mesh'],
    labels: client.labels,
    namespace: client.namespace,
    hasToken: true,
    token: noToken,
    remoteAddress: client.address,
    headers,
    sentHeaders: headers,
    // On sidecars, a destination without a port has the port of the listener.
    defaultPort: () => port,
  }
  const candidates = new Set([
    ...(indexed.virtualServicesByHost.get(host) ?? []),
    ...indexed.wildcardVirtualServices.filter(({ hosts }) => hosts.some(each => isHostWithin(host, each))),
    // A wildcard service may match this host.
    ...indexed.wildcardServices
      .filter(service => isHostWithin(host, service.host))
      .flatMap(service => indexed.virtualServicesByHost.get(service.host) ?? []),
  ])
  const imported = scope.imported(candidates, port)
  const domains = listHostDomains(indexed, scope, imported, host, port, context)
  if (domains !== undefined) return domains
  if (scope.outbound === 'REGISTRY_ONLY')
    return makeLeaf({
      routing: { action: 'directResponse', clusters: [] },
      outcomes: [{ verdict: 'DIRECT_RESPONSE', status: 502 }],
    })
  return buildPassthroughTree(indexed, client, target, {
    action: 'route',
    clusters: [{ cluster: 'PassthroughCluster', weight: 100, known: true }],
    timeout: 0,
  })
}

/**
 * The virtual host for a host: that with the host itself as its domain, else that with the longest wildcard. Each domain
 * is its first owner's: VirtualServices in their order, then services.
 *
 * See istio pilot/pkg/networking/core/httproute.go and route/route.go.
 */
function listHostDomains(
  indexed: IndexedModel,
  scope: Scope,
  imported: readonly VirtualService[],
  host: string,
  port: number,
  context: RouteContext,
): Tree<Fate> | undefined {
  const registered = (domain: string): Service | undefined => {
    const service = scope.service(domain, port)
    return service !== undefined && findPort(service, port) !== undefined ? service : undefined
  }
  const isHttpService = (domain: string) => {
    const service = registered(domain)
    const protocol = service === undefined ? undefined : findPort(service, port)!.protocol
    return protocol !== undefined && (isHttpProtocol(protocol) || protocol === 'Unsupported')
  }
  const matchingServices = (pattern: string): readonly Service[] =>
    isWildcard(pattern)
      ? (indexed.servicesByPort.get(port) ?? []).filter(
          service => overlapsHost(service.host, pattern) && scope.sees(service, port),
        )
      : [registered(pattern)].filter(service => service !== undefined)
  /** The VirtualService that a service with wildcards around it belongs to. */
  const bestFor = (domain: string): VirtualService | undefined => {
    const best = findMostSpecific(
      domain,
      imported.flatMap(({ hosts }) => hosts),
    )
    return best === undefined ? undefined : imported.find(({ hosts }) => hosts.includes(best))
  }
  const claims = (virtualService: VirtualService, domain: string): boolean =>
    virtualService.hosts.some(each =>
      isWildcard(each) ? overlapsHost(domain, each) && bestFor(domain) === virtualService : each === domain,
    )
  /** Tells whether a VirtualService has a virtual host on this port, for hosts that are no services. */
  const isOnPort = (virtualService: VirtualService): boolean =>
    port === 80 ||
    virtualService.hosts.some(each =>
      matchingServices(each).some(
        service => isHttpService(service.host) && claims(virtualService, service.host),
      ),
    )
  const domains = [
    host,
    ...[
      ...new Set([
        ...imported.flatMap(({ hosts }) => hosts),
        ...indexed.wildcardServices.map(service => service.host),
      ]),
    ]
      .filter(each => isWildcard(each) && isHostWithin(host, each))
      .sort((a, b) => b.length - a.length),
  ]
  for (const domain of domains) {
    for (const virtualService of imported) {
      const isService = registered(domain) !== undefined
      const owns = isService
        ? isHttpService(domain) && claims(virtualService, domain)
        : virtualService.hosts.includes(domain) &&
          (!isWildcard(domain) || matchingServices(domain).length === 0) &&
          isOnPort(virtualService)
      if (!owns) continue
      const cases = listRouteCases(virtualService, context)
      if (cases.length > 0) return buildVirtualHost(cases)
    }
    if (isHttpService(domain)) return buildDefaultRoute({ host: domain, port, subset: '' }, context)
  }
  return undefined
}

/** Tells whether the proxy takes HTTP at a port, whatever the address. */
export const hasHttpListener = (indexed: IndexedModel, scope: Scope, port: number): boolean =>
  httpListeners(indexed.model.services)(port)(scope.namespace)(scope)

/** Remembers the HTTP listeners of these services, whatever else there is: two models may share them. */
const httpListeners = weakMemo((_: readonly Service[]) =>
  memo((port: number) =>
    memo((_: string) => {
      const listenersBySidecar = new Map<Sidecar | undefined, boolean>()
      return (scope: Scope): boolean => {
        const hasListener =
          listenersBySidecar.get(scope.sidecar) ??
          scope.someService(port, service => isHttpProtocol(findPort(service, port)!.protocol))
        listenersBySidecar.set(scope.sidecar, hasListener)
        return hasListener
      }
    }),
  ),
)

/** Services without an address of their own that share a port and do not agree on how it is spoken to. */
export function findListenerConflict(
  indexed: IndexedModel,
  scope: Scope,
  port: number,
): readonly Unmodelled[] {
  const open = openServices(indexed.model.services).get(port) ?? []
  if (open.length === 0) return []
  return indexed.once(`conflict ${scope.key} ${port}`, () => {
    const seen = open.filter(service => scope.sees(service, port))
    if (seen.length === 0) return []
    const hasHttp = hasHttpListener(indexed, scope, port)
    const bytes = seen.filter(service => !isTlsProtocol(findPort(service, port)!.protocol))
    if (!hasHttp && (bytes.length === 0 || seen.length === 1)) return []
    return seen.map(object => ({
      object,
      path: ['spec', 'ports'],
      reason: { code: 'headless-port-in-use' },
    }))
  })
}

/** The external service that matches every address and accepts the bytes to a port that no other listener accepts. */
const openBytesService = (indexed: IndexedModel, scope: Scope, port: number): Service | undefined =>
  openServices(indexed.model.services)
    .get(port)
    ?.find(service => !isTlsProtocol(findPort(service, port)!.protocol) && scope.sees(service, port))

/** Indexes the external services that match every address by their ports that are not HTTP. */
const openServices = weakMemo((all: readonly Service[]) =>
  groupBy(all, service =>
    service.registry === 'External' &&
    (service.addresses.length === 0 || service.addresses.includes(everyAddress))
      ? service.ports
          .map(({ number }) => number)
          .filter(number => !isHttpProtocol(findPort(service, number)!.protocol))
      : [],
  ),
)

function buildTcpTree(indexed: IndexedModel, client: Client, target: Target, service: Service): Tree<Fate> {
  const routes = listL4Services(indexed, client.scope, service, target.port).flatMap(virtualService =>
    virtualService.tcp.map(rule => ({ virtualService, rule })),
  )
  for (const { virtualService: foundVirtualService, rule } of routes) {
    if (rule.destinations.length === 0) continue
    if (foundVirtualService.unmodelled.length > 0)
      return makeLeaf({ unknown: foundVirtualService.unmodelled })
    if (rule.matches.length === 0) return buildL4Delivery(indexed, client, target, rule.destinations)
    for (const match of rule.matches) {
      if (!isForClient(match, client, target.port)) continue
      if (match.destinationSubnets.length > 0)
        return makeLeaf({ unknown: [{ object: foundVirtualService, path: [...rule.at.path, 'match'] }] })
      return buildL4Delivery(indexed, client, target, rule.destinations)
    }
  }
  return buildL4Delivery(indexed, client, target, [
    { host: service.host, port: target.port, subset: '', weight: 1 },
  ])
}

function buildTlsTree(indexed: IndexedModel, client: Client, target: Target, service: Service): Tree<Fate> {
  const matching = listL4Services(indexed, client.scope, service, target.port).flatMap(virtualService =>
    virtualService.tls.flatMap(rule =>
      rule.destinations.length === 0
        ? []
        : rule.matches
            .filter(match => isForClient(match, client, target.port))
            .map(match => ({ virtualService, rule, match })),
    ),
  )
  const unclear = matching.find(
    ({ virtualService: foundVirtualService, match }) =>
      foundVirtualService.unmodelled.length > 0 || match.destinationSubnets.length > 0,
  )
  if (unclear !== undefined)
    return makeLeaf({
      unknown: [{ object: unclear.virtualService, path: [...unclear.rule.at.path, 'match'] }],
    })
  if (matching.length === 0)
    return buildL4Delivery(indexed, client, target, [
      { host: service.host, port: target.port, subset: '', weight: 1 },
    ])
  const best = findMostSpecific(
    target.host,
    matching.flatMap(({ match }) => match.sniHosts),
  )
  const chosen = matching.find(({ match }) => best !== undefined && match.sniHosts.includes(best))
  if (chosen === undefined)
    return makeLeaf({
      unknown: [{ object: matching[0]!.virtualService, path: [...matching[0]!.rule.at.path, 'match'] }],
    })
  return buildL4Delivery(indexed, client, target, chosen.rule.destinations)
}

/** The VirtualServices with a host that matches a service, or that the service's host matches. */
function listL4Services(
  indexed: IndexedModel,
  scope: Scope,
  service: Service,
  port: number,
): readonly VirtualService[] {
  const candidates = new Set([
    ...(indexed.virtualServicesByHost.get(service.host) ?? []),
    ...indexed.wildcardVirtualServices.filter(({ hosts }) =>
      hosts.some(host => overlapsHost(host, service.host)),
    ),
    ...(isWildcard(service.host)
      ? indexed.model.virtualServices.filter(({ hosts }) =>
          hosts.some(host => overlapsHost(host, service.host)),
        )
      : []),
  ])
  return scope.imported(candidates, port)
}

const isForClient = (match: L4Match | TlsMatch, { labels, namespace }: Client, port: number): boolean =>
  (match.gateways.length === 0 || match.gateways.includes('mesh')) &&
  (match.port === undefined || match.port === port) &&
  Object.entries(match.sourceLabels).every(([name, value]) => labels[name] === value) &&
  (match.sourceNamespace === undefined || match.sourceNamespace === namespace)

/** A connection to one of some destinations, by weight. */
export function buildL4Delivery(
  indexed: IndexedModel,
  client: Client,
  { host, port, protocol }: Target,
  destinations: readonly {
    readonly host: string
    readonly port: number | undefined
    readonly subset: string
    readonly weight: number
  }[],
): Tree<Fate> & { readonly kind: 'each' } {
  const drawn =
    destinations.length === 1
      ? [{ ...destinations[0]!, weight: 1 }]
      : destinations.filter(({ weight }) => weight > 0)
  const total = drawn.reduce((sum, { weight }) => sum + weight, 0)
  const sent: Sent = {
    protocol,
    authority: host,
    path: { kind: 'sent' },
    headers: new Map(),
    hasToken: false,
    remoteAddress: client.address,
  }
  const delivered = drawn.map(destination => {
    const only = client.scope.clusterService(destination.host)
    const onlyPort = only?.ports.length === 1 ? only.ports[0]!.number : port
    const cluster: Cluster = {
      host: destination.host,
      port: destination.port ?? onlyPort,
      subset: destination.subset,
    }
    return {
      name: nameCluster(cluster),
      weight: destination.weight,
      ...deliver(indexed, client, cluster, sent),
    }
  })
  const routing: Routing = {
    action: 'route',
    clusters: delivered.map(({ name, weight, known }) => ({
      cluster: name,
      weight: Math.round((weight / total) * 1e6) / 1e4,
      known,
    })),
  }
  return { kind: 'each', routing, servers: delivered.flatMap(({ servers }) => servers) }
}

/** A request to an unknown host reaches the dialled address in plaintext: the pods of a Service, or outside. */
function buildPassthroughTree(
  indexed: IndexedModel,
  client: Client,
  target: Target,
  routing: Routing | undefined,
): Tree<Fate> {
  const cluster = 'PassthroughCluster'
  const service = indexed.servicesByHost.get(target.host)?.find(({ registry }) => registry === 'Kubernetes')
  if (service === undefined) return outside()
  const hasPort = findPort(service, target.port) !== undefined
  const pods = listPlainPods(indexed, client, service, target, cluster, routing !== undefined)
  if (service.isHeadless && (!hasPort || pods.length === 0)) return outside()
  // The name of a headless Service is dialled at one of its pods, the first.
  const servers = service.isHeadless ? pods.slice(0, 1) : pods
  if (servers.length > 0) return { kind: 'each', routing, servers }
  return makeLeaf({
    ...(routing === undefined ? {} : { routing }),
    outcomes: [{ cluster, verdict: 'UNREACHABLE' }],
  })

  function outside(): Tree<Fate> {
    const outcome = { cluster, workload: 'external', transport: 'plaintext' as const }
    return { kind: 'each', routing, servers: [{ outcome, answer: makeLeaf({ verdict: 'ALLOW' }) }] }
  }
}

/** The pods of a Service, in the form that a plaintext client reaches. */
function listPlainPods(
  indexed: IndexedModel,
  { address, enterGateway }: Pick<Client, 'address' | 'enterGateway'>,
  service: Service,
  target: Target,
  cluster: string | undefined,
  isRouted: boolean,
): Delivered['servers'] {
  const servicePort = findPort(service, target.port)
  if (servicePort === undefined) return []
  const pods = indexed.podsOf(service).filter(pod => !isMachine(pod))
  return pods.flatMap(pod => {
    // A caller that dials a pod by its address dials the port that it knows.
    const port = service.isHeadless && cluster !== undefined ? target.port : resolvePodPort(servicePort, pod)
    const outcome = { ...(cluster === undefined ? {} : { cluster }), workload: getQualifiedName(pod) }
    const transport =
      target.protocol === 'tls' && cluster === undefined ? ('tls' as const) : ('plaintext' as const)
    const because = [
      ...listUnmodelledAt(indexed, pod, port),
      ...service.unmodelled,
      ...(target.protocol === 'http' ? [] : listUnmodelledBytesAt(indexed, pod, port)),
    ]
    if (because.length > 0) return [{ outcome, answer: makeLeaf<Answer>({ unknown: because }) }]
    const reset: Answer = isRouted ? { verdict: 'UPSTREAM_RESET', status: 503 } : { verdict: 'RESET' }
    const authority = makeAuthority(target, 'http')
    const serverName = target.protocol === 'tls' ? target.host : ''
    if (pod.proxy === 'gateway') {
      const { answer } = enterGateway(indexed, pod, {
        port,
        transport: 'plaintext',
        serverName,
        peer: undefined,
        address,
        sent: {
          protocol: target.protocol,
          authority,
          path: { kind: 'sent' },
          headers: new Map(),
          hasToken: true,
        },
      })
      return [
        {
          outcome: { ...outcome, transport },
          answer: mapAnswers(answer, each => (each.verdict === 'RESET' ? { ...each, ...reset } : each)),
        },
      ]
    }
    if (isBare(pod, port))
      return [
        {
          outcome: { ...outcome, transport },
          answer: makeLeaf<Answer>(makeAnswerAt(indexed, pod, port, target.protocol)),
        },
      ]
    if (findServerMode(indexed, pod, port).mode === 'STRICT')
      return [
        {
          outcome: { ...outcome, transport },
          answer: makeLeaf(reset),
        },
      ]
    const arrival = {
      isHttp: target.protocol === 'http' && isHttpAt(indexed, pod, port),
      peer: undefined,
      port,
      authority,
      serverName,
      address,
      remoteAddress: address,
      path: { kind: 'sent' as const },
      headers: receiveHeaders(new Map(), 'http'),
      hasToken: true,
    }
    return [
      {
        outcome: { ...outcome, transport },
        answer: buildServerTree<Answer>(
          indexed,
          pod,
          arrival,
          answer => answer,
          makeLeaf(makeAnswerAt(indexed, pod, port, target.protocol)),
        ),
      },
    ]
  })
}
