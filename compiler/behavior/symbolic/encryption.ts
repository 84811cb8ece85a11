import type {
  ClientTls,
  DestinationRule,
  Labels,
  MtlsMode,
  PeerAuthentication,
  Service,
  Subset,
  TrafficPolicy,
  Workload,
} from '../model.ts'
import { getQualifiedName } from '../qualified-name.ts'
import type { At, Unmodelled } from '../result.ts'
import { findMostSpecific, isWildcard } from './host-names.ts'
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

/** The rules for a host that a client has, as one: several of one namespace and host are merged. */
export interface ClientRules {
  readonly rules: readonly DestinationRule[]
  /** The first of them. */
  readonly object: DestinationRule
  readonly isForWorkload: boolean
  readonly trafficPolicy: TrafficPolicy | undefined
  readonly subsets: readonly Subset[]
  readonly unmodelled: readonly Unmodelled[]
}

/** See istio pilot/pkg/model/push_context.go, destinationRule, and sidecar.go, DestinationRule. */
export function findClientRules(
  indexed: IndexedModel,
  client: { readonly namespace: string; readonly labels: Labels },
  service: Service,
): ClientRules | undefined {
  const { rootNamespace } = indexed.model.settings
  const rules =
    findRules(indexed, client.namespace, service.host, rule =>
      client.namespace === rootNamespace ? isPrivate(rule) : isForOwn(rule),
    ) ??
    findExportedRules(indexed, service.namespace, service.host, client.namespace) ??
    findExportedRules(indexed, rootNamespace, service.host, client.namespace)
  if (rules === undefined) return undefined
  const selecting = rules.find(
    ({ namespace, workloadSelector }) =>
      namespace === client.namespace &&
      workloadSelector !== undefined &&
      hasLabels(client.labels, workloadSelector),
  )
  const merged = selecting === undefined ? mergeLast(rules) : [selecting]
  if (merged.length === 0) return undefined
  return {
    rules: merged,
    object: merged[0]!,
    isForWorkload: selecting !== undefined,
    trafficPolicy: merged.find(({ trafficPolicy }) => trafficPolicy !== undefined)?.trafficPolicy,
    subsets: merged.flatMap(({ subsets }) => subsets),
    unmodelled: merged.flatMap(({ unmodelled }) => unmodelled),
  }
}

function findExportedRules(
  indexed: IndexedModel,
  owner: string,
  host: string,
  client: string,
): readonly DestinationRule[] | undefined {
  const rules = findRules(indexed, owner, host, rule => !isPrivate(rule))
  const visible = rules?.filter(rule => {
    const names = listExports(rule)
    return names.length === 0 || names.includes('*') || names.includes(client)
  })
  return visible === undefined || visible.length === 0 ? undefined : visible
}

/** A rule with a workload selector applies only to its own namespace. */
const listExports = ({ exportTo, workloadSelector }: DestinationRule): readonly string[] =>
  workloadSelector === undefined ? exportTo : ['.']

function isForOwn(rule: DestinationRule): boolean {
  const names = listExports(rule)
  return names.length === 0 || ['*', '.', rule.namespace].some(name => names.includes(name))
}

function isPrivate(rule: DestinationRule): boolean {
  const names = listExports(rule)
  return new Set(names).size === 1 && (names[0] === '.' || names[0] === rule.namespace)
}

/** Rules that are exported alike are merged; of several that are not, the last one counts. */
function mergeLast(rules: readonly DestinationRule[]): readonly DestinationRule[] {
  const groups = new Map<string, DestinationRule[]>()
  for (const rule of rules) {
    if (rule.workloadSelector !== undefined) continue
    const key = [...new Set(rule.exportTo)].sort().join()
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [rule])
    else group.push(rule)
  }
  return [...groups.values()].at(-1) ?? []
}

/** The rules of a namespace for the most specific host that matches this one. */
function findRules(
  indexed: IndexedModel,
  namespace: string,
  host: string,
  isMeant: (rule: DestinationRule) => boolean,
): readonly DestinationRule[] | undefined {
  const exact = (indexed.destinationRulesByHost.get(host) ?? []).filter(
    rule => rule.namespace === namespace && isMeant(rule),
  )
  if (exact.length > 0) return exact
  const wild = indexed.wildcardDestinationRules.filter(rule => rule.namespace === namespace && isMeant(rule))
  const best = findMostSpecific(
    host,
    wild.map(rule => rule.host),
  )
  return best === undefined || !isWildcard(best) ? undefined : wild.filter(rule => rule.host === best)
}

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
