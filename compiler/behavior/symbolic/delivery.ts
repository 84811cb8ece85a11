import { listUnmodelledServing } from '../captured-traffic.ts'
import { isBare } from '../is-bare.ts'
import { isMachine } from '../is-machine.ts'
import type {
  ClientTls,
  HeaderChanges,
  Labels,
  Protocol,
  Service,
  ServicePort,
  Sidecar,
  Workload,
} from '../model.ts'
import { getQualifiedName } from '../qualified-name.ts'
import type { Unmodelled } from '../result.ts'
import {
  type Arrival,
  type HeaderView,
  type PathView,
  receiveHeaders,
  type SeenAddress,
} from './arrival-view.ts'
import { type ClientRules, findClientRules } from './client-rules.ts'
import {
  type ClientMode,
  declaresMutual,
  findClientMode,
  findServerMode,
  isMutualEndpoint,
  isPassthrough,
  listUnmodelledOfServerMode,
} from './encryption.ts'
import { findPort, hasLabels, type IndexedModel, isEmpty } from './indexed-model.ts'
import { findSidecar, type Scope } from './scope.ts'
import { buildServerTree } from './server-tree.ts'
import { type Answer, type Delivery, makeLeaf, mapAnswers, type Tree } from './tree.ts'

/** A proxy that sends: a sidecar, or a gateway. */
export interface Client {
  readonly namespace: string
  readonly labels: Labels
  /** `spiffe://…`. */
  readonly identity: string
  readonly address: SeenAddress
  readonly scope: Scope
  readonly isGateway: boolean
  /** Continues with a request at a gateway. */
  readonly enterGateway: EnterGateway
}

export type EnterGateway = (indexed: IndexedModel, gateway: Workload, entry: GatewayEntry) => Entered

/** A connection that a client opens to a port of a gateway's pod. */
export interface GatewayEntry {
  readonly port: number
  readonly transport: 'mtls' | 'plaintext'
  /** The SNI of a handshake; empty: the handshake has no SNI. */
  readonly serverName: string
  /** The identity that mutual TLS proves. */
  readonly peer: string | undefined
  readonly address: SeenAddress
  readonly sent: Pick<Sent, 'protocol' | 'authority' | 'path' | 'headers' | 'hasToken'>
}

/** The answer of a gateway, and whether it has ended the encryption. */
export interface Entered {
  readonly isOpened: boolean
  readonly answer: Tree<Answer>
}

/** The request that is sent to a cluster, with all changes before. */
export interface Sent {
  readonly protocol: 'http' | 'tcp' | 'tls'
  readonly authority: string
  readonly path: PathView
  readonly headers: HeaderView
  readonly hasToken: boolean
  readonly remoteAddress: SeenAddress
}

export interface Cluster {
  readonly host: string
  readonly port: number
  readonly subset: string
}

export interface Delivered {
  readonly known: boolean
  readonly servers: readonly { readonly outcome: Delivery; readonly answer: Tree<Answer> }[]
}

export const nameCluster = ({ host, port, subset }: Cluster): string => `outbound|${port}|${subset}|${host}`

/** Delivers a request of a client to a cluster, at each server behind it. */
export function deliver(indexed: IndexedModel, client: Client, cluster: Cluster, sent: Sent): Delivered {
  const name = nameCluster(cluster)
  const failed = (known: boolean): Delivered => ({
    known,
    servers: [
      {
        outcome: known || sent.protocol === 'http' ? { cluster: name } : {},
        answer: makeLeaf(
          sent.protocol === 'http' ? { verdict: 'NO_UPSTREAM', status: 503 } : { verdict: 'RESET' },
        ),
      },
    ],
  })
  const service = client.scope.clusterService(cluster.host)
  const port = service === undefined ? undefined : findPort(service, cluster.port)
  if (service === undefined || port === undefined) return failed(false)
  const rules = findClientRules(indexed, client, service)
  const subset = rules?.subsets.find(foundSubset => foundSubset.name === cluster.subset)
  if (cluster.subset !== '' && subset === undefined) return failed(false)
  const because = [...service.unmodelled, ...(rules?.unmodelled ?? [])]
  if (service.externalName !== undefined || service.resolution === 'alias')
    because.push({ object: service, path: ['spec', 'externalName'] })
  if (rules !== undefined && isPassthrough(rules, cluster.subset, cluster.port))
    because.push({ object: rules.object, path: ['spec', 'trafficPolicy', 'loadBalancer'] })
  // Names are looked up by the chain of filters of a TLS port.
  const isForTls = port.protocol === 'TLS' && !client.isGateway && service.isExternal
  if (service.resolution === 'dynamicDns' && (!isForTls || cluster.subset !== ''))
    because.push({ object: service, path: ['spec', 'resolution'], reason: { code: 'dynamic-dns' } })
  if (because.length > 0)
    return { known: true, servers: [{ outcome: { cluster: name }, answer: makeLeaf({ unknown: because }) }] }
  const labels = subset?.labels ?? {}
  const isDialled = service.resolution === 'passthrough' && !client.isGateway
  const isExternal = service.registry === 'External'
  const servers = [
    ...(isExternal && (isEmpty(service.selector) || service.endpoints.length > 0)
      ? listExternalServers(indexed, client, service, labels, cluster, rules, sent)
      : []),
    ...indexed
      .podsOf(service)
      // The address that is dialled decides, not the subset.
      .filter(pod => isDialled || hasLabels(pod.labels, labels))
      // Kubernetes knows the endpoints of a Service without an address, and no machine.
      .filter(pod => isExternal || !(service.isHeadless && isMachine(pod)))
      .filter(pod => findTargetPort(port, pod) !== undefined)
      .map(pod => makePodServer(indexed, client, cluster, service, port, rules, pod, sent)),
  ]
  return servers.length === 0 ? failed(true) : { known: true, servers }
}

/** Addresses that no pod has: they are outside, or as good as outside. */
function listExternalServers(
  indexed: IndexedModel,
  client: Client,
  service: Service,
  labels: Labels,
  cluster: Cluster,
  rules: ClientRules | undefined,
  sent: Sent,
): Delivered['servers'] {
  const endpoints = service.endpoints.filter(endpoint => hasLabels(endpoint.labels, labels))
  const pod = indexed.model.workloads.find(({ address }) =>
    endpoints.some(endpoint => address !== undefined && endpoint.address === address),
  )
  const outcome = { cluster: nameCluster(cluster), workload: 'external' }
  if (pod !== undefined)
    return [{ outcome, answer: makeLeaf({ unknown: [{ object: service, path: ['spec', 'endpoints'] }] }) }]
  const isFound =
    service.resolution === 'passthrough' ||
    service.resolution === 'dynamicDns' ||
    endpoints.length > 0 ||
    service.resolution.startsWith('dns')
  if (
    !isFound ||
    (service.resolution.startsWith('dns') && service.endpoints.length > 0 && endpoints.length === 0)
  )
    return []
  const mode = findClientMode(indexed, rules, service, cluster.subset, cluster.port, client.isGateway)
  // An endpoint of the mesh that no manifest contains speaks mutual TLS; its policies are not known.
  const isMutual = endpoints.some(declaresMutual)
  if (
    (mode.kind === 'mutual' && (!service.isExternal || isMutual)) ||
    (mode.kind === 'automatic' && isMutual)
  )
    return [{ outcome, answer: makeLeaf({ unknown: [makeMissingWorkload(service)] }) }]
  // A server outside has no certificate of the mesh; its own certificate has the requested name.
  if (mode.kind === 'mutual' || (mode.kind === 'tls' && !acceptsName(mode.tls, sent)))
    return [
      {
        outcome: { ...outcome, transport: 'failed' },
        answer: makeLeaf(failConnection(sent)),
      },
    ]
  const transport = mode.kind === 'tls' ? 'tls' : 'plaintext'
  return [{ outcome: { ...outcome, transport }, answer: makeLeaf({ verdict: 'ALLOW' }) }]
}

const makeMissingWorkload = (service: Service): Unmodelled => ({
  object: service,
  path: ['spec'],
  reason: { code: 'workload-without-manifest' },
})

/** Tells whether a client takes the certificate of a server outside, which has the name that the client asks for. */
function acceptsName({ subjectAltNames, insecureSkipVerify, sni }: ClientTls, sent: Sent): boolean {
  if (subjectAltNames.length === 0 || insecureSkipVerify) return true
  const host = sent.protocol === 'http' ? sent.authority.replace(/:\d+$/, '') : ''
  return subjectAltNames.includes(sni === '' ? host : sni)
}

/** A pod behind a cluster. */
function makePodServer(
  indexed: IndexedModel,
  client: Client,
  cluster: Cluster,
  service: Service,
  servicePort: ServicePort,
  rules: ClientRules | undefined,
  pod: Workload,
  sent: Sent,
): Delivered['servers'][number] {
  const port = resolvePodPort(servicePort, pod)
  const isDirect = isBare(pod, port)
  const mode = findClientMode(indexed, rules, service, cluster.subset, cluster.port, client.isGateway)
  const isMutual =
    mode.kind === 'mutual' ||
    (mode.kind === 'automatic' && isMutualEndpoint(indexed, rules, cluster.subset, cluster.port, pod, port))
  const link: Link = { client, cluster, service, servicePort, rules, pod, port, isDirect, mode, isMutual }
  if (pod.proxy === 'gateway' && mode.kind !== 'tls') return makeGatewayServer(indexed, link, sent)
  const outcome: Delivery = { cluster: nameCluster(cluster), workload: getQualifiedName(pod) }
  const because = listUnmodelledOfLink(indexed, link, sent)
  if (because.length > 0) return { outcome, answer: makeLeaf({ unknown: because }) }
  const handshake = judgeHandshake(indexed, link, sent)
  if (handshake === 'unknown')
    return { outcome, answer: makeLeaf({ unknown: listForeignTls(rules, service) }) }
  if (handshake === 'failed') {
    const transport = isMutual || mode.kind === 'tls' ? 'failed' : 'plaintext'
    return { outcome: { ...outcome, transport }, answer: makeLeaf(failConnection(sent)) }
  }
  const isPassedOn = handshake === 'passedOn'
  const transport = isPassedOn ? 'failed' : isMutual ? 'mtls' : 'plaintext'
  const answer = makeAnswerAt(indexed, pod, port, sent.protocol)
  if (isDirect) return { outcome: { ...outcome, transport }, answer: makeLeaf(answer) }
  const peer = isMutual && !isPassedOn ? client.identity : undefined
  const arrival = makeArrival(indexed, link, peer, sent)
  return {
    outcome: { ...outcome, transport, ...(peer === undefined ? {} : { peer }) },
    answer: buildServerTree<Answer>(
      indexed,
      pod,
      arrival,
      // A proxy that refuses a connection closes it, and the one before has to say why it has no answer.
      answer => (sent.protocol === 'http' && !arrival.isHttp ? failConnection(sent) : answer),
      makeLeaf(isPassedOn ? { verdict: 'RESET' } : answer),
    ),
  }
}

/** The way from a client to a port of a pod behind a cluster. */
interface Link {
  readonly client: Client
  readonly cluster: Cluster
  readonly service: Service
  readonly servicePort: ServicePort
  readonly rules: ClientRules | undefined
  readonly pod: Workload
  readonly port: number
  /** True if no sidecar captures the arriving traffic. */
  readonly isDirect: boolean
  readonly mode: ClientMode
  /** True if the client speaks mutual TLS. */
  readonly isMutual: boolean
}

/** Lists the unmodelled parts between a client and a pod. */
function listUnmodelledOfLink(
  indexed: IndexedModel,
  { service, servicePort, rules, pod, port, isDirect, mode, isMutual }: Link,
  sent: Sent,
): readonly Unmodelled[] {
  const isTls = isMutual || mode.kind === 'tls'
  return [
    ...(pod.proxy === 'gateway'
      ? [{ object: pod, path: [], reason: { code: 'gateway-sending-on-mesh-traffic' } as const }]
      : []),
    ...listUnmodelledAt(indexed, pod, port),
    ...(sent.protocol === 'http' ? [] : listUnmodelledBytesAt(indexed, pod, port)),
    ...(isDirect && isTls && isTlsProtocol(servicePort.protocol) ? listForeignTls(rules, service) : []),
    ...(mode.kind === 'tls' && !isDirect && (sent.protocol !== 'http' || isTlsProtocol(servicePort.protocol))
      ? listForeignTls(rules, service)
      : []),
  ]
}

/** Judges whether a pod takes the transport of a client. A sidecar that takes no TLS passes it on as the bytes that it is. */
function judgeHandshake(
  indexed: IndexedModel,
  { pod, port, isDirect, mode, isMutual }: Link,
  { protocol }: Sent,
): 'opened' | 'passedOn' | 'failed' | 'unknown' {
  const serves = isDirect ? 'DISABLE' : findServerMode(indexed, pod, port).mode
  if (!isMutual) return mode.kind === 'tls' || serves === 'STRICT' ? 'failed' : 'opened'
  const isTrusted = isTrustedBy(mode, getIdentity(indexed, pod))
  if (serves !== 'DISABLE') return isTrusted ? 'opened' : 'failed'
  if (isDirect || isHttpAt(indexed, pod, port)) return 'failed'
  if (protocol !== 'tcp') return 'unknown'
  return isTrusted ? 'passedOn' : 'failed'
}

/** Tells whether the rules of a client that speaks mutual TLS accept the identity of a server. */
const isTrustedBy = (mode: ClientMode, identity: string): boolean =>
  mode.kind !== 'mutual' || mode.subjectAltNames.length === 0 || mode.subjectAltNames.includes(identity)

function makeArrival(
  indexed: IndexedModel,
  { client, cluster, pod, port, isMutual }: Link,
  peer: string | undefined,
  sent: Sent,
): Arrival {
  const isHttp = sent.protocol === 'http' && isHttpAt(indexed, pod, port)
  return {
    isHttp,
    peer,
    port,
    authority: sent.authority,
    serverName: isMutual ? nameServer(cluster) : '',
    address: client.address,
    path: sent.path,
    headers: receiveHeaders(sent.headers, isMutual ? 'https' : 'http'),
    hasToken: sent.hasToken,
    // A header may name an earlier client, but no policy reads a header of a connection.
    remoteAddress: isHttp ? sent.remoteAddress : client.address,
  }
}

/** The SNI of mutual TLS if no rule sets another. */
const nameServer = ({ port, subset, host }: Cluster): string => `outbound_.${port}_.${subset}_.${host}`

/** The pod of a gateway behind a cluster: the gateway answers. */
function makeGatewayServer(
  indexed: IndexedModel,
  { client, cluster, pod, port, mode, isMutual }: Link,
  sent: Sent,
): Delivered['servers'][number] {
  const outcome = { cluster: nameCluster(cluster), workload: getQualifiedName(pod) }
  if (!isTrustedBy(mode, getIdentity(indexed, pod)))
    return { outcome: { ...outcome, transport: 'failed' }, answer: makeLeaf(failConnection(sent)) }
  const serverName = isMutual
    ? (mode.kind === 'mutual' && mode.sni) || nameServer(cluster)
    : sent.protocol === 'tls'
      ? sent.authority
      : ''
  const transport = isMutual ? 'mtls' : 'plaintext'
  const { address } = client
  const peer = isMutual ? client.identity : undefined
  const entry: GatewayEntry = { port, transport, serverName, peer, address, sent }
  const { isOpened, answer } = client.enterGateway(indexed, pod, entry)
  return {
    outcome: { ...outcome, transport, ...(isOpened && peer !== undefined && { peer }) },
    answer: mapAnswers(answer, each =>
      sent.protocol === 'http' &&
      (each.verdict === 'RESET' || (each.verdict === 'DENY' && each.status === undefined))
        ? { ...each, ...failConnection(sent) }
        : each,
    ),
  }
}

/** Answers as the application of a pod. The application opens TLS if the Services declare it. */
export function makeAnswerAt(
  indexed: IndexedModel,
  pod: Workload,
  port: number,
  protocol: Sent['protocol'],
): Answer {
  if (protocol !== 'tls') return { verdict: 'ALLOW' }
  const servicePorts = indexed
    .servicesOf(pod)
    .flatMap(({ ports }) => ports.filter(each => resolvePodPort(each, pod) === port))
  return {
    verdict: servicePorts[0] !== undefined && isTlsProtocol(servicePorts[0].protocol) ? 'ALLOW' : 'RESET',
  }
}

export const isTlsProtocol = (protocol: Protocol): boolean => protocol === 'TLS' || protocol === 'HTTPS'

/** Finds the pod port that is the target of a Service port; undefined: a machine has no port with that name. */
function findTargetPort({ targetPort, number, name }: ServicePort, pod: Workload): number | undefined {
  const named = pod.ports[typeof targetPort === 'string' ? targetPort : name]
  if (isMachine(pod)) return named ?? (typeof targetPort === 'number' ? targetPort : undefined)
  return typeof targetPort === 'number' ? targetPort : (named ?? number)
}

/** The pod port that is the target of a Service port. */
export const resolvePodPort = (port: ServicePort, pod: Workload): number =>
  findTargetPort(port, pod) ?? port.number

export const getIdentity = (
  { model }: IndexedModel,
  { identity, namespace, serviceAccount }: Pick<Workload, 'namespace' | 'serviceAccount' | 'identity'>,
): string => identity ?? `spiffe://${model.settings.trustDomain}/ns/${namespace}/sa/${serviceAccount}`

/** Lists the parts of a server that are beyond the model, at a port or at any. */
export function listUnmodelledAt(indexed: IndexedModel, pod: Workload, port?: number): readonly Unmodelled[] {
  const isDirect = port === undefined ? pod.proxy === 'none' : isBare(pod, port)
  const sidecar = isDirect ? undefined : findOwnListeners(indexed, pod)
  const bound = sidecar?.ingress.find(listener => listener.port === port && listener.isBound)
  return [
    ...listUnmodelledServing(pod.unmodelled),
    ...indexed.unmodelledFor(pod, isDirect ? ['arriving'] : ['inbound', 'arriving'], port),
    ...(sidecar === undefined || bound === undefined
      ? []
      : [{ object: sidecar, path: bound.path, reason: { code: 'bound-listener' } as const }]),
    ...(isDirect ? [] : listUnmodelledOfServerMode(indexed, pod)),
  ]
}

/** Bytes that are not HTTP, at a port that another Service declares as HTTP. */
export function listUnmodelledBytesAt(
  indexed: IndexedModel,
  pod: Workload,
  port: number,
): readonly Unmodelled[] {
  if (isBare(pod, port)) return []
  const reason = { code: 'non-http-bytes-on-http-port' } as const
  const sidecar = findOwnListeners(indexed, pod)
  if (sidecar !== undefined)
    return sidecar.ingress
      .filter(listener => listener.port === port && isHttpProtocol(listener.protocol))
      .map(({ path }) => ({ object: sidecar, path, reason }))
  const claiming = indexed
    .servicesOf(pod)
    .filter(({ isUndiscovered }) => !isUndiscovered)
    .find(service =>
      service.ports.some(each => isHttpProtocol(each.protocol) && resolvePodPort(each, pod) === port),
    )
  return claiming === undefined ? [] : [{ object: claiming, path: ['spec', 'ports'], reason }]
}

/** The Sidecar of a pod if it has ingress listeners: the Services then declare no protocols for the ports. */
function findOwnListeners(indexed: IndexedModel, pod: Workload): Sidecar | undefined {
  const sidecar = pod.proxy === 'sidecar' ? findSidecar(indexed, pod.namespace, pod.labels) : undefined
  return sidecar === undefined || sidecar.ingress.length === 0 ? undefined : sidecar
}

/**
 * Tells whether the proxy of a pod treats a port as HTTP. Its Sidecar, or the Services that name the port, decide this; a UDP
 * port is not HTTP. See istio pilot/pkg/networking/core/listener_inbound.go,
 * buildInboundChainConfigs.
 */
export function isHttpAt(indexed: IndexedModel, pod: Workload, port: number): boolean {
  const sidecar = findOwnListeners(indexed, pod)
  if (sidecar !== undefined) {
    const protocol = sidecar.ingress.find(listener => listener.port === port)?.protocol ?? 'Unsupported'
    return isHttpProtocol(protocol) || protocol === 'Unsupported'
  }
  for (const service of indexed.servicesOf(pod).filter(({ isUndiscovered }) => !isUndiscovered))
    for (const servicePort of service.ports)
      if (resolvePodPort(servicePort, pod) === port)
        return isHttpProtocol(servicePort.protocol) || ['Unsupported', 'UDP'].includes(servicePort.protocol)
  return true
}

export const isHttpProtocol = (protocol: Protocol): boolean =>
  protocol === 'HTTP' || protocol === 'HTTP2' || protocol === 'GRPC' || protocol === 'GRPC-Web'

const failConnection = ({ protocol }: Pick<Sent, 'protocol'>): Answer =>
  protocol === 'http' ? { verdict: 'UPSTREAM_RESET', status: 503 } : { verdict: 'RESET' }

/** TLS that is not the mesh's own, to a pod of the mesh: its proxy may take it as bytes. */
const listForeignTls = (rules: ClientRules | undefined, service: Service): readonly Unmodelled[] => [
  {
    object: rules?.object ?? service,
    path: ['spec', 'trafficPolicy', 'tls'],
    reason: { code: 'tls-without-mesh-mtls' },
  },
]

/** The headers after simultaneous changes: removals come first, additions last. */
export function changeHeaders(before: HeaderView, changes: readonly HeaderChanges[]): HeaderView {
  if (changes.every(({ set, add, remove }) => isEmpty(set) && isEmpty(add) && remove.length === 0))
    return before
  const after = new Map(before)
  for (const { remove } of changes)
    for (const name of remove) after.set(name, { values: [], isSentToo: false })
  for (const { set } of changes)
    for (const [name, value] of Object.entries(set)) after.set(name, { values: [value], isSentToo: false })
  for (const { add } of changes)
    for (const [name, value] of Object.entries(add)) {
      const had = after.get(name) ?? { values: [], isSentToo: true }
      after.set(name, { ...had, values: [...had.values, value] })
    }
  return after
}
