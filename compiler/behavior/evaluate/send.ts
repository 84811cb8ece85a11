import { unnamedClient } from '../client-certificate.ts'
import type { Service, Workload } from '../model.ts'
import type { AuthorizerAnswers } from '../request.ts'
import type { Outcome, Step, Unmodelled, Verdict } from '../result.ts'
import type { Arrival, Served } from './arrival.ts'
import { type ClientSpeech, type Cluster, findCluster } from './clusters.ts'
import type { Endpoint } from './endpoints.ts'
import { serveGateway } from './gateway.ts'
import { serveInbound } from './inbound.ts'
import type { IndexedModel } from './indexed-model.ts'
import type { Message } from './message.ts'
import type { Bytes } from './outbound-listener.ts'
import type { Scope } from './scope.ts'

/** The request or bytes that a proxy sends on. */
export interface Sending {
  readonly indexed: IndexedModel
  readonly scope: Scope
  readonly proxy: Workload
  readonly bytes: Bytes
  readonly message: Message | undefined
  /** The name that the caller's own TLS asks for. */
  readonly sni: string
  readonly extAuthz: AuthorizerAnswers
  /** True if the proxy itself takes the request for HTTP, so that it answers when a destination does not. */
  readonly isHttpProxy: boolean
  /** The number of gateways that are passed already. */
  readonly depth: number
}

/** Sends it to every workload behind a destination. */
export function sendTo(
  sending: Sending,
  destination: { readonly host: string; readonly subset: string; readonly port: number },
): readonly Outcome[] {
  const { indexed, scope, proxy, isHttpProxy } = sending
  const { host, subset, port } = destination
  const name = `outbound|${port}|${subset}|${host}`
  const cluster = findCluster(indexed, scope, proxy, destination)
  if (cluster === undefined)
    return [
      makeNoUpstream(
        isHttpProxy ? name : undefined,
        isHttpProxy,
        `${name}: no such service, port or subset is known here`,
      ),
    ]
  if (cluster.unknown.length > 0) return [makeUnknownOutcome(name, cluster.unknown)]
  const endpoints = keepOnePerWorkload(cluster.endpoints)
  if (endpoints.length === 0) return [makeNoUpstream(name, isHttpProxy, `${name}: nothing runs behind it`)]
  return endpoints.map(endpoint => sendToEndpoint(sending, name, cluster, endpoint))
}

const makeNoUpstream = (cluster: string | undefined, isHttpProxy: boolean, says: string): Outcome => ({
  ...(cluster !== undefined && { cluster }),
  // A client without HTTP gets no reason.
  verdict: isHttpProxy ? 'NO_UPSTREAM' : 'RESET',
  ...(isHttpProxy && { status: 503 }),
  unknown: [],
  steps: [{ step: 'destination', says, at: [] }],
})

const makeUnknownOutcome = (cluster: string, unknown: readonly Unmodelled[]): Outcome => ({
  cluster,
  verdict: 'UNKNOWN',
  unknown,
  steps: [],
})

function keepOnePerWorkload(endpoints: readonly Endpoint[]): readonly Endpoint[] {
  if (endpoints.length < 2) return endpoints
  const first = new Map<string, Endpoint>()
  for (const endpoint of endpoints) {
    const key = nameWorkload(endpoint)
    if (!first.has(key) || isMutualOutside(endpoint)) first.set(key, endpoint)
  }
  return [...first.entries()].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, endpoint]) => endpoint)
}

/** Tells whether an endpoint stands for all that no manifest contains: the answer of a workload of the mesh is not known. */
const isMutualOutside = ({ workload, speaksMtls }: Endpoint) => workload === undefined && speaksMtls

/** Tells whether an endpoint without a workload belongs to the mesh: its ServiceEntry declares so, or its labels do. */
const isOfMesh = ({ isExternal }: Service, { speaksMtls }: Endpoint) => !isExternal || speaksMtls

const makeMissingWorkload = (service: Service): Unmodelled => ({
  object: service,
  path: ['spec'],
  reason: { code: 'workload-without-manifest' },
})

/** Describes the encryption of a connection. If the client opens TLS itself, that TLS remains. */
export function describeSending(bytes: Bytes, transport: 'mtls' | 'tls' | 'plaintext'): string {
  const words = { mtls: 'mutual TLS', tls: 'TLS', plaintext: 'plaintext' }[transport]
  if (bytes !== 'tls') return `sent as ${words}`
  return transport === 'plaintext'
    ? "the client's own TLS goes through as it is"
    : `the client's own TLS goes through, within ${words}`
}

const nameWorkload = ({ workload }: Endpoint): string =>
  workload === undefined ? 'external' : `${workload.namespace}/${workload.name}`

function sendToEndpoint(sending: Sending, name: string, cluster: Cluster, endpoint: Endpoint): Outcome {
  const speech = cluster.speaksTo(endpoint)
  const step: Step = {
    step: 'encryption',
    says: describeSending(sending.bytes, speech.transport),
    at: speech.at,
  }
  const first = [...listLocalitySteps(cluster), step]
  const base = { cluster: name, workload: nameWorkload(endpoint) }
  const { workload } = endpoint
  if (workload === undefined && speech.transport === 'mtls' && isOfMesh(cluster.service, endpoint))
    return { ...base, verdict: 'UNKNOWN', unknown: [makeMissingWorkload(cluster.service)], steps: first }
  if (workload === undefined) return { ...base, ...sendOutside(sending, speech), unknown: [], steps: first }
  if (speech.tls !== undefined && speech.transport === 'mtls' && !hasName(sending.indexed, speech, workload))
    return { ...base, ...failConnection(sending), unknown: [], steps: first }
  const arrival = getArrival(sending, speech)
  const served =
    workload.proxy === 'gateway'
      ? serveGateway(sending.indexed, workload, endpoint.port, arrival, sending.depth + 1)
      : serveInbound(sending.indexed, workload, endpoint.port, arrival)
  const steps = [...first, ...served.steps]
  const {
    verdict,
    status,
    policy,
    peer,
    upstream,
    location,
    unknown,
    isHandshakeFailed = false,
    onward,
  } = served
  const { transport } = speech
  const isAnswered = verdict === 'ALLOW' && !isHandshakeFailed
  // Most requests are answered, and copies of copies would take longer than the answer.
  if (isAnswered && status && peer && upstream && (policy ?? location ?? onward) === undefined)
    return {
      cluster: name,
      workload: base.workload,
      peer,
      upstream,
      unknown,
      transport,
      verdict,
      status,
      steps,
    }
  return { ...base, ...getOutcome(sending, speech, served), steps }
}

/** Notes the locality preference: the endpoint depends on the locality of the caller. */
function listLocalitySteps({ localities, rule }: Cluster): readonly Step[] {
  const { says, setting } = localities
  if (setting === undefined || rule === undefined) return []
  return [{ step: 'localities', says, at: [{ object: rule.rule, path: setting.path }] }]
}

/** The identity of a workload. */
const getIdentity = ({ model }: IndexedModel, { identity, namespace, serviceAccount }: Workload): string =>
  identity ?? `spiffe://${model.settings.trustDomain}/ns/${namespace}/sa/${serviceAccount}`

const getArrival = (sending: Sending, { transport, sni }: ClientSpeech): Arrival => ({
  transport,
  bytes: sending.bytes,
  isKnownHttp: sending.isHttpProxy,
  sni: transport === 'plaintext' ? sending.sni : sni,
  peer: transport === 'mtls' ? getIdentity(sending.indexed, sending.proxy) : undefined,
  sourceAddress: sending.proxy.address,
  certificate: unnamedClient,
  message: sending.message,
  extAuthz: sending.extAuthz,
})

/** Tells whether a workload's certificate has one of the names that a rule asks for. */
const hasName = (indexed: IndexedModel, { tls }: ClientSpeech, workload: Workload) =>
  tls === undefined ||
  tls.subjectAltNames.length === 0 ||
  tls.insecureSkipVerify ||
  tls.subjectAltNames.includes(getIdentity(indexed, workload))

/** Gets the outcome at a pod as the last proxy before it reports it. */
function getOutcome(
  sending: Sending,
  { transport }: ClientSpeech,
  served: Served,
): Omit<Outcome, 'steps'> & { readonly verdict: Verdict } {
  const { verdict, status, policy, peer, upstream, unknown, isHandshakeFailed, location, onward } = served
  const answer = {
    ...(onward !== undefined && { onward }),
    ...(policy !== undefined && { policy }),
    ...(peer !== undefined && { peer }),
    ...(upstream !== undefined && { upstream }),
    ...(location !== undefined && { location }),
    unknown,
  }
  const used = isHandshakeFailed ? 'failed' : transport
  // A proxy that refuses a connection closes it, and the one before has to say why it has no answer.
  if (sending.isHttpProxy && (verdict === 'RESET' || (verdict === 'DENY' && status === undefined)))
    return { ...answer, transport: used, verdict: 'UPSTREAM_RESET', status: 503 }
  return {
    ...answer,
    transport: used,
    verdict,
    ...(status !== undefined && { status }),
  }
}

const failConnection = ({ isHttpProxy }: Sending) =>
  isHttpProxy
    ? ({ transport: 'failed', verdict: 'UPSTREAM_RESET', status: 503 } as const)
    : ({ transport: 'failed', verdict: 'RESET' } as const)

/** Answers for destinations outside the mesh: each serves every request, and its TLS certificate has the requested name. */
function sendOutside(sending: Sending, speech: ClientSpeech) {
  const { tls, transport } = speech
  const { message } = sending
  if (tls !== undefined && transport === 'tls' && tls.subjectAltNames.length > 0 && !tls.insecureSkipVerify) {
    const sni = tls.sni !== '' ? tls.sni : (message?.authority.replace(/:\d+$/, '') ?? '')
    if (!tls.subjectAltNames.includes(sni)) return failConnection(sending)
  }
  // A server outside has no certificate of the mesh.
  if (transport === 'mtls') return failConnection(sending)
  return {
    transport,
    verdict: 'ALLOW' as const,
    ...(message !== undefined
      ? {
          status: 200,
          upstream: { method: message.method, path: message.path, host: message.authority },
        }
      : {}),
  }
}
