import { spend } from '../budget.ts'
import { listUnmodelledSending } from '../captured-traffic.ts'
import { noCertificate, unnamedClient } from '../client-certificate.ts'
import { isMachine } from '../is-machine.ts'
import { isSubset } from '../is-subset.ts'
import type { BehaviorModel, Service, Workload } from '../model.ts'
import type { Request } from '../request.ts'
import type { Outcome, Result, Route, Step, Unmodelled } from '../result.ts'
import { type Arrival, noNull, serveBadRequest } from './arrival.ts'
import { type Dialled, findKubernetesService, resolveDialled } from './dialled-destination.ts'
import { resolveTargetPort } from './endpoints.ts'
import { findPort } from './find-port.ts'
import { passGateway, serveGateway } from './gateway.ts'
import { resolveListenerPort } from './gateway-servers.ts'
import { routeRequest } from './http-proxy.ts'
import { serveInbound } from './inbound.ts'
import { type IndexedModel, indexModel } from './indexed-model.ts'
import { isRoutable, type Message, makeMessage, receiveMessage } from './message.ts'
import { isReadMethod, noMethod } from './methods.ts'
import { type Bytes, type Chain, findOutboundListener } from './outbound-listener.ts'
import { normalizePath } from './paths.ts'
import { areNamespacesAlike, makeLabelsClass, makeProxyClass } from './proxy-classes.ts'
import { findRoute, makeDefaultRoute, type Router } from './route-taken.ts'
import { type EgressScope, findScope } from './scope.ts'
import { describeSending, type Sending, sendTo } from './send.ts'
import { listSidecarVirtualHosts, type VirtualHost, withShortNames } from './virtual-hosts.ts'

/** Evaluates the fate of a request in a mesh, decision by decision, as Istio 1.31 and Envoy take them. */
export const evaluate = (model: BehaviorModel, request: Request): Result =>
  evaluateIn(indexModel(model), request)

/** The same for an indexed model, which may differ from the model in its policies. */
export function evaluateIn(indexed: IndexedModel, request: Request): Result {
  spend(evaluationSteps)
  const caller = findCaller(indexed, request)
  const client = `${caller.namespace}/${caller.name}`
  const partial = (
    request.from.gateway !== undefined
      ? sendFromOutside
      : request.plaintext || caller.proxy === 'none'
        ? sendFromPod
        : sendFromSidecar
  )(indexed, caller, request)
  return { client, ...partial, verdict: getVerdict(partial) }
}

/** The work of an evaluation without its regular expressions, which count for themselves. */
const evaluationSteps = 1_000

type PartialResult = Omit<Result, 'client' | 'verdict'>

const getVerdict = ({ outcomes, unknown }: PartialResult): Result['verdict'] => {
  if (unknown.length > 0 || outcomes.some(({ verdict }) => verdict === 'UNKNOWN')) return 'UNKNOWN'
  const verdicts = new Set(outcomes.map(({ verdict }) => verdict))
  const [only] = verdicts
  return verdicts.size === 1 ? only! : 'MIXED'
}

/**
 * The first workload that matches the caller in the request, or else an assumed workload with these fields. A gateway with exactly
 * these labels is the first choice.
 */
export function findCaller(indexed: IndexedModel, { from }: Request): Workload {
  const wanted = from.gateway ?? { namespace: from.namespace ?? 'default', labels: from.labels ?? {} }
  const account = from.gateway === undefined ? from.serviceAccount : undefined
  const candidates = indexed
    .workloadsWith(wanted.namespace, wanted.labels)
    .filter(
      ({ serviceAccount, assumed }) =>
        assumed === undefined && (account === undefined || serviceAccount === account),
    )
  const hasJustTheLabels = ({ labels }: Workload) => isSubset(labels, wanted.labels)
  const workload = (from.gateway && candidates.find(hasJustTheLabels)) ?? candidates[0]
  if (workload !== undefined && from.identity === undefined)
    return from.ip !== undefined && from.gateway === undefined ? { ...workload, address: from.ip } : workload
  const { model } = indexed
  const labels = { ...wanted.labels }
  const isGateway = model.gateways.some(
    ({ selector }) => Object.keys(selector).length > 0 && isSubset(selector, labels),
  )
  const namespace = model.namespaces.get(wanted.namespace)
  const wish = labels['sidecar.istio.io/inject']
  const injection = namespace?.labels['istio-injection']
  const isSwitchedOff = Boolean(injection) && injection !== 'enabled'
  const isInjected =
    !isSwitchedOff &&
    (wish !== undefined
      ? wish === 'true'
      : Boolean(labels['istio.io/rev']) ||
        namespace === undefined ||
        injection === 'enabled' ||
        Boolean(namespace.labels['istio.io/rev']))
  return {
    kind: 'Pod',
    namespace: wanted.namespace,
    name: `caller-${account ?? 'default'}`,
    source: undefined,
    unmodelled: [],
    serviceAccount: account || 'default',
    ...(from.identity === undefined ? {} : { identity: from.identity }),
    labels,
    proxy: isGateway ? 'gateway' : isInjected ? 'sidecar' : 'none',
    address: from.gateway === undefined ? from.ip : undefined,
    ports: {},
    bypassedPorts: [],
  }
}

const getRequestPort = ({ to, from }: Request): number => to.port || (from.scheme === 'https' ? 443 : 80)

const getBytes = ({ protocol }: Request): Bytes =>
  protocol === 'tcp' || protocol === 'tls' ? protocol : 'http'

/** Gets the name that the caller's TLS asks for, as Envoy reads it: in lower case. */
const getServerName = ({ from, to }: Request): string => (from.sni || to.host).toLowerCase()

/** A caller without a sidecar connects directly to the pods; each pod is one outcome. */
function sendFromPod(indexed: IndexedModel, caller: Workload, request: Request): PartialResult {
  const port = getRequestPort(request)
  const pods = listPodsAt(indexed, caller, request, port)
  const bytes = getBytes(request)
  const arrival: Arrival = {
    transport: 'plaintext',
    bytes,
    isKnownHttp: bytes === 'http',
    sni: getServerName(request),
    peer: undefined,
    sourceAddress: caller.address,
    certificate: unnamedClient,
    message: bytes === 'http' ? makeMessage(request) : undefined,
    extAuthz: request.extAuthz ?? 'allow',
  }
  const unknown = [
    ...listUnmodelledSending(caller.unmodelled, port),
    ...indexed.unmodelledAt(caller, ['leaving'], port).flatMap(object => object.unmodelled),
    ...indexed.model.settings.unmodelled,
  ]
  if (pods.length === 0)
    return { ...makeUnreachable('none', undefined, 'no pod of the mesh is behind the name'), unknown }
  return {
    mode: 'none',
    outcomes: pods.map(({ workload, port: target }) => {
      const served =
        workload.proxy === 'gateway'
          ? serveGateway(indexed, workload, target, arrival, 1)
          : serveInbound(indexed, workload, target, arrival)
      const { isHandshakeFailed, ...answer } = served
      return {
        ...answer,
        workload: `${workload.namespace}/${workload.name}`,
        transport: bytes === 'tls' ? 'tls' : 'plaintext',
      }
    }),
    unknown,
    steps: [],
  }
}

const makeUnreachable = (mode: Result['mode'], cluster: string | undefined, says: string): PartialResult => ({
  mode,
  outcomes: [
    {
      ...(cluster !== undefined && { cluster }),
      verdict: 'UNREACHABLE',
      unknown: [],
      steps: [{ step: 'destination', says, at: [] }],
    },
  ],
  unknown: [],
  steps: [],
})

interface PodPort {
  readonly workload: Workload
  readonly port: number
}

/** The pods that the network delivers to, and the port of each. */
function listPodsAt(
  indexed: IndexedModel,
  caller: Workload,
  request: Request,
  port: number,
): readonly PodPort[] {
  const service = findKubernetesService(indexed, request.to.host, caller.namespace)
  const pods = service === undefined ? [] : listPodPorts(indexed, service, port)
  if (pods.length > 0) return pods
  const dialled = resolveDialled(indexed, request, caller.namespace, port)
  return dialled.to === 'pod' ? [{ workload: dialled.workload, port }] : []
}

function listPodPorts(indexed: IndexedModel, service: Service, number: number): readonly PodPort[] {
  const port = findPort(service, number)
  if (port === undefined || Object.keys(service.selector).length === 0) return []
  return indexed
    .workloadsWith(service.namespace, service.selector)
    .filter(workload => !isMachine(workload))
    .map(workload => ({ workload, port: resolveTargetPort(port, workload) }))
}

/** An outside client at a gateway. */
function sendFromOutside(indexed: IndexedModel, gateway: Workload, request: Request): PartialResult {
  const port = resolveListenerPort(indexed, gateway, getRequestPort(request))
  const bytes = getBytes(request)
  const isEncrypted = bytes === 'tls' || request.from.scheme === 'https'
  const arrival: Arrival = {
    transport: 'plaintext',
    bytes: isEncrypted ? 'tls' : bytes,
    isKnownHttp: bytes === 'http',
    sni: getServerName(request),
    peer: undefined,
    sourceAddress: request.from.ip || '203.0.113.10',
    certificate:
      request.from.certificate === noCertificate ? undefined : (request.from.certificate ?? unnamedClient),
    message: bytes === 'http' ? makeMessage(request) : undefined,
    extAuthz: request.extAuthz ?? 'allow',
  }
  const {
    route,
    outcomes,
    unknown,
    steps,
    isOpaque: opaque,
  } = passGateway(indexed, gateway, port, arrival, 0)
  return {
    mode: 'gateway',
    ...(opaque && isOpaque),
    listener: String(port),
    ...(route !== undefined && { route }),
    outcomes,
    unknown,
    steps,
  }
}

/** A workload with a sidecar. */
function sendFromSidecar(indexed: IndexedModel, caller: Workload, request: Request): PartialResult {
  const port = getRequestPort(request)
  const bytes = getBytes(request)
  const scope = findScope(indexed, caller)
  const dialled = resolveDialled(indexed, request, caller.namespace, port)
  const sni = getServerName(request)
  const { name, chain } = findOutboundListener(indexed, scope, caller, dialled, port, bytes, sni)
  const unknown: readonly Unmodelled[] = [
    ...indexed.model.settings.unmodelled,
    ...listUnmodelledSending(caller.unmodelled, port),
    ...(scope.sidecar?.unmodelled ?? []),
    ...indexed.unmodelledAt(caller, ['outbound', 'leaving'], port).flatMap(object => object.unmodelled),
    ...listUnmodelledOfHost(indexed, request, caller),
  ]
  const step: Step = {
    step: 'listener',
    says: name,
    at: scope.sidecar === undefined ? [] : [{ object: scope.sidecar, path: ['spec'] }],
  }
  const sending: Sending = {
    indexed,
    scope,
    proxy: caller,
    bytes,
    message: bytes === 'http' ? makeMessage(request) : undefined,
    sni,
    extAuthz: request.extAuthz ?? 'allow',
    isHttpProxy: chain?.use.proxy === 'http',
    depth: 0,
  }
  const partial =
    chain?.use.proxy === 'http' && bytes === 'http'
      ? routeFromSidecar(sending, chain.use, dialled, port)
      : connectFromSidecar(sending, chain, dialled, port)
  return {
    ...partial,
    listener: name,
    unknown: [...unknown, ...partial.unknown],
    steps: [step, ...partial.steps],
  }
}

/** Lists the unmodelled parts that affect each request to the host that is called. */
function listUnmodelledOfHost(
  indexed: IndexedModel,
  { to }: Request,
  caller: Workload,
): readonly Unmodelled[] {
  const { unmodelledByHost } = indexed
  if (unmodelledByHost.size === 0) return []
  const host = findKubernetesService(indexed, to.host, caller.namespace)?.host ?? to.host
  return unmodelledByHost.get(host) ?? []
}

function routeFromSidecar(
  sending: Sending,
  use: Chain['use'] & { readonly proxy: 'http' },
  dialled: Dialled,
  port: number,
): PartialResult {
  const { indexed, scope, proxy } = sending
  const written = sending.message!
  const path = normalizePath(written.path, indexed.model.settings.pathNormalization)
  if (path === undefined || !isReadMethod(written)) {
    const refused = serveBadRequest([], path === undefined ? noNull : noMethod)
    return { mode: 'sidecar', outcomes: [refused], unknown: [], steps: [] }
  }
  const message = receiveMessage({ ...written, path }, 'http')
  if (!isRoutable(message)) return makeNoRoute(undefined)
  const hosts = getVirtualHosts(indexed, use.egress, proxy, port)
  const host =
    use.service === undefined
      ? hosts.find(message.authority)
      : hosts.byName.get(`${use.service.host}:${port}`)
  const router: Router = {
    indexed,
    scope,
    proxy,
    port,
    isTls: false,
    // Only services with this port are known where routes are made, each with no other port.
    serviceOf(name) {
      const [service] = use.egress.servicesOf(name)
      const ports = service?.ports.filter(({ number }) => number === port) ?? []
      return ports.length === 0 ? undefined : { ...service!, ports }
    },
  }
  if (host === undefined)
    return use.service === undefined
      ? sendToUnknownHost({ ...sending, message }, dialled, port)
      : makeNoRoute(undefined)
  const hostStep: Step = { step: 'virtual host', says: host.name, at: [] }
  if (host.routes === undefined) return sendToService(router, sending, host, message, hostStep)
  const route = findRoute(host.routes, message, undefined)
  if (route === undefined) return makeNoRoute(hostStep)
  const routed = routeRequest(router, host.name, host.routes, route, message, {
    extAuthz: sending.extAuthz,
    depth: 0,
    sni: sending.sni,
  })
  return { mode: 'sidecar', ...routed, steps: [hostStep, ...routed.steps] }
}

const getVirtualHosts = (indexed: IndexedModel, egress: EgressScope, proxy: Workload, port: number) =>
  egress.seesAll && areNamespacesAlike(indexed)
    ? withShortNames(
        indexed.remember(`virtual hosts all ${makeLabelsClass(indexed, proxy)} ${port}`, () =>
          listSidecarVirtualHosts(egress, { ...proxy, namespace: '' }, port),
        ),
        proxy.namespace,
      )
    : indexed.remember(`virtual hosts ${egress.key} ${makeProxyClass(indexed, proxy)} ${port}`, () =>
        listSidecarVirtualHosts(egress, proxy, port),
      )

const makeNoRoute = (step: Step | undefined): PartialResult => ({
  mode: 'sidecar',
  outcomes: [{ verdict: 'NO_ROUTE', status: 404, unknown: [], steps: [] }],
  unknown: [],
  steps: step === undefined ? [] : [step],
})

/** A service that no VirtualService is for. */
function sendToService(
  router: Router,
  sending: Sending,
  host: VirtualHost,
  message: Message,
  step: Step,
): PartialResult {
  const service = host.service!
  const route = makeDefaultRoute(router, host.name, service)
  const outcomes = sendTo({ ...sending, message }, { host: service.host, subset: '', port: router.port })
  return {
    mode: 'sidecar',
    route,
    outcomes,
    unknown: [],
    steps: [step, { step: 'route', says: 'default', at: [] }],
  }
}

/** A host that no service has. */
function sendToUnknownHost(sending: Sending, dialled: Dialled, port: number): PartialResult {
  const { scope } = sending
  if (scope.outbound === 'REGISTRY_ONLY') {
    const route: Route = {
      virtualHost: 'block_all',
      index: 0,
      name: 'block_all',
      action: 'directResponse',
      clusters: [],
    }
    return {
      mode: 'sidecar',
      route,
      outcomes: [{ verdict: 'DIRECT_RESPONSE', status: 502, unknown: [], steps: [] }],
      unknown: [],
      steps: [
        { step: 'virtual host', says: 'block_all: no service has the host', at: listOutboundAt(sending) },
      ],
    }
  }
  const route: Route = {
    virtualHost: 'allow_any',
    index: 0,
    name: 'allow_any',
    action: 'route',
    clusters: [{ cluster: passthrough, weight: 100, known: true }],
    timeout: 0,
  }
  return {
    mode: 'sidecar',
    route,
    outcomes: passThrough(sending, dialled, port),
    unknown: [],
    steps: [
      { step: 'virtual host', says: 'allow_any: no service has the host', at: listOutboundAt(sending) },
    ],
  }
}

const listOutboundAt = ({ scope, indexed }: Sending) =>
  scope.sidecar?.outbound !== undefined
    ? [{ object: scope.sidecar, path: ['spec', 'outboundTrafficPolicy', 'mode'] }]
    : indexed.model.settings.object.source === undefined
      ? []
      : [{ object: indexed.model.settings.object, path: ['outboundTrafficPolicy', 'mode'] }]

const passthrough = 'PassthroughCluster'

/** Sends to the address that was dialled, as it is; to pods of the mesh without encryption. */
function passThrough(sending: Sending, dialled: Dialled, port: number): readonly Outcome[] {
  const { indexed, message, isHttpProxy, bytes } = sending
  if (dialled.to === 'elsewhere')
    return [
      {
        cluster: passthrough,
        workload: 'external',
        transport: 'plaintext',
        verdict: 'ALLOW',
        ...(message !== undefined && {
          status: 200,
          upstream: { method: message.method, path: message.path, host: message.authority },
        }),
        unknown: [],
        steps:
          bytes === 'tls' ? [{ step: 'encryption', says: describeSending(bytes, 'plaintext'), at: [] }] : [],
      },
    ]
  const pods =
    dialled.to === 'pod'
      ? [{ workload: dialled.workload, port }]
      : listPodPorts(indexed, dialled.service, port)
  if (pods.length === 0)
    return [
      {
        cluster: passthrough,
        verdict: 'UNREACHABLE',
        unknown: [],
        steps: [{ step: 'destination', says: 'the Service has no such port, or no pods', at: [] }],
      },
    ]
  const arrival: Arrival = {
    transport: 'plaintext',
    bytes,
    isKnownHttp: false,
    sni: sending.sni,
    peer: undefined,
    sourceAddress: sending.proxy.address,
    certificate: unnamedClient,
    message,
    extAuthz: sending.extAuthz,
  }
  return pods.map(({ workload, port: target }) => {
    const { isHandshakeFailed, ...served } =
      workload.proxy === 'gateway'
        ? serveGateway(indexed, workload, target, arrival, 1)
        : serveInbound(indexed, workload, target, arrival)
    const base = {
      cluster: passthrough,
      workload: `${workload.namespace}/${workload.name}`,
      transport: 'plaintext' as const,
    }
    if (served.verdict === 'RESET' && isHttpProxy)
      return { ...served, ...base, verdict: 'UPSTREAM_RESET' as const, status: 503 }
    return { ...served, ...base }
  })
}

const isOpaque = { isOpaque: true } as const

/** A connection whose bytes the sidecar does not parse. */
function connectFromSidecar(
  sending: Sending,
  chain: Chain | undefined,
  dialled: Dialled,
  port: number,
): PartialResult {
  const opaque = { ...sending, isHttpProxy: false }
  // Bytes that are not HTTP, on a port for HTTP only.
  if (chain?.use.proxy === 'http')
    return {
      mode: 'sidecar',
      outcomes: [{ verdict: 'RESET', unknown: [], steps: [] }],
      unknown: [],
      steps: [],
    }
  if (chain === undefined) {
    if (sending.scope.outbound === 'REGISTRY_ONLY')
      return {
        mode: 'sidecar',
        ...isOpaque,
        outcomes: [
          { cluster: 'BlackHoleCluster', transport: 'plaintext', verdict: 'RESET', unknown: [], steps: [] },
        ],
        unknown: [],
        steps: [
          { step: 'destination', says: 'nothing in the mesh has the address', at: listOutboundAt(sending) },
        ],
      }
    return {
      mode: 'sidecar',
      ...isOpaque,
      outcomes: passThrough(opaque, dialled, port),
      unknown: [],
      steps: [],
    }
  }
  const { clusters, at } = chain.use
  return {
    mode: 'sidecar',
    ...isOpaque,
    outcomes: clusters.flatMap(cluster => sendTo(opaque, cluster)),
    unknown: at === undefined ? [] : at.object.unmodelled.filter(({ path }) => path[1] !== 'http'),
    steps: [
      {
        step: 'route',
        says: clusters.map(({ host, port: to }) => `${host}:${to}`).join(', '),
        at: at === undefined ? [] : [at],
      },
    ],
  }
}
