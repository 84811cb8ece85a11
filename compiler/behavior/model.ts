import type { SpecPath } from '../diagnostics/diagnostic.ts'
import type { ManifestObject } from './manifest-object.ts'
import type { At, Unmodelled } from './result.ts'

/**
 * The meaning of a set of manifests for requests: every object with its names resolved and its defaults left
 * open, before anything is decided about a request.
 */
export interface BehaviorModel {
  readonly settings: MeshSettings
  readonly namespaces: ReadonlyMap<string, Namespace>
  /** Services of Kubernetes, and one for each host of a ServiceEntry: the oldest first; of one age by name, then namespace. */
  readonly services: readonly Service[]
  /**
   * The same services; services of one age are sorted by host. A pod has its services in this order. See SetServiceTargets in
   * pilot/pkg/model/context.go of istio/istio.
   */
  readonly servicesByAgeAndHost: readonly Service[]
  /** All workloads: pods, one a Deployment, and addresses that a ServiceEntry or WorkloadEntry names. */
  readonly workloads: readonly Workload[]
  /** In this list and those below of modelled objects, the oldest is first; of one age they are by name, then namespace. */
  readonly gateways: readonly Gateway[]
  /** Delegates are merged into those that name them, and are not in here. */
  readonly virtualServices: readonly VirtualService[]
  readonly destinationRules: readonly DestinationRule[]
  readonly sidecars: readonly Sidecar[]
  readonly peerAuthentications: readonly PeerAuthentication[]
  readonly requestAuthentications: readonly RequestAuthentication[]
  readonly authorizationPolicies: readonly AuthorizationPolicy[]
  /** Objects of unmodelled kinds that affect requests: EnvoyFilter, HTTPRoute… */
  readonly unmodelledObjects: readonly UnmodelledObject[]
  /** EnvoyFilters that are nothing but rate limits. */
  readonly rateLimits: readonly RateLimit[]
  /** ConfigMaps with the limits that rate-limit services count. */
  readonly limiterConfigs: readonly LimiterConfig[]
  /** Objects that an API server or Istio's admission refuses, so that a cluster does not have them: the part that is wrong, and why. */
  readonly refused: readonly Refusal[]
}

export interface Refusal extends At {
  readonly reason: string
}

/** The part of MeshConfig that affects requests. */
export interface MeshSettings {
  readonly rootNamespace: string
  readonly trustDomain: string
  readonly trustDomainAliases: readonly string[]
  /** The mode for a host that no service has. */
  readonly outbound: OutboundMode
  readonly enableAutoMtls: boolean
  readonly pathNormalization: 'NONE' | 'BASE' | 'MERGE_SLASHES' | 'DECODE_AND_MERGE_SLASHES'
  /** The default of `exportTo`: `*`, `.`, or names of namespaces. */
  readonly defaultServiceExportTo: readonly string[]
  readonly defaultVirtualServiceExportTo: readonly string[]
  readonly defaultDestinationRuleExportTo: readonly string[]
  /** The names of providers that CUSTOM policies may name. */
  readonly extensionProviders: readonly ExtensionProvider[]
  readonly defaultHttpRetryPolicy: RetryPolicy | undefined
  /** The selectors of namespaces that istiod looks into; empty: all. */
  readonly discoverySelectors: readonly LabelSelector[]
  /** The number of trusted proxies in front of a gateway. They report the client's address and its encryption. */
  readonly trustedProxies: number
  /** True if the load balancer in front of a gateway reports the client's address with the PROXY protocol. */
  readonly hasProxyProtocol: boolean
  readonly unmodelled: readonly Unmodelled[]
  /** The object with this setting. Its source is undefined if no object sets it. */
  readonly object: ModelObject
}

/** All of its parts must hold. */
export interface LabelSelector {
  readonly labels: Labels
  readonly expressions: readonly {
    readonly key: string
    readonly operator: string
    readonly values: readonly string[]
  }[]
}

export type OutboundMode = 'ALLOW_ANY' | 'REGISTRY_ONLY'

export interface ExtensionProvider {
  readonly name: string
  /** The protocol of authorization requests to the provider; undefined: it does not authorize. */
  readonly authorizes: 'http' | 'grpc' | undefined
  /**
   * The authorizer that it asks, and the way in which it asks, as a URL: providers that ask alike get the same answers, whatever
   * their names.
   */
  readonly authorizer: string
  /** True if proxies let requests pass that it gives no answer about. */
  readonly failsOpen: boolean
  /**
   * The response headers of the provider that the proxy copies into an allowed request: names, `x*` or `*x`. The headers of gRPC are
   * unknown.
   */
  readonly forwardedHeaders: readonly string[]
}

/** The fields that all objects have. */
export interface ModelObject {
  readonly kind: string
  readonly namespace: string
  readonly name: string
  /** The position of the object; undefined for an object that Istio or Kubernetes would make. */
  readonly source: ManifestObject | undefined
  /** The parts of it that the model does not follow; a decision by a part that has one of them is not known. */
  readonly unmodelled: readonly Unmodelled[]
}

export interface UnmodelledObject extends ModelObject {
  /**
   * The workloads that the object affects, as client or server: workloads with these labels in its namespace, or in every namespace
   * if its own is the root. Undefined: no workload.
   */
  readonly workloads: Labels | undefined
  /** The part of them that it touches. */
  readonly reaches: readonly UnmodelledReach[]
  /** Requests to these hosts it touches as well. */
  readonly hosts: readonly string[]
}

/** A part of the traffic of a workload. */
export interface UnmodelledReach {
  /** At its sidecar, by the direction; at it as a gateway; or on the network before it or behind it, with a proxy or without. */
  readonly way: 'inbound' | 'outbound' | 'gateway' | 'arriving' | 'leaving'
  /** Ports of the workload for inbound traffic, ports of the destination for outbound traffic; undefined: all ports. */
  readonly ports: readonly number[] | undefined
}

/** Limits of proxies, which answer some requests with 429 and change nothing else. */
export interface RateLimit extends ModelObject {
  /**
   * The workloads whose proxies get the limit: workloads with these labels in its namespace, or in every namespace if its own is the
   * root.
   */
  readonly workloads: Labels
  readonly limits: readonly LocalLimit[]
  readonly sharedLimits: readonly SharedLimit[]
}

/** A part of a limit that a rate-limit service counts for all proxies: the filter that asks it, or the entries that it gets. */
export type SharedLimit = {
  readonly way: LocalLimit['way']
  /** The place of its patch in the object. */
  readonly path: SpecPath
} & (LimiterFilter | CountedRequests)

/** A filter that asks a rate-limit service about each request for which there are entries. */
export interface LimiterFilter {
  readonly kind: 'filter'
  readonly port: number | undefined
  readonly isFirst: boolean
  readonly domain: string
  /** The cluster of the service: `outbound|8081||ratelimit.limits.svc.cluster.local`. */
  readonly cluster: string
  readonly authority: string | undefined
  /** The time that a proxy waits for the answer. */
  readonly milliseconds: number
  /** True if requests get 500 while the service does not answer. */
  readonly isClosed: boolean
  readonly hasHeaders: boolean
}

/** The requests of a virtual host or of a route, as a rate-limit service hears of them. */
export interface CountedRequests {
  readonly kind: 'entries'
  /** The name of a virtual host; undefined: all of them. */
  readonly virtualHost: string | undefined
  /** The name of the route; its entries replace those of its virtual host. Undefined: every route without entries. */
  readonly route: string | undefined
  readonly descriptors: readonly (readonly LimiterEntry[])[]
}

/** A part of a request by which it is counted: a word, the value of a header, or the address of the client. */
export interface LimiterEntry {
  readonly key: string
  /** The word; undefined: each value is counted by itself. */
  readonly value: string | undefined
  readonly header: string | undefined
}

/** The limits of a domain, as a rate-limit service reads them. */
export interface LimiterConfig extends ModelObject {
  readonly domain: string
  readonly descriptors: readonly LimiterDescriptor[]
}

/** The limit of requests with an entry, and the limits of requests that have further entries. */
export interface LimiterDescriptor {
  readonly key: string
  readonly value: string | undefined
  readonly rate: { readonly requests: number; readonly milliseconds: number } | undefined
  readonly descriptors: readonly LimiterDescriptor[]
}

/** A limit that each proxy counts by itself. */
export interface LocalLimit {
  /** The proxies that get the limit: sidecars for inbound traffic, or gateways. */
  readonly way: 'inbound' | 'gateway'
  /** The port of the pods; undefined: all that speak HTTP. */
  readonly port: number | undefined
  /** The routes that have it instead of the limit of their proxy, by name, in one virtual host or in all; undefined: all requests. */
  readonly route: { readonly virtualHost: string | undefined; readonly name: string } | undefined
  /** True if requests are counted before policies decide about them. */
  readonly isFirst: boolean
  /** The rate of all requests, and the rates by header value. Without a rate, the filter serves the limits of routes. */
  readonly whole: LocalRate | undefined
  readonly perHeader: readonly (LocalRate & { readonly header: string })[]
  /** The largest number of header values that the filter counts; undefined: Envoy's default. */
  readonly mostValues: number | undefined
  /** True if responses get headers with the state of the limit. */
  readonly hasHeaders: boolean
  /** The place of its patch in the object. */
  readonly path: SpecPath
}

/** So many requests in an interval; `burst`: the most that pass at once. */
export interface LocalRate {
  readonly requests: number
  readonly milliseconds: number
  readonly burst: number
}

export type Labels = Readonly<Record<string, string>>

export interface Namespace extends ModelObject {
  readonly labels: Labels
}

/** A pod, or another address that answers requests. */
export interface Workload extends ModelObject {
  readonly serviceAccount: string
  /** `spiffe://…`, unless the identity follows from namespace and service account. */
  readonly identity?: string
  readonly labels: Labels
  /** A sidecar, or a gateway's proxy. */
  readonly proxy: 'sidecar' | 'gateway' | 'none'
  /** The address, if a manifest has it. */
  readonly address: string | undefined
  /** The container ports by name. */
  readonly ports: Readonly<Record<string, number>>
  /** The proxies in front of a gateway, if the pod declares them. */
  readonly topology?: { readonly trustedProxies?: number; readonly hasProxyProtocol?: boolean }
  /** The container ports that the sidecar does not capture; without effect on a pod without a sidecar. */
  readonly bypassedPorts: readonly number[]
  /** `service`: nothing in the manifests runs behind a Service, so one was assumed, with the labels of its selector. */
  readonly assumed?: 'service'
}

/** A host of the registry. */
export interface Service extends ModelObject {
  /** `name.namespace.svc.cluster.local`, or a host of a ServiceEntry, which may begin with `*.`. */
  readonly host: string
  readonly registry: 'Kubernetes' | 'External'
  readonly ports: readonly ServicePort[]
  /** The labels of its pods; empty: it selects no pods. */
  readonly selector: Labels
  /** The addresses in the manifest. Empty: Kubernetes or Istio assign an address, or there is none. */
  readonly addresses: readonly string[]
  readonly isHeadless: boolean
  /** The way to find its endpoints; `client`: pods and static addresses; `passthrough`: the address that is dialled. */
  readonly resolution: 'client' | 'dns' | 'dnsRoundRobin' | 'dynamicDns' | 'passthrough' | 'alias'
  /** True if it is outside the mesh: the model does not know its encryption. */
  readonly isExternal: boolean
  /** The namespaces to which it is visible: `*`, or names; empty: no namespace. */
  readonly exportTo: readonly string[]
  /** Its labels, which decide whether two ServiceEntries of one host can be merged. */
  readonly labels: Labels
  /** The endpoints of a ServiceEntry: addresses with their labels, ports and identities. */
  readonly endpoints: readonly ServiceEndpoint[]
  /** istiod ignores its namespace: no proxy gets the Service, and it declares no protocol for ports of its pods. */
  readonly isUndiscovered?: true
  /** The target host of an ExternalName Service. */
  readonly externalName?: string
  /** The names that the certificate of a ServiceEntry must have. */
  readonly subjectAltNames: readonly string[]
}

export interface ServicePort {
  readonly number: number
  readonly name: string
  readonly protocol: Protocol
  /** A number, or the name of a port of the container. */
  readonly targetPort: number | string
}

/** The protocol that Istio takes a port for: by its appProtocol, else by its name. `Unsupported`: it looks at the first bytes. */
export type Protocol =
  | 'HTTP'
  | 'HTTP2'
  | 'GRPC'
  | 'GRPC-Web'
  | 'HTTPS'
  | 'TLS'
  | 'TCP'
  | 'Mongo'
  | 'Redis'
  | 'MySQL'
  | 'UDP'
  | 'HTTP_PROXY'
  | 'Unsupported'

export interface ServiceEndpoint {
  readonly address: string
  readonly namespace: string
  readonly name: string
  readonly labels: Labels
  /** The ports by the name of a port of the service. */
  readonly ports: Readonly<Record<string, number>>
  readonly serviceAccount: string | undefined
}

export interface Gateway extends ModelObject {
  readonly selector: Labels
  readonly servers: readonly GatewayServer[]
}

export interface GatewayServer {
  /** Its place in `spec.servers`. */
  readonly index: number
  readonly port: { readonly number: number; readonly name: string; readonly protocol: Protocol }
  /** The hosts, with the namespaces that may use each: `*`, or a name. */
  readonly hosts: readonly { readonly namespace: string; readonly host: string }[]
  readonly bind: string
  readonly tls: GatewayTls | undefined
}

export interface GatewayTls {
  readonly mode: 'PASSTHROUGH' | 'SIMPLE' | 'MUTUAL' | 'AUTO_PASSTHROUGH' | 'ISTIO_MUTUAL' | 'OPTIONAL_MUTUAL'
  readonly httpsRedirect: boolean
  /** The accepted names in a client certificate, one of which must be present; empty: every name. */
  readonly subjectAltNames: readonly string[]
}

export interface VirtualService extends ModelObject {
  /** Short names in full; in lower case, unless it is for gateways only. */
  readonly hosts: readonly string[]
  /** `mesh`, or `namespace/name`. */
  readonly gateways: readonly string[]
  /** `*`, or names of namespaces. */
  readonly exportTo: readonly string[]
  readonly http: readonly HttpRoute[]
  readonly tls: readonly TlsRoute[]
  readonly tcp: readonly TcpRoute[]
}

/** A rule of `spec.http`. */
export interface HttpRoute {
  readonly name: string
  /** The rule; for a rule of a delegate also the rule of the root. */
  readonly at: readonly RulePlace[]
  /** The alternatives, one of which must match; empty: every request matches. */
  readonly matches: readonly HttpMatch[]
  readonly destinations: readonly HttpDestination[]
  readonly redirect: Redirect | undefined
  readonly directResponse: { readonly status: number; readonly body: string | undefined } | undefined
  /** The timeout in milliseconds; undefined: the rule sets no timeout. */
  readonly timeout: number | undefined
  readonly retries: RetryPolicy | undefined
  readonly rewrite:
    | {
        readonly uri: string | undefined
        readonly authority: string | undefined
        readonly uriRegex: { readonly match: string; readonly rewrite: string } | undefined
      }
    | undefined
  readonly mirrors: readonly { readonly destination: Destination; readonly percent: number }[]
  readonly fault: HttpFault | undefined
  readonly cors: Cors | undefined
  readonly headers: HeaderChanges
}

/** A rule of a VirtualService: the object, and the path of the rule in it. */
export interface RulePlace {
  readonly object: ModelObject
  readonly path: readonly (string | number)[]
}

/** All of its parts must hold. */
export interface HttpMatch {
  readonly name: string
  readonly at: RulePlace
  readonly uri: Pattern | undefined
  readonly ignoreUriCase: boolean
  readonly scheme: Pattern | undefined
  readonly method: Pattern | undefined
  readonly authority: Pattern | undefined
  /** The headers by names in lower case; `@request.auth.claims…` as written. */
  readonly headers: Readonly<Record<string, Pattern>>
  readonly withoutHeaders: Readonly<Record<string, Pattern>>
  readonly queryParams: Readonly<Record<string, Pattern>>
  readonly port: number | undefined
  readonly sourceLabels: Labels
  readonly sourceNamespace: string | undefined
  /** The gateways as of a VirtualService; empty: all of the VirtualService's. */
  readonly gateways: readonly string[]
}

/**
 * A pattern that a text must match. A `template` is a path with `{*}` and `{**}`; a regular expression is RE2's and covers the
 * whole text.
 */
export type Pattern =
  | {
      readonly match: 'exact' | 'prefix' | 'suffix' | 'regex' | 'template'
      readonly value: string
      readonly ignoreCase?: true
    }
  | { readonly match: 'present' }

export interface Destination {
  /** The full host of a short name. */
  readonly host: string
  readonly subset: string
  readonly port: number | undefined
}

interface HttpDestination extends Destination {
  readonly weight: number
  readonly headers: HeaderChanges
}

/** Names in lower case; first set, then added, then removed, in the request. */
export interface HeaderChanges {
  readonly set: Readonly<Record<string, string>>
  readonly add: Readonly<Record<string, string>>
  readonly remove: readonly string[]
}

export interface Redirect {
  readonly uri: string | undefined
  readonly prefixRewrite: string | undefined
  readonly authority: string | undefined
  readonly scheme: string | undefined
  readonly port: number | undefined
  readonly derivePort: 'FROM_PROTOCOL_DEFAULT' | 'FROM_REQUEST_PORT' | undefined
  readonly code: number
}

export interface RetryPolicy {
  readonly attempts: number
  /** The timeout in milliseconds. */
  readonly perTryTimeout: number | undefined
  readonly retryOn: string | undefined
}

export interface HttpFault {
  readonly delay: { readonly percent: number; readonly milliseconds: number } | undefined
  readonly abort: { readonly percent: number; readonly status: number } | undefined
}

export interface Cors {
  readonly allowOrigins: readonly Pattern[]
  readonly unmatchedPreflights: 'FORWARD' | 'IGNORE' | undefined
}

/** A rule of `spec.tls`. */
export interface TlsRoute {
  readonly at: RulePlace
  readonly matches: readonly TlsMatch[]
  readonly destinations: readonly WeightedDestination[]
}

/** A rule of `spec.tcp`. */
export interface TcpRoute {
  readonly at: RulePlace
  /** The alternatives; empty: every connection matches. */
  readonly matches: readonly L4Match[]
  readonly destinations: readonly WeightedDestination[]
}

export interface WeightedDestination extends Destination {
  readonly weight: number
}

export interface L4Match {
  readonly destinationSubnets: readonly string[]
  readonly port: number | undefined
  readonly sourceLabels: Labels
  readonly sourceNamespace: string | undefined
  readonly gateways: readonly string[]
}

export interface TlsMatch extends L4Match {
  readonly sniHosts: readonly string[]
}

export interface DestinationRule extends ModelObject {
  /** The full host of a short name; may begin with `*`. */
  readonly host: string
  readonly exportTo: readonly string[]
  /** The labels of the client's pods; undefined: all. */
  readonly workloadSelector: Labels | undefined
  readonly trafficPolicy: TrafficPolicy | undefined
  readonly subsets: readonly Subset[]
}

export interface Subset {
  readonly name: string
  readonly labels: Labels
  readonly trafficPolicy: TrafficPolicy | undefined
  readonly path: readonly (string | number)[]
}

export interface TrafficPolicy extends ClientSettings {
  readonly portLevel: readonly (ClientSettings & { readonly port: number })[]
  readonly path: readonly (string | number)[]
}

/** The settings of clients, for all ports or for one. */
export interface ClientSettings {
  readonly tls: ClientTls | undefined
  /** True if it sends to the address that was dialled. */
  readonly isPassthrough: boolean
  /** True if it sets a load balancer. */
  readonly isBalanced: boolean
  /** True if it ejects endpoints that fail. */
  readonly isEjecting: boolean
  /** The locality preference, which affects only the shares of endpoints; undefined: Istio's default. */
  readonly localities: LocalityNote | undefined
}

export interface LocalityNote {
  readonly says: string
  /** True if it has an effect only while an endpoint is ejected. */
  readonly needsEjection: boolean
  readonly path: readonly (string | number)[]
}

export interface ClientTls {
  readonly mode: 'DISABLE' | 'SIMPLE' | 'MUTUAL' | 'ISTIO_MUTUAL'
  readonly sni: string
  readonly subjectAltNames: readonly string[]
  readonly credentialName: string
  /** True if files of a certificate and its key are named. */
  readonly hasCertificate: boolean
  readonly insecureSkipVerify: boolean
  readonly path: readonly (string | number)[]
}

export interface Sidecar extends ModelObject {
  /** The labels of its workloads; undefined: all of its namespace. */
  readonly workloadSelector: Labels | undefined
  /** The egress listeners; empty: everything is seen. */
  readonly egress: readonly EgressListener[]
  /**
   * The ingress listeners. If there are none, the Services declare the protocols of the workload's ports. Otherwise the listeners
   * declare them, and other ports have no declared protocol.
   */
  readonly ingress: readonly IngressListener[]
  readonly outbound: OutboundMode | undefined
}

export interface EgressListener {
  readonly port: { readonly number: number; readonly protocol: Protocol; readonly name: string } | undefined
  readonly bind: string
  /**
   * The hosts, or the excluded hosts. `namespace`: a name, `.` (the namespace of the proxy) or `*` (all). The host may be `*` or
   * begin with `*.`.
   */
  readonly hosts: readonly {
    readonly namespace: string
    readonly host: string
    readonly isExcluded: boolean
  }[]
}

interface IngressListener {
  /** The port of the workload. */
  readonly port: number
  readonly protocol: Protocol
  /** True if the listener opens its own port and does not take connections that are redirected to the proxy. */
  readonly isBound: boolean
  readonly path: readonly (string | number)[]
}

export interface PeerAuthentication extends ModelObject {
  readonly selector: Labels
  readonly mode: MtlsMode
  /** The modes by the port of the workload. */
  readonly portLevel: ReadonlyMap<number, MtlsMode>
}

export type MtlsMode = 'UNSET' | 'DISABLE' | 'PERMISSIVE' | 'STRICT'

export interface RequestAuthentication extends ModelObject {
  readonly selector: Labels
  readonly targets: readonly PolicyTarget[]
  readonly rules: readonly JwtRule[]
}

export interface JwtRule {
  readonly issuer: string
  readonly audiences: readonly string[]
  readonly fromHeaders: readonly { readonly name: string; readonly prefix: string }[]
  readonly fromParams: readonly string[]
  readonly fromCookies: readonly string[]
  readonly forwardOriginalToken: boolean
  readonly spaceDelimitedClaims: readonly string[]
  /** The header that gets the payload, in lower case. */
  readonly payloadHeader: string | undefined
  readonly outputClaimToHeaders: readonly { readonly header: string; readonly claim: string }[]
}

/** A Gateway of the Gateway API, say: such policies are not for sidecars, nor for gateways of Istio's own kind. */
export interface PolicyTarget {
  readonly kind: string
  readonly name: string
}

export interface AuthorizationPolicy extends ModelObject {
  readonly selector: Labels
  readonly targets: readonly PolicyTarget[]
  readonly action: 'ALLOW' | 'DENY' | 'AUDIT' | 'CUSTOM'
  readonly provider: string | undefined
  /** True if Istio only reports it and never enforces it. */
  readonly isDryRun: boolean
  readonly rules: readonly AuthorizationRule[]
}

/** A rule matches a request if one source, one operation and all conditions match. An absent list matches every request. */
export interface AuthorizationRule {
  readonly from: readonly PolicySource[]
  readonly to: readonly PolicyOperation[]
  readonly when: readonly PolicyCondition[]
}

/** Words as written. Each non-empty list is a requirement: one of `values` matches, none of `notValues` does. */
export interface PolicySource {
  readonly principals: Words
  readonly requestPrincipals: Words
  readonly namespaces: Words
  readonly serviceAccounts: Words
  readonly trustDomains: Words
  readonly ipBlocks: Words
  readonly remoteIpBlocks: Words
}

export interface PolicyOperation {
  readonly hosts: Words
  readonly ports: Words
  readonly methods: Words
  readonly paths: Words
}

export interface Words {
  readonly values: readonly string[]
  readonly notValues: readonly string[]
}

export interface PolicyCondition extends Words {
  /** `request.headers[x-user]`, `source.namespace`… */
  readonly key: string
}
