import { findLocalities } from '../localities.ts'
import type {
  ClientSettings,
  ClientTls,
  MtlsMode,
  Service,
  ServicePort,
  Subset,
  TrafficPolicy,
  Workload,
} from '../model.ts'
import type { At, Unmodelled } from '../result.ts'
import type { MergedRule } from './destination-rule-index.ts'
import { type Endpoint, listEndpoints } from './endpoints.ts'
import { findPort } from './find-port.ts'
import type { IndexedModel } from './indexed-model.ts'
import { findNamespaceMode, findPeerMode } from './peer-mode.ts'
import type { Scope } from './scope.ts'

/** A destination as the proxy of a client has it. */
export interface Cluster {
  readonly service: Service
  readonly port: ServicePort
  readonly endpoints: readonly Endpoint[]
  readonly rule: MergedRule | undefined
  readonly subset: Subset | undefined
  /** The preference for near endpoints, which decides about shares only. */
  readonly localities: ReturnType<typeof findLocalities>
  /** Finds the protocol of the proxy to an endpoint, and the settings that decide it. */
  speaksTo(endpoint: Endpoint): ClientSpeech
  readonly unknown: readonly Unmodelled[]
}

export interface ClientSpeech {
  readonly transport: 'mtls' | 'tls' | 'plaintext'
  /** The TLS settings of its DestinationRule. */
  readonly tls: ClientTls | undefined
  readonly sni: string
  readonly at: readonly At[]
}

/** The cluster of a destination; undefined: the proxy has no cluster, so requests get a 503. */
export function findCluster(
  indexed: IndexedModel,
  scope: Scope,
  proxy: Workload,
  {
    host,
    subset: subsetName,
    port: number,
  }: { readonly host: string; readonly subset: string; readonly port: number },
): Cluster | undefined {
  const service = scope.service(host)
  const port = service && findPort(service, number)
  if (service === undefined || port === undefined) return undefined
  if (service.resolution === 'alias' || port.protocol === 'UDP') return undefined
  const merged = indexed.destinationRules.find(proxy, service)
  const rule = merged?.rule
  const subset = rule?.subsets.find(({ name }) => name === subsetName)
  if (subsetName !== '' && subset === undefined) return undefined
  const policy = rule?.trafficPolicy
  const isOriginal =
    proxy.proxy !== 'gateway' &&
    (service.resolution === 'passthrough' || isPassthrough(policy, subset?.trafficPolicy, number))
  const { tls, isPassthroughPolicy } = resolveClientSettings(policy, subset?.trafficPolicy, number)
  const isOriginalDestination = isOriginal || (proxy.proxy !== 'gateway' && isPassthroughPolicy)
  const endpoints = isOriginalDestination
    ? listOriginalEndpoints(indexed, service, port)
    : service.resolution === 'passthrough' && service.registry === 'External'
      ? []
      : listEndpoints(indexed, service, port, subsetName, subset?.labels)
  const inferred = inferMode(indexed, service, port, policy, subset?.trafficPolicy, subsetName)
  const declared = findDeclaredMode(policy, subset?.trafficPolicy, subsetName, number)
  const ruleAt = (part: ClientTls | undefined): readonly At[] =>
    merged === undefined || part === undefined ? [] : [{ object: getOwner(merged, part), path: part.path }]
  const sni = `outbound_.${number}_.${subsetName}_.${host}`
  return {
    service,
    port,
    endpoints,
    rule: merged,
    subset,
    localities: findLocalities(policy, subset?.trafficPolicy, number),
    unknown: [
      ...listUnknown(merged, subset, service),
      ...listUnknownLookup(proxy, service, port, subsetName),
    ],
    speaksTo(endpoint) {
      if (tls !== undefined) {
        const at = ruleAt(tls)
        const plaintext: ClientSpeech = { transport: 'plaintext', tls, sni: '', at }
        if (tls.mode === 'DISABLE') return plaintext
        if (tls.mode === 'ISTIO_MUTUAL') return { transport: 'mtls', tls, sni: tls.sni || sni, at }
        // A sidecar may not read the secret of a rule that is for all: it then does not encrypt.
        if (tls.credentialName !== '' && proxy.proxy !== 'gateway' && rule?.workloadSelector === undefined)
          return plaintext
        if (tls.mode === 'MUTUAL' && tls.credentialName === '' && !tls.hasCertificate) return plaintext
        return { transport: 'tls', tls, sni: tls.sni, at }
      }
      const none: ClientSpeech = { transport: 'plaintext', tls: undefined, sni: '', at: [] }
      if (service.isExternal || !indexed.model.settings.enableAutoMtls) return none
      if (inferred === 'DISABLE') return none
      const mutual: ClientSpeech = { transport: 'mtls', tls: undefined, sni, at: [] }
      if (isOriginalDestination) return mutual
      if (!endpoint.speaksMtls) return none
      if (declared !== undefined)
        return declared.mode === 'ISTIO_MUTUAL' ? mutual : { ...none, at: ruleAt(declared) }
      const peer = findPeerMode(indexed, endpoint, endpoint.port)
      return peer.mode === 'DISABLE' ? { ...none, at: peer.at } : mutual
    },
  }
}

/** The address that is dialled: of a headless Service all pods, else an address outside. */
const listOriginalEndpoints = (
  indexed: IndexedModel,
  service: Service,
  port: ServicePort,
): readonly Endpoint[] => {
  const pods = service.registry === 'Kubernetes' ? listEndpoints(indexed, service, port, '') : []
  if (pods.length > 0) return pods
  return [
    {
      workload: undefined,
      address: '',
      port: port.number,
      namespace: service.namespace,
      labels: {},
      speaksMtls: false,
    },
  ]
}

const findSettings = (policy: TrafficPolicy | undefined, port: number) =>
  policy?.portLevel.find(level => level.port === port)

/** See GetPortLevelTrafficPolicy and MergeSubsetTrafficPolicy in pilot/pkg/networking/util/util.go of istio/istio. */
function resolveClientSettings(
  policy: TrafficPolicy | undefined,
  ofSubset: TrafficPolicy | undefined,
  port: number,
): { readonly tls: ClientTls | undefined; readonly isPassthroughPolicy: boolean } {
  const whole: ClientSettings | undefined = findSettings(policy, port) ?? policy
  const level = findSettings(ofSubset, port)
  const nearer: ClientSettings | undefined = level ?? ofSubset
  return {
    tls: level === undefined ? (nearer?.tls ?? whole?.tls) : level.tls,
    isPassthroughPolicy: Boolean(nearer?.isPassthrough || (nearer === undefined && whole?.isPassthrough)),
  }
}

const isPassthrough = (
  policy: TrafficPolicy | undefined,
  ofSubset: TrafficPolicy | undefined,
  port: number,
) => (findSettings(policy, port) ?? policy)?.isPassthrough === true || ofSubset?.isPassthrough === true

/** The mode that endpoints are compared with. See tlsModeForDestinationRule in pilot/pkg/xds/endpoints/mtls_checker.go. */
function findDeclaredMode(
  policy: TrafficPolicy | undefined,
  ofSubset: TrafficPolicy | undefined,
  subset: string,
  port: number,
): ClientTls | undefined {
  const findMode = (trafficPolicy: TrafficPolicy | undefined) =>
    trafficPolicy?.portLevel.find(level => level.port === port && level.tls !== undefined)?.tls ??
    trafficPolicy?.tls
  return subset === '' ? findMode(policy) : (findMode(ofSubset) ?? findMode(policy))
}

/** See BestEffortInferServiceMTLSMode in pilot/pkg/model/push_context.go of istio/istio. */
function inferMode(
  indexed: IndexedModel,
  service: Service,
  port: ServicePort,
  policy: TrafficPolicy | undefined,
  ofSubset: TrafficPolicy | undefined,
  subset: string,
): MtlsMode {
  const trafficPolicy = subset === '' ? policy : ofSubset
  if (service.resolution === 'passthrough' || trafficPolicy?.isPassthrough) {
    const endpoints = listEndpoints(indexed, service, port, '')
    if (endpoints.length === 0 || endpoints.some(({ speaksMtls }) => !speaksMtls)) return 'DISABLE'
  }
  return findNamespaceMode(indexed, service.namespace)
}

/** The rule of several that were put together that a part is of. */
const getOwner = (merged: MergedRule, part: ClientTls) =>
  merged.from.find(
    ({ trafficPolicy, subsets }) =>
      holds(trafficPolicy, part) || subsets.some(subset => holds(subset.trafficPolicy, part)),
  ) ?? merged.rule

const holds = (policy: TrafficPolicy | undefined, part: ClientTls) =>
  policy?.tls === part || policy?.portLevel.some(({ tls }) => tls === part)

/** Lists the unmodelled parts of a rule that affect this subset. */
function listUnknown(
  merged: MergedRule | undefined,
  subset: Subset | undefined,
  service: Service,
): readonly Unmodelled[] {
  const ofRule = (merged?.from ?? []).flatMap(({ unmodelled }) =>
    unmodelled.filter(({ path }) => path[1] !== 'subsets' || path[2] === subset?.path[2]),
  )
  return [...ofRule, ...service.unmodelled]
}

/**
 * A chain of filters for TLS looks up the name that a connection asks for. A listener for HTTP does so only for the first service
 * of its port. See buildCompleteNetworkFilters in pilot/pkg/networking/core/networkfilter.go, and listener_builder.go there.
 */
function listUnknownLookup(
  proxy: Workload,
  service: Service,
  { protocol }: ServicePort,
  subset: string,
): readonly Unmodelled[] {
  if (service.resolution !== 'dynamicDns') return []
  const isFollowed = protocol === 'TLS' && proxy.proxy === 'sidecar' && service.isExternal && subset === ''
  return isFollowed ? [] : [makeDynamicDnsReason(service)]
}

const makeDynamicDnsReason = (service: Service): Unmodelled => ({
  object: service,
  path: ['spec', 'resolution'],
  reason: { code: 'dynamic-dns' },
})
