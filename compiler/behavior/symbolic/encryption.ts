import type {
  ClientTls,
  MtlsMode,
  PeerAuthentication,
  Service,
  ServiceEndpoint,
  TrafficPolicy,
  Workload,
} from '../model.ts'
import { getQualifiedName } from '../qualified-name.ts'
import type { At, Unmodelled } from '../result.ts'
import type { ClientRules } from './client-rules.ts'
import { hasLabels, type IndexedModel, isEmpty } from './indexed-model.ts'

/** The mode in which a server accepts connections, and the positions that set it; empty: the mode is a default. */
interface ServerMode {
  readonly mode: Exclude<MtlsMode, 'UNSET'>
  readonly at: readonly At[]
}

/** Finds the mode of a server on a port; see istio pilot/pkg/security/authn/policy_applier.go. */
export function findServerMode(indexed: IndexedModel, workload: Workload, port: number): ServerMode {
  return indexed.once(`mode ${getQualifiedName(workload)} ${port}`, () => {
    const peerAuthentication = indexed.peerAuthenticationsByNamespace.get(workload.namespace) ?? []
    const isRoot = workload.namespace === indexed.model.settings.rootNamespace
    const selecting = isRoot
      ? undefined
      : peerAuthentication.find(({ selector }) => !isEmpty(selector) && hasLabels(workload.labels, selector))
    if (selecting === undefined) return findNamespaceMode(indexed, workload.namespace)
    const ofPort = selecting.portLevel.get(port)
    if (ofPort !== undefined && ofPort !== 'UNSET')
      return {
        mode: ofPort,
        at: [{ object: selecting, path: ['spec', 'portLevelMtls', String(port), 'mode'] }],
      }
    return getWholeMode(selecting) ?? findNamespaceMode(indexed, workload.namespace)
  })
}

/** Lists the parts of the policies that decide about a server and are not modelled. */
export const listUnmodelledOfServerMode = (
  indexed: IndexedModel,
  workload: Workload,
): readonly Unmodelled[] =>
  [workload.namespace, indexed.model.settings.rootNamespace].flatMap(namespace =>
    (indexed.peerAuthenticationsByNamespace.get(namespace) ?? [])
      .filter(({ selector }) => hasLabels(workload.labels, selector))
      .flatMap(({ unmodelled }) => unmodelled),
  )

/** Finds the mode of a namespace apart from workloads and ports: all that clients go by. */
function findNamespaceMode(indexed: IndexedModel, namespace: string): ServerMode {
  for (const place of [namespace, indexed.model.settings.rootNamespace]) {
    const peerAuthentication = indexed.peerAuthenticationsByNamespace
      .get(place)
      ?.find(({ selector }) => isEmpty(selector))
    const mode = peerAuthentication && getWholeMode(peerAuthentication)
    if (mode !== undefined) return mode
  }
  return { mode: 'PERMISSIVE', at: [] }
}

/** The mode that a policy sets for all ports; undefined: it sets no mode. */
const getWholeMode = (object: PeerAuthentication): ServerMode | undefined =>
  object.mode === 'UNSET'
    ? undefined
    : { mode: object.mode, at: [{ object, path: ['spec', 'mtls', 'mode'] }] }

/** The mode in which a client speaks to the endpoints of a cluster. */
export type ClientMode =
  | { readonly kind: 'automatic' }
  /** All endpoints alike, whatever they are. */
  | { readonly kind: 'mutual'; readonly subjectAltNames: readonly string[]; readonly sni: string }
  | { readonly kind: 'plaintext' }
  | { readonly kind: 'tls'; readonly tls: ClientTls }

/** See istio pilot/pkg/networking/core/cluster_tls.go, and util.go for how policies of ports and subsets are merged. */
export function findClientMode(
  indexed: IndexedModel,
  rules: ClientRules | undefined,
  service: Service,
  subset: string,
  port: number,
  isGateway: boolean,
): ClientMode {
  const tls = findClusterTls(rules, subset, port)
  if (tls !== undefined) return findWrittenMode(tls, rules?.isForWorkload === true || isGateway)
  if (
    !indexed.model.settings.enableAutoMtls ||
    service.isExternal ||
    findNamespaceMode(indexed, service.namespace).mode === 'DISABLE'
  )
    return { kind: 'plaintext' }
  if (service.resolution !== 'passthrough') return { kind: 'automatic' }
  const pods = indexed.podsOf(service)
  if (pods.length === 0 || !pods.every(speaksMutual)) return { kind: 'plaintext' }
  return isGateway ? { kind: 'automatic' } : { kind: 'mutual', subjectAltNames: [], sni: '' }
}

/** A sidecar gets no certificate by a name of a Secret, unless the rule is for its workload; it then speaks plaintext. */
function findWrittenMode(tls: ClientTls, mayNameSecret: boolean): ClientMode {
  if (tls.mode === 'DISABLE') return { kind: 'plaintext' }
  if (tls.mode === 'ISTIO_MUTUAL')
    return { kind: 'mutual', subjectAltNames: tls.subjectAltNames, sni: tls.sni }
  if (tls.credentialName !== '')
    return mayNameSecret || tls.credentialName.startsWith('configmap://')
      ? { kind: 'tls', tls }
      : { kind: 'plaintext' }
  return tls.mode === 'MUTUAL' && !tls.hasCertificate ? { kind: 'plaintext' } : { kind: 'tls', tls }
}

/** A label of the pod may say otherwise than its sidecar. */
const speaksMutual = ({ proxy, labels }: Workload): boolean =>
  (labels['security.istio.io/tlsMode'] ?? (proxy === 'sidecar' ? 'istio' : 'disabled')) === 'istio'

/** Tells whether an endpoint of a ServiceEntry is declared to have a sidecar: by a label, or by its identity. */
export const declaresMutual = ({ labels, serviceAccount }: ServiceEndpoint): boolean =>
  (labels['security.istio.io/tlsMode'] ?? (serviceAccount ? 'istio' : 'disabled')) === 'istio'

/** Tells whether a rule has a cluster send to whatever address was dialled. */
export function isPassthrough(rules: ClientRules | undefined, subset: string, port: number): boolean {
  const getMode = (policy: TrafficPolicy | undefined) =>
    policy?.portLevel.find(level => level.port === port)?.isPassthrough ?? policy?.isPassthrough ?? false
  return (
    getMode(rules?.trafficPolicy) ||
    getMode(rules?.subsets.find(({ name }) => name === subset)?.trafficPolicy)
  )
}

/** Tells whether a client that decides by endpoint uses mutual TLS to an endpoint: mtls_checker.go of istio pilot/pkg/xds/endpoints. */
export function isMutualEndpoint(
  indexed: IndexedModel,
  rules: ClientRules | undefined,
  subset: string,
  servicePort: number,
  workload: Workload,
  port: number,
): boolean {
  // If an endpoint lacks the sidecar label, Envoy matches the plaintext socket, whatever the rules for the endpoint are.
  if (!speaksMutual(workload)) return false
  const written = findEndpointTls(rules, subset, servicePort)
  if (written !== undefined) return written.mode === 'ISTIO_MUTUAL'
  return findServerMode(indexed, workload, port).mode !== 'DISABLE'
}

/** A port entry replaces the whole policy around it, including the fields that the entry omits. */
function findClusterTls(rules: ClientRules | undefined, subset: string, port: number): ClientTls | undefined {
  const base = rules?.trafficPolicy
  const entry = base?.portLevel.find(level => level.port === port)
  const around = entry === undefined ? base?.tls : entry.tls
  const trafficPolicy = rules?.subsets.find(({ name }) => name === subset)?.trafficPolicy
  const ownEntry = trafficPolicy?.portLevel.find(level => level.port === port)
  return ownEntry === undefined ? (trafficPolicy?.tls ?? around) : ownEntry.tls
}

function findEndpointTls(
  rules: ClientRules | undefined,
  subset: string,
  port: number,
): ClientTls | undefined {
  const ofPolicy = (policy: TrafficPolicy | undefined) =>
    policy?.portLevel.find(level => level.port === port && level.tls !== undefined)?.tls ?? policy?.tls
  return (
    ofPolicy(rules?.subsets.find(({ name }) => name === subset)?.trafficPolicy) ??
    ofPolicy(rules?.trafficPolicy)
  )
}
