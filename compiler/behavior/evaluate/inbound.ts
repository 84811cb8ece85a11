import { listUnmodelledServing } from '../captured-traffic.ts'
import { bypassAnnotation, isBare } from '../is-bare.ts'
import type { Protocol, Workload } from '../model.ts'
import { podTemplates } from '../pod-templates.ts'
import { classifyProtocol, isTlsProtocol } from '../protocol.ts'
import type { Step } from '../result.ts'
import type { Arrival, Served } from './arrival.ts'
import { noNull, serveBadRequest, serveUnknown } from './arrival.ts'
import { authorize, authorizeCustom, type PolicyInput } from './authorization.ts'
import { resolveTargetPort } from './endpoints.ts'
import { filterRequest } from './http-filters.ts'
import type { IndexedModel } from './indexed-model.ts'
import { isRoutable, receiveMessage } from './message.ts'
import { isReadMethod, noMethod } from './methods.ts'
import { normalizePath } from './paths.ts'
import { findPeerMode } from './peer-mode.ts'
import { listInboundLimits } from './rate-limits.ts'
import { findSidecar } from './scope.ts'

/** Serves a connection at a workload's own port: at its sidecar, if it has one, and its application. */
export function serveInbound(
  indexed: IndexedModel,
  workload: Workload,
  port: number,
  arrival: Arrival,
): Served {
  const service = indexServicePorts(indexed, workload).get(port)
  const isTlsApplication = service !== undefined && isTlsProtocol(service.protocol)
  const unmodelledAtPod = listUnmodelledServing(workload.unmodelled)
  if (unmodelledAtPod.length > 0) return serveUnknown(unmodelledAtPod, [])
  const isDirect = isBare(workload, port)
  const unmodelled = indexed.unmodelledAt(workload, isDirect ? ['arriving'] : ['inbound', 'arriving'], port)
  if (unmodelled.length > 0)
    return serveUnknown(
      unmodelled.flatMap(object => object.unmodelled),
      [],
    )
  if (isDirect)
    return serveApplication(
      arrival,
      isTlsApplication,
      workload.proxy === 'none' ? [] : [noteBypass(workload, port)],
    )
  const sidecar = findSidecar(indexed, workload)
  const listener = sidecar?.ingress.find(candidate => candidate.port === port)
  if (sidecar !== undefined && listener?.isBound)
    return serveUnknown([{ object: sidecar, path: listener.path, reason: { code: 'bound-listener' } }], [])
  const hasListeners = sidecar !== undefined && sidecar.ingress.length > 0
  // A port has no chain if the first Service that leads there speaks UDP: see getFilterChainsByServicePort.
  const statedProtocol = service?.isSeen === true && service.protocol !== 'UDP' ? service.protocol : undefined
  const protocol = hasListeners ? listener?.protocol : statedProtocol
  const chain = chooseInboundChain(indexed, workload, port, protocol, arrival)
  if (chain.takes === 'nothing')
    return {
      verdict: 'RESET',
      isHandshakeFailed: arrival.transport !== 'plaintext',
      unknown: [],
      steps: chain.steps,
    }
  const input: PolicyInput = {
    peer: chain.isTerminated ? arrival.peer : undefined,
    sourceAddress: arrival.sourceAddress,
    remoteAddress: findRemoteAddress(arrival, chain.takes),
    destinationAddress: workload.address,
    port,
    sni: arrival.transport === 'plaintext' && arrival.bytes !== 'tls' ? '' : arrival.sni,
    message: undefined,
    claims: undefined,
  }
  const taken = { indexed, workload, arrival, chain, input, isTlsApplication }
  return chain.takes === 'tcp' ? serveBytes(taken) : serveRequest(taken, listener?.port ?? service?.number)
}

/** A connection that a sidecar accepts, and the properties that policies read. */
interface TakenConnection {
  readonly indexed: IndexedModel
  readonly workload: Workload
  readonly arrival: Arrival
  readonly chain: InboundChain
  readonly input: PolicyInput
  readonly isTlsApplication: boolean
}

/** Serves a connection that the sidecar takes as bytes. */
function serveBytes({ indexed, workload, arrival, chain, input, isTlsApplication }: TakenConnection): Served {
  const peerPart = input.peer === undefined ? {} : { peer: input.peer }
  const custom = authorizeCustom(indexed, workload, input, arrival.extAuthz)
  const decision = custom.verdict === 'pass' ? authorize(indexed, workload, input) : custom
  const steps = [...chain.steps, ...custom.steps, ...(decision === custom ? [] : decision.steps)]
  if (typeof decision.verdict !== 'string') return serveUnknown([decision.verdict], steps)
  if (decision.verdict === 'deny')
    return {
      verdict: 'DENY',
      ...peerPart,
      ...(decision.policy !== undefined && { policy: decision.policy }),
      // The application, which would have answered the handshake, is not asked.
      isHandshakeFailed: arrival.transport !== 'plaintext' && !chain.isTerminated,
      unknown: [],
      steps,
    }
  const passed = chain.isTerminated ? { ...arrival, transport: 'plaintext' as const } : arrival
  const served = serveApplication(passed, isTlsApplication, steps)
  return { ...served, ...peerPart }
}

/**
 * Serves a connection that the sidecar accepts as HTTP.
 *
 * @param limitedPort the port for rate limits: the port of the listener, or of the Service
 */
function serveRequest(
  { indexed, workload, arrival, chain, input, isTlsApplication }: TakenConnection,
  limitedPort: number | undefined,
): Served {
  const peerPart = input.peer === undefined ? {} : { peer: input.peer }
  // Bytes that are no HTTP end the connection.
  if (arrival.message === undefined) return { verdict: 'RESET', ...peerPart, unknown: [], steps: chain.steps }
  // Only a route can remove the slash, and the server refuses such a request before it checks the caller.
  if (!arrival.message.path.startsWith('/'))
    return serveBadRequest(chain.steps, 'every path begins with a slash')
  if (!isReadMethod(arrival.message)) return serveBadRequest(chain.steps, noMethod)
  const path = normalizePath(arrival.message.path, indexed.model.settings.pathNormalization)
  if (path === undefined) return { ...serveBadRequest(chain.steps, noNull), ...peerPart }
  const scheme = arrival.transport === 'plaintext' ? 'http' : 'https'
  const message = receiveMessage({ ...arrival.message, path }, scheme)
  const isRouted = isRoutable(message)
  const filtered = filterRequest(indexed, workload, { ...input, message }, arrival.extAuthz, isRouted)
  const limits = listInboundLimits(indexed, workload, input.port, limitedPort)
  const decided = [...chain.steps, ...limits.first, ...filtered.steps]
  if (filtered.refusal !== undefined) return { ...filtered.refusal, ...peerPart, steps: decided }
  const steps = [...decided, ...limits.last]
  if (!isRouted) return { verdict: 'NO_ROUTE', status: 404, ...peerPart, unknown: [], steps }
  const served = serveApplication(
    { ...arrival, transport: 'plaintext', message: filtered.message },
    isTlsApplication,
    steps,
  )
  return { ...served, ...peerPart }
}

const noteBypass = (workload: Workload, port: number): Step => ({
  step: 'encryption',
  says: `the sidecar leaves port ${port} alone`,
  at: [
    {
      object: workload,
      path: [...(podTemplates.get(workload.kind) ?? []), 'metadata', 'annotations', bypassAnnotation],
    },
  ],
})

/** Lists the ports that Services give a workload, and whether istiod knows it: of each the first that leads there. */
function indexServicePorts(indexed: IndexedModel, workload: Workload): ReadonlyMap<number, ServicePort> {
  const key = `port protocols ${workload.namespace}/${workload.name}`
  return indexed.remember(key, () => {
    const all = new Map<number, ServicePort>()
    for (const service of indexed.servicesOf(workload))
      for (const port of service.ports) {
        const target = resolveTargetPort(port, workload)
        if (all.has(target)) continue
        all.set(target, {
          protocol: port.protocol,
          number: port.number,
          isSeen: !service.isUndiscovered,
        })
      }
    return all
  })
}

/** A port of a Service that leads to a port of a pod. */
interface ServicePort {
  readonly protocol: Protocol
  readonly number: number
  readonly isSeen: boolean
}

interface InboundChain {
  readonly takes: 'http' | 'tcp' | 'nothing'
  /** True if the sidecar ends the encryption. */
  readonly isTerminated: boolean
  readonly steps: readonly Step[]
}

/** See buildInboundChainConfigs in pilot/pkg/networking/core/listener_inbound.go, and filterchain_options.go, of istio/istio. */
function chooseInboundChain(
  indexed: IndexedModel,
  workload: Workload,
  port: number,
  protocol: Protocol | undefined,
  { transport, bytes, isKnownHttp }: Arrival,
): InboundChain {
  const { mode, at } = findPeerMode(indexed, workload, port)
  const kind = classifyProtocol(protocol ?? 'Unsupported')
  // The application's own TLS is as good as any to a sidecar that looks only at the outside.
  const outside = transport === 'plaintext' && bytes === 'tls' ? 'tls' : transport
  const says = (takes: InboundChain['takes']) =>
    takes === 'nothing'
      ? `refused: ${transportWords[outside]} where the mode is ${mode}`
      : `${transportWords[outside]}, the mode is ${mode}`
  const chain = (takes: InboundChain['takes'], isTerminated: boolean): InboundChain => ({
    takes,
    isTerminated,
    steps: [{ step: 'encryption', says: says(takes), at }],
  })
  const nothing = () => chain('nothing', false)
  // If a port has no protocol, the sidecar detects HTTP by the first bytes.
  const taken = kind === 'http' ? 'http' : kind === 'auto' && bytes === 'http' ? 'http' : 'tcp'
  switch (outside) {
    case 'mtls':
      if (mode === 'DISABLE') return kind === 'tcp' ? chain('tcp', false) : nothing()
      return chain(kind === 'auto' ? (isKnownHttp ? 'http' : 'tcp') : taken, true)
    case 'tls':
      // STRICT refuses a client without a certificate of the mesh.
      if (mode === 'STRICT') return nothing()
      if (mode === 'DISABLE') return kind === 'tcp' ? chain('tcp', false) : nothing()
      return kind === 'http' ? nothing() : chain('tcp', false)
    case 'plaintext':
      return mode === 'STRICT' ? nothing() : chain(taken, false)
  }
}

const transportWords = { mtls: 'mutual TLS', tls: 'TLS', plaintext: 'plaintext' }

/** Serves as the application: it answers, unless it is spoken to in TLS and does not know it, or has to be of the mesh. */
function serveApplication(arrival: Arrival, isTlsApplication: boolean, steps: readonly Step[]): Served {
  const isEncrypted = arrival.transport !== 'plaintext' || arrival.bytes === 'tls'
  if (isEncrypted && (!isTlsApplication || arrival.transport === 'mtls'))
    return {
      verdict: 'RESET',
      isHandshakeFailed: arrival.transport !== 'plaintext',
      unknown: [],
      steps: [
        ...steps,
        {
          step: 'application',
          says: `refused: it does not speak ${isTlsApplication ? 'mutual TLS' : 'TLS'}`,
          at: [],
        },
      ],
    }
  const { message } = arrival
  return {
    verdict: 'ALLOW',
    ...(message !== undefined && {
      status: 200,
      upstream: { method: message.method, path: message.path, host: message.authority },
    }),
    unknown: [],
    steps: [...steps, { step: 'application', says: 'answers', at: [] }],
  }
}

/** The original client, by the last entry of `x-forwarded-for`. */
function findRemoteAddress({ sourceAddress, message }: Arrival, takes: 'http' | 'tcp' | 'nothing') {
  const forwarded = takes === 'http' ? message?.headers.get('x-forwarded-for')?.at(-1) : undefined
  return forwarded?.split(',').at(-1)?.trim() || sourceAddress
}
