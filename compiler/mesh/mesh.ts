import type { Protocol } from '../../schema/protocols.ts'
import type { SlackEvent } from '../../schema/slack-events.ts'
import type { PatchableKind } from '../../schema/spec/patches.ts'
import type { Origin, Sourced, SpecNode } from './sourced.ts'
import type { Surroundings } from './surroundings.ts'

/**
 * The mesh as entities that refer to entities. Every value is `Sourced`: set by a place of the spec, or by a named
 * default. Lists are sorted by name, so the order of the spec never shows, except where order is meant (routes).
 */
export interface Mesh {
  readonly name: Sourced<string>
  readonly environment: Sourced<string>
  /** The cluster that these objects are for; undefined for an environment without `clusters`. */
  readonly cluster: Cluster | undefined
  /** The clusters of the environment, sorted by name; empty for an environment without `clusters`. */
  readonly clusters: readonly Cluster[]
  readonly mtls: Sourced<MtlsMode>
  readonly egress: Sourced<'registry-only' | 'allow-any'>
  /** `open`: anyone may call a service that sets no callers. */
  readonly access: Sourced<'declared' | 'open'>
  /** The hosts that the sidecars know: those that their services may call, or all. */
  readonly sidecarScope: Sourced<'declared' | 'all'>
  readonly faults: Sourced<'allowed' | 'forbidden'>
  readonly managed: ManagedPart
  /** The namespace of the objects that belong to no service: the root namespace, or the first that the spec manages. */
  readonly home: Sourced<string>
  /** The facts about the manifests that others own. */
  readonly surroundings: Surroundings
  readonly istio: Istio
  readonly observability: Observability
  readonly delivery: Delivery
  /** The default policy for requests. */
  readonly defaults: TrafficPolicy
  readonly namespaces: readonly Namespace[]
  /** The issuers of tokens, sorted by name. */
  readonly issuers: readonly DeclaredIssuer[]
  /** The authorizers, sorted by name. */
  readonly authorizers: readonly Authorizer[]
  /** The rate-limit services, sorted by name. */
  readonly rateLimiters: readonly RateLimiter[]
  readonly gateways: readonly Gateway[]
  readonly services: readonly Service[]
  readonly externals: readonly External[]
  /** The callees that anyone may call, sorted by host: every service of the mesh may, in addition to its own callees. */
  readonly publicCallees: readonly Callee[]
  readonly expectations: readonly Expectation[]
  readonly policies: readonly Policy[]
  readonly patches: readonly Patch[]
  readonly raw: readonly RawObject[]
  /** The hosts that the raw objects bring into the mesh. */
  readonly rawHosts: readonly RawHost[]
}

/** A cluster of an environment that has several. */
export interface Cluster {
  readonly origin: SpecNode
  readonly name: Sourced<string>
  /** The network of its pods; undefined where each cluster is a mesh of its own. */
  readonly network: Sourced<string> | undefined
  readonly region: Sourced<string> | undefined
  /** The zones of the region with nodes; empty if the spec does not list them. */
  readonly zones: readonly Sourced<string>[]
  /** The name by which Argo CD knows it, or the URL of its API server. */
  readonly destination: Sourced<string>
  /** The branch, tag or commit that Argo CD follows; undefined: that of the environment. */
  readonly revision: Sourced<string> | undefined
}

/**
 * A mesh without the parts that always differ between the clusters of its environment. All clusters share the rest, unless a file of
 * their own changes it.
 */
export type SharedMesh = Omit<Mesh, 'cluster' | 'delivery'>

/** A mesh for which every error rule holds; only validate makes one, and emit takes nothing else. */
export type ValidMesh = Mesh & { readonly [valid]: true }
declare const valid: unique symbol

export type MtlsMode = 'strict' | 'permissive'

/** The part of the mesh that a spec manages: the whole mesh, with the word in the spec if there is one, or some namespaces. */
export type ManagedPart =
  | { readonly kind: 'mesh'; readonly word: Sourced<'mesh'> | undefined }
  | { readonly kind: 'namespaces'; readonly names: readonly Sourced<string>[] }

export interface Istio {
  /** The installation of the control plane: by meshc with Istio's charts, or by another owner. */
  readonly install: Sourced<'charts' | 'none'>
  /** The version of the default control plane of namespaces. */
  readonly version: Sourced<string>
  /** The default version of the entries of `revisions`. */
  readonly sharedVersion: Sourced<string>
  /** The revision that namespaces join, or a tag of it; undefined for the default one. */
  readonly revision: Sourced<string> | undefined
  /** The control planes, sorted by revision: those of `revisions`, or the only one. */
  readonly controlPlanes: readonly ControlPlane[]
  /** The Helm repository of its charts, or `oci://` and a registry. */
  readonly charts: Sourced<string>
  /** The registry and path of images; undefined: that of the charts. */
  readonly hub: Sourced<string> | undefined
  /** The Secrets with the credentials of the registry. */
  readonly pullSecrets: readonly Sourced<string>[]
  /** `on`: a CNI plugin redirects the traffic of pods. */
  readonly cni: Sourced<'on' | 'off'>
  /** Fields of MeshConfig that pass through. */
  readonly meshConfig: PassedTree | undefined
  /** Values of the chart `istiod` that pass through. */
  readonly values: PassedTree | undefined
  /** The root namespace. */
  readonly namespace: Sourced<string>
  readonly trustDomain: Sourced<string>
  readonly replicas: Replicas
  readonly resources: Resources
  readonly proxy: Proxy
}

/** A control plane, which serves the pods that join its revision. */
export interface ControlPlane {
  /** Its entry in `revisions`; undefined for the only one of a spec without. */
  readonly origin: SpecNode | undefined
  /** The revision; undefined for the default one. */
  readonly revision: Sourced<string> | undefined
  readonly version: Sourced<string>
  /** Other names of the revision. */
  readonly tags: readonly Sourced<string>[]
}

/** A map of the spec that passes through to Istio. */
export interface PassedTree {
  readonly origin: SpecNode
  readonly value: Readonly<Record<string, unknown>>
}

/** The settings of every proxy; an undefined setting keeps the default of Istio. */
interface Proxy {
  readonly resources: Resources
  readonly drain: Sourced<string>
  readonly holdApplication: Sourced<'on' | 'off'>
  readonly native: Sourced<'on' | 'off'> | undefined
  readonly image: Sourced<'default' | 'distroless' | 'debug'> | undefined
  /** The number of worker threads. */
  readonly concurrency: Sourced<number> | undefined
}

export interface Replicas {
  readonly min: Sourced<number>
  readonly max: Sourced<number>
}

export interface Resources {
  readonly requests: { readonly cpu: Sourced<string>; readonly memory: Sourced<string> }
  readonly limits: { readonly cpu: Sourced<string>; readonly memory: Sourced<string> }
}

export interface Observability {
  readonly accessLog: Sourced<'json' | 'text' | 'off'>
  /** True with tracing; it is also the reason of the objects for tracing. */
  readonly traced: Sourced<boolean>
  readonly tracing: Tracing | undefined
  readonly prometheus: Prometheus
  readonly dashboard: Dashboard
  /** Kiali; undefined if the spec does not request it. */
  readonly kiali: Kiali | undefined
  readonly links: Links
  /** The contact for calls about the mesh. */
  readonly onCall: Sourced<string> | undefined
}

export interface Prometheus {
  /** True if the cluster has the operator, so that meshc writes its monitors and alerts. */
  readonly hasOperator: Sourced<boolean>
  readonly url: Sourced<string> | undefined
  readonly selectorLabels: Labels
  readonly interval: Sourced<string>
}

/** The way that Grafana finds the dashboard of the mesh. */
export interface Dashboard {
  /** True if there is a Grafana, which shows it. */
  readonly hasGrafana: Sourced<boolean>
  /** The labels of its ConfigMap. */
  readonly labels: Labels
  readonly folder: Sourced<string> | undefined
}

/** URLs that people open in a browser; undefined if the spec sets none. */
interface Links {
  /** The address where people read the files of the repository, up to its root. */
  readonly runbooks: Sourced<string> | undefined
  readonly grafana: Sourced<string> | undefined
  readonly kiali: Sourced<string> | undefined
  readonly traces: Sourced<string> | undefined
}

export interface Kiali {
  readonly origin: SpecNode
  readonly login: Sourced<'token' | 'anonymous'>
  /** The addresses of Prometheus, Grafana and the trace viewer. */
  readonly prometheus: Sourced<string>
  readonly grafana: Sourced<string> | undefined
  readonly tracing: Sourced<string> | undefined
}

export interface Tracing {
  readonly provider: Sourced<'jaeger' | 'opentelemetry' | 'zipkin'>
  /** The collector's host as the spec writes it (`jaeger-collector.observability`), completed to an FQDN. */
  readonly host: Sourced<string>
  readonly port: Sourced<number>
  /** The namespace of the collector, which is a Service of the cluster. */
  readonly namespace: Sourced<string>
  /** The sampling in percent, 0 to 100. */
  readonly sampling: Sourced<number>
}

export interface Delivery {
  readonly repository: Sourced<string> | undefined
  readonly revision: Sourced<string>
  /** `out/<env>`, as a path from the root of the repository. */
  readonly path: Sourced<string>
  /** The cluster's name, or the URL of its API server. */
  readonly cluster: Sourced<string>
  readonly argocd: { readonly namespace: Sourced<string>; readonly url: Sourced<string> | undefined }
  readonly window: SyncWindow | undefined
  readonly sync: Sourced<'manual' | 'automatic'>
  readonly slackChannel: Sourced<string> | undefined
  readonly slackEvents: readonly Sourced<SlackEvent>[]
  /** Files of `out/<env>` that another owner writes and that are deployed with the rest: `manifests/<folder>/<file>`. */
  readonly neighbors: readonly Sourced<string>[]
  /** The outputs that are built in addition to the manifests; the reason for a file is its word. */
  readonly outputs: Readonly<Partial<Record<DeliveryOutput, Sourced<boolean>>>>
  /** The documents that are made of templates of the project, by name. */
  readonly documents: readonly TemplatedDocument[]
}

/** A document that a template of the project makes. */
export interface TemplatedDocument {
  /** The name of its file in `docs/`. */
  readonly name: string
  readonly origin: SpecNode
  /** The path of the template, from the root of the project. */
  readonly template: Sourced<string>
}

/** A window in which an environment may change. */
export interface SyncWindow {
  readonly origin: SpecNode
  readonly schedule: Sourced<string>
  readonly duration: Sourced<string>
  readonly timeZone: Sourced<string>
}

/** The Argo CD objects, the Helm chart and the documents. */
type DeliveryOutput = 'argocd' | 'chart' | 'docs' | 'map'

/** Label keys with their values, sorted by key. */
export type Labels = readonly (readonly [string, Sourced<string>])[]

export interface Namespace {
  readonly name: Sourced<string>
  readonly mtls: Sourced<MtlsMode>
  /** The word that tells whether its pods get a sidecar. */
  readonly injection: Sourced<'on' | 'off'>
  /** The revision or tag that its pods join; undefined for the default control plane. */
  readonly revision: Sourced<string> | undefined
  readonly labels: Labels
  /** True if services run in it; false where only gateways do. */
  readonly hasServices: boolean
}

export interface Gateway {
  readonly origin: SpecNode
  /** Its key in the spec, which is the name of the Gateway object. */
  readonly name: Sourced<string>
  /** The namespace of the Gateway object and of its VirtualServices. */
  readonly namespace: Sourced<string>
  /**
   * The Helm release, Deployment and Service: `istio-<name>`; for the proxies of another owner, the name that follows from their
   * labels.
   */
  readonly workload: Sourced<string>
  /** The namespace of its pods, and of the secret of its certificate. */
  readonly workloadNamespace: Sourced<string>
  readonly serviceAccount: Sourced<string>
  /** The SPIFFE identity without `spiffe://`, as policies compare it. */
  readonly principal: Sourced<string>
  /** True for a way out of the mesh, which external systems name: it has no hosts of its own. */
  readonly isEgress: Sourced<boolean>
  /** True for a way between the networks of clusters: it has no hosts of its own. */
  readonly isEastWest: Sourced<boolean>
  /** The labels that select its pods: `istio: <name>`, or those that the spec sets for proxies of others. */
  readonly selector: Labels
  /** The hosts of requests; empty if the gateway only forwards connections. */
  readonly hosts: readonly Sourced<string>[]
  /** The teams that own paths of its hosts, the longest path of a host first. */
  readonly owners: readonly PathOwner[]
  /** The certificates, that of the remaining hosts first; empty if the gateway serves only plaintext. */
  readonly certificates: readonly Certificate[]
  /** The hosts with TLS passthrough. */
  readonly passthrough: readonly Sourced<string>[]
  /** The ports for connections of TCP, sorted by key. */
  readonly tcp: readonly TcpListener[]
  readonly http: Sourced<'redirect' | 'off' | 'serve'>
  readonly ports: {
    readonly http: Sourced<number>
    readonly https: Sourced<number>
    readonly passthrough: Sourced<number>
  }
  readonly minimumTls: Sourced<1.2 | 1.3>
  /** The tokens that its proxies accept; undefined if they read none. */
  readonly jwt: Jwt | undefined
  readonly deny: readonly Deny[]
  /** The authorizer that its proxies call; undefined if they call none. */
  readonly authorize: Authorize | undefined
  /** The rate of requests that each of its proxies takes; undefined: every one. */
  readonly rateLimit: RateLimit | undefined
  /** The proxies that meshc installs; undefined if they have another owner. */
  readonly installation: GatewayInstallation | undefined
}

/** The team that owns a path of a host. */
export interface PathOwner {
  readonly origin: SpecNode
  readonly host: string
  readonly path: StringMatch
  readonly team: Sourced<string>
}

/** A gateway whose proxies meshc installs. */
export interface InstalledGateway extends Gateway {
  readonly installation: GatewayInstallation
}

/** The settings of the proxies of a gateway. */
export interface GatewayInstallation {
  readonly replicas: Replicas
  readonly resources: Resources
  readonly serviceType: Sourced<'LoadBalancer' | 'ClusterIP' | 'NodePort'>
  readonly serviceAnnotations: Labels
  /** The cloud whose load balancer gets a private address. */
  readonly internal: Sourced<'aws' | 'gcp' | 'azure'> | undefined
  readonly externalTrafficPolicy: Sourced<'cluster' | 'local'> | undefined
  readonly sourceRanges: readonly Sourced<string>[]
  readonly spread: Sourced<'preferred' | 'required'> | undefined
  /** The budget for drains of nodes; both undefined: one pod at a time. */
  readonly disruptions: {
    readonly maxUnavailable: Sourced<number> | undefined
    readonly minAvailable: Sourced<number> | undefined
  }
  /** The proxies and the load balancer in front of its proxies, as far as they report the client's address. */
  readonly topology: {
    readonly trustedProxies: Sourced<number> | undefined
    readonly proxyProtocol: Sourced<boolean> | undefined
    readonly forwardClientCertificate: Sourced<'replace' | 'append' | 'keep' | 'remove'> | undefined
  }
  readonly labels: Labels
  /** Values of the chart `gateway` that pass through. */
  readonly values: PassedTree | undefined
}

/** The authorities that sign the certificates of clients. */
export interface ClientCertificates {
  readonly origin: SpecNode
  /** The secret with their certificates, in the namespace of the pods. */
  readonly ca: Sourced<string>
  /** False where clients without a certificate get in, too. */
  readonly required: Sourced<boolean>
  /** The accepted names in a certificate, one of which must be present; empty: any. */
  readonly names: readonly Sourced<string>[]
}

/** A port of a gateway whose connections have one service as their destination. */
export interface TcpListener {
  readonly origin: SpecNode
  readonly key: Sourced<string>
  /** The port of the Service in front of the proxies. */
  readonly number: Sourced<number>
  /** The port of the pods. */
  readonly target: Sourced<number>
}

export interface Certificate {
  readonly origin: SpecNode
  /** Its key under `certificates`; undefined for that of the remaining hosts. */
  readonly key: Sourced<string> | undefined
  /** The hosts of the gateway that it is for. */
  readonly hosts: readonly Sourced<string>[]
  /** The certificates that clients present there; undefined if they present none. */
  readonly clients: ClientCertificates | undefined
  /** The name of the TLS secret, in the namespace of the pods. */
  readonly secret: Sourced<string>
  /** The issuer; undefined if the secret already exists. */
  readonly issuer:
    | { readonly name: Sourced<string>; readonly kind: Sourced<'ClusterIssuer' | 'Issuer'> }
    | undefined
  readonly duration: Sourced<string>
  readonly renewBefore: Sourced<string>
}

export interface Service {
  readonly origin: SpecNode
  /** Its key in the spec, which other parts of the spec use as its name. */
  readonly key: string
  /** The name of the Kubernetes Service. */
  readonly name: Sourced<string>
  readonly namespace: Sourced<string>
  /** `<name>.<namespace>.svc.cluster.local` */
  readonly host: Sourced<string>
  readonly owner: Sourced<string> | undefined
  /** The labels that select its pods. */
  readonly selector: Labels
  /** Set if the Kubernetes Service has no address, so that its callers choose a pod. */
  readonly headless: Sourced<true> | undefined
  /** The word that tells whether its pods have a sidecar. */
  readonly sidecar: Sourced<'on' | 'off'>
  /** The clusters that run it, in the order of the spec; empty if all do. */
  readonly clusters: readonly Sourced<string>[]
  /** The virtual machines that run it; undefined where pods do. */
  readonly machines: Machines | undefined
  /**
   * The services that select the same pods, including itself, sorted by key. Objects for the pods are written once, under the first
   * service.
   */
  readonly samePods: readonly Service[]
  readonly serviceAccount: Sourced<string>
  /** The SPIFFE identity without `spiffe://`. */
  readonly principal: Sourced<string>
  /** The ports, sorted by key; empty for a workload that calls and is never called. */
  readonly ports: readonly Port[]
  readonly versions: readonly Version[]
  /** The routes in the order of the spec; the last one, for everything that is left, may be meshc's own. */
  readonly routes: readonly Route[]
  /** True if `traffic`, `mirror` or a route names a service in place of a version. */
  readonly namesServices: boolean
  readonly fault: Fault | undefined
  readonly exposures: readonly Exposure[]
  /** The ways through gateways that pass connections on. */
  readonly passages: readonly Passage[]
  readonly jwt: Jwt | undefined
  readonly allow: readonly Allow[]
  /** The requests that it denies, whatever `allow` contains. */
  readonly deny: readonly Deny[]
  /** The authorizer that its proxies call; undefined if they call none. */
  readonly authorize: Authorize | undefined
  /** The rate of requests that each of its instances takes; undefined: every one. */
  readonly rateLimit: RateLimit | undefined
  /** True if access is open and the spec sets no `allow`: if it has ports, `allow` is a rule for anyone that no policy needs. */
  readonly isOpen: boolean
  /**
   * The callees that this service may call, by the edges declared at the other end that name it or its namespace: each
   * destination once, sorted by host. The callees of anyone are in `publicCallees` of the mesh.
   */
  readonly callees: readonly Callee[]
  readonly policy: TrafficPolicy
  readonly objective: Objective | undefined
}

/** The virtual machines of a service. */
export interface Machines {
  readonly origin: SpecNode
  /** The machines, sorted by address; empty if they register themselves. */
  readonly entries: readonly Machine[]
  /** The word that leaves it to the machines to register. */
  readonly registered: Sourced<'registered'> | undefined
}

export interface Machine {
  readonly origin: SpecNode
  /** An IPv4 address. */
  readonly address: Sourced<string>
  readonly locality: Sourced<string> | undefined
  readonly weight: Sourced<number> | undefined
}

/** The policy for requests to one destination on the way. */
export interface TrafficPolicy {
  readonly timeout: Timeout
  readonly retries: Retries
  /** Undefined if the spec has `none`. */
  readonly circuitBreaker: CircuitBreaker | undefined
  /** Undefined if the spec has `unlimited`. */
  readonly connections: Connections | undefined
  /** The words `none` and `unlimited` that remove these two. */
  readonly limitless: readonly SpecNode[]
  readonly loadBalancing: {
    readonly policy: Sourced<'least-request' | 'round-robin' | 'random' | 'consistent-hash'>
    readonly header: Sourced<string> | undefined
    readonly cookie: Sourced<string> | undefined
    readonly sourceAddress: Sourced<true> | undefined
    /** The slow start of a new instance; undefined if it gets its full share at once. */
    readonly warmup: Warmup | undefined
    /** The preference for near instances, if the spec sets it. */
    readonly locality: LocalityPreference | undefined
  }
}

interface Warmup {
  readonly origin: SpecNode
  readonly duration: Sourced<string> | undefined
  /** A share in whole percent. */
  readonly from: Sourced<number> | undefined
  readonly aggression: Sourced<number> | undefined
}

export interface LocalityPreference {
  readonly origin: SpecNode
  /** The word, if the spec has one instead of the maps. */
  readonly word: Sourced<'zone-first' | 'off'> | undefined
  /** Regions with those that take their requests, sorted. */
  readonly failover: Labels
  /** Localities of callers with the shares of localities in whole percent, both sorted. */
  readonly distribute: readonly {
    readonly origin: SpecNode
    readonly from: Sourced<string>
    readonly to: readonly (readonly [string, Sourced<number>])[]
  }[]
}

interface CircuitBreaker {
  readonly consecutiveErrors: Sourced<number>
  readonly interval: Sourced<string>
  readonly ejectFor: Sourced<string>
  readonly maxEjected: Sourced<number>
  /** The panic threshold in whole percent. */
  readonly minHealthy: Sourced<number> | undefined
}

interface Connections {
  readonly max: Sourced<number | 'unlimited'>
  readonly pending: Sourced<number | 'unlimited'>
  readonly requestsPerConnection: Sourced<number> | undefined
  readonly requests: Sourced<number> | undefined
  readonly connectTimeout: Sourced<string>
  readonly idleTimeout: Sourced<string> | undefined
  readonly keepalive: Keepalive | undefined
}

/** Probes of idle connections. For a part that the spec does not set, the default is that of the operating system. */
interface Keepalive {
  readonly after: Sourced<string> | undefined
  readonly interval: Sourced<string> | undefined
  readonly probes: Sourced<number> | undefined
}

/** A duration such as `30s`, or `none`. */
export type Timeout = Sourced<string>

/**
 * A limited number of retries; `attempts` is 0 if the spec has `none`. If the request has no limit, a try has none either, unless the
 * spec sets it.
 */
export interface Retries {
  /** True for Istio's default retries: then no route sets retries. */
  readonly isIstioDefault: boolean
  readonly attempts: Sourced<number>
  /** Undefined if a try may take as long as the request. */
  readonly perTryTimeout: Sourced<string> | undefined
  /** The declared timeout of a try, before a nearer timeout of the request limits it; undefined without retries. */
  readonly declaredPerTry: Sourced<string> | undefined
  /** The word in the spec that removes the limit of a try. */
  readonly limitlessTry: SpecNode | undefined
  /** Empty without retries, and if the conditions are Istio's defaults. */
  readonly on: Sourced<readonly string[]>
}

export interface Port {
  readonly origin: SpecNode
  /** The name in the spec: its key, or the protocol of a `port`. */
  readonly key: string
  /** The name as Kubernetes gives it: `http`, `grpc-admin`. */
  readonly name: Sourced<string>
  readonly protocol: Sourced<Protocol>
  readonly number: Sourced<number>
  /** The port of the container. */
  readonly target: Sourced<number>
  readonly mtls: Sourced<'permissive' | 'off'> | undefined
  /** `off` if the sidecar does not capture the port. */
  readonly sidecar: Sourced<'off'> | undefined
  /** Undefined for a port that sets nothing of it for itself. */
  readonly refinement: Refinement | undefined
}

/** The settings of a port or a version for instances and connections, with all that it inherits. */
export interface Refinement {
  /** The sections that it sets. */
  readonly origins: readonly SpecNode[]
  readonly policy: TrafficPolicy
}

export interface Version {
  readonly origin: SpecNode
  /** The name of the subset. */
  readonly name: Sourced<string>
  readonly labels: Labels
  /** Undefined for a version that sets nothing of it for itself. */
  readonly refinement: Refinement | undefined
  /** The policies of the version at the ports that refine theirs; empty for a version that refines nothing. */
  readonly atPorts: readonly { readonly port: Port; readonly policy: TrafficPolicy }[]
}

/**
 * One share of the traffic of a route. The version is undefined if the service has none, and if all instances of another service get
 * the share.
 */
export interface Share {
  readonly origin: SpecNode | undefined
  /** The other service that gets the share; undefined for the service of the route itself. */
  readonly service: Service | undefined
  readonly version: Version | undefined
  /** The weight in percent, with two decimals at most. */
  readonly weight: Sourced<number>
}

export interface Route {
  readonly origin: SpecNode | undefined
  readonly name: Sourced<string>
  /** The match; undefined for everything that earlier routes leave. */
  readonly when: Match | undefined
  readonly shares: readonly Share[]
  readonly redirect: Redirect | undefined
  readonly rewrite: Rewrite | undefined
  readonly headers: HeaderChanges | undefined
  readonly mirror: readonly Share[]
  readonly timeout: Timeout
  readonly retries: Retries
  /** The rate of its requests that each proxy of a gateway accepts, in place of the gateway's own. */
  readonly rateLimit: RateLimit | undefined
}

export interface Match {
  readonly origin: SpecNode
  readonly headers: readonly (readonly [string, Sourced<StringMatch>])[]
  readonly withoutHeaders: readonly Sourced<string>[]
  readonly query: readonly (readonly [string, Sourced<StringMatch>])[]
  readonly methods: readonly Sourced<string>[]
  readonly paths: readonly Sourced<StringMatch>[]
  /** The claims of a token, each with its accepted values, one of which it must have; only routes have claims. */
  readonly claims: readonly (readonly [ClaimPath, readonly Sourced<StringMatch>[]])[]
}

/** The way to compare a string: all of it, its beginning, any value, or a regular expression over all of it. */
export type StringMatch =
  | { readonly exact: string }
  | { readonly prefix: string }
  | { readonly present: true }
  | { readonly regex: string }

export interface Redirect {
  readonly origin: SpecNode
  readonly path: Sourced<string> | undefined
  readonly host: Sourced<string> | undefined
  readonly scheme: Sourced<string> | undefined
  readonly port: Sourced<number> | undefined
  readonly code: Sourced<number>
}

export interface Rewrite {
  readonly origin: SpecNode
  readonly path: Sourced<string> | undefined
  readonly host: Sourced<string> | undefined
}

export interface HeaderChanges {
  readonly origin: SpecNode
  readonly request: HeaderOperations
  readonly response: HeaderOperations
}

export interface HeaderOperations {
  readonly set: Labels
  readonly add: Labels
  readonly remove: readonly Sourced<string>[]
}

export interface Fault {
  readonly origin: SpecNode
  readonly delay: Sourced<string> | undefined
  readonly abort: Sourced<number> | undefined
  /** The share in percent, with two decimals at most. */
  readonly share: Sourced<number>
  readonly when: Match | undefined
}

export interface Exposure {
  readonly origin: SpecNode
  readonly gateway: Gateway
  readonly host: Sourced<string>
  readonly port: Port
  /** The word in the spec that names the port, or the default that chose it. */
  readonly portOrigin: Origin
  /** The paths; empty for every path. */
  readonly paths: readonly Sourced<StringMatch>[]
  readonly rewrite: Rewrite | undefined
  readonly headers: HeaderChanges | undefined
  readonly cors: Cors | undefined
}

/** A way through a gateway that passes connections on: by the server name of TLS, or by the port. */
export interface Passage {
  readonly origin: SpecNode
  readonly gateway: Gateway
  readonly by:
    | { readonly kind: 'host'; readonly host: Sourced<string> }
    | { readonly kind: 'port'; readonly listener: TcpListener; readonly word: Sourced<string> }
  readonly port: Port
  /** The word in the spec that names the port, or the default that chose it. */
  readonly portOrigin: Origin
}

export interface Cors {
  readonly origin: SpecNode
  readonly origins: readonly Sourced<string>[]
  readonly methods: readonly Sourced<string>[]
  readonly headers: readonly Sourced<string>[]
  readonly exposeHeaders: readonly Sourced<string>[]
  readonly maxAge: Sourced<string> | undefined
  readonly credentials: Sourced<boolean> | undefined
}

/** The tokens that a service or a gateway accepts. */
export interface Jwt {
  readonly origin: SpecNode
  readonly issuers: readonly Issuer[]
}

/** An accepted issuer, with the settings for its tokens there. */
export interface Issuer {
  /** The place that names the issuer, or that declares it only for this service or gateway. */
  readonly origin: SpecNode
  /** Its key under `issuers`; undefined for an issuer that is declared inline. */
  readonly name: string | undefined
  readonly issuer: Sourced<string>
  readonly jwks: Sourced<string>
  readonly audiences: readonly Sourced<string>[]
  readonly header: Sourced<string> | undefined
  /** The text before the token in the header. */
  readonly prefix: Sourced<string> | undefined
  readonly parameter: Sourced<string> | undefined
  /** The headers that carry claims to the application, each with its claim, sorted by header. */
  readonly claimHeaders: Labels
  readonly forward: Sourced<boolean>
}

/** An issuer that the spec declares under `issuers`. */
interface DeclaredIssuer {
  readonly origin: SpecNode
  readonly name: string
  /** Undefined if a mandatory part of it is missing. */
  readonly issuer: Issuer | undefined
}

/** The names that lead to a claim: one for a claim of the token, several for a nested one. */
export type ClaimPath = readonly string[]

/** The caller that an edge begins at. `origin` is the place of the word in the spec. */
export type Caller = { readonly origin: SpecNode } & (
  | { readonly kind: 'service'; readonly service: Service }
  | { readonly kind: 'gateway'; readonly gateway: Gateway }
  | { readonly kind: 'namespace'; readonly namespace: Sourced<string> }
  | { readonly kind: 'external-caller'; readonly principal: Sourced<string> }
  | {
      /** A workload of the surroundings. */
      readonly kind: 'workload'
      readonly name: string
      readonly namespace: string
      readonly principal: Sourced<string>
      /** False for a service account without a pod in the surroundings. */
      readonly isRunning: boolean
    }
  | { readonly kind: 'anyone' }
)

export interface Allow {
  readonly origin: SpecNode
  readonly from: Caller
  readonly methods: readonly Sourced<string>[]
  readonly paths: readonly Sourced<StringMatch>[]
  /** The ports; empty for every port. */
  readonly ports: readonly { readonly origin: SpecNode; readonly port: Port }[]
  readonly jwtRequired: Sourced<'required'> | undefined
  /** The issuers, one of which must have issued the token; empty: every issuer that the service accepts. */
  readonly issuers: readonly Sourced<string>[]
  readonly claims: readonly (readonly [ClaimPath, readonly Sourced<string>[]])[]
  /** The headers by name, sorted, each with its accepted values, one of which it must have. */
  readonly headers: readonly (readonly [string, readonly Sourced<string>[]])[]
  readonly reason: Sourced<string> | undefined
}

/** Requests that a service or a gateway refuses: those that meet all conditions. An empty list is no condition. */
export interface Deny {
  readonly origin: SpecNode
  /** The caller; undefined for every one. */
  readonly from: Caller | undefined
  readonly methods: readonly Sourced<string>[]
  readonly paths: readonly Sourced<StringMatch>[]
  readonly ports: readonly { readonly origin: SpecNode; readonly port: Port }[]
  readonly headers: Allow['headers']
  /** Set for requests without a valid token. */
  readonly jwtMissing: Sourced<'missing'> | undefined
  readonly claims: Allow['claims']
  /** Blocks of addresses of clients, of all other clients, and of the other end of the connection; only gateways have some. */
  readonly clientAddresses: readonly Sourced<string>[]
  readonly exceptClientAddresses: readonly Sourced<string>[]
  readonly peerAddresses: readonly Sourced<string>[]
  readonly reason: Sourced<string> | undefined
}

/** A service of the cluster that decides about requests. */
export interface Authorizer {
  readonly origin: SpecNode
  /** Its key in the spec, which is the name of its provider. */
  readonly name: Sourced<string>
  readonly protocol: Sourced<'grpc' | 'http'>
  /** Its host as the spec writes it (`opa.opa-system`), completed to an FQDN. */
  readonly host: Sourced<string>
  readonly port: Sourced<number>
  /** The namespace of its Service. */
  readonly namespace: Sourced<string>
  readonly timeout: Sourced<string>
  readonly failOpen: Sourced<boolean>
  readonly statusOnError: Sourced<number> | undefined
  /** The prefix of the authorizer's path. Only HTTP has it, and the four lists of header names. */
  readonly path: Sourced<string> | undefined
  readonly sendHeaders: readonly Sourced<string>[]
  readonly forwardHeaders: readonly Sourced<string>[]
  readonly refusalHeaders: readonly Sourced<string>[]
  readonly responseHeaders: readonly Sourced<string>[]
}

/** The authorizer of a service or a gateway, and the requests that it checks. */
export interface Authorize {
  readonly origin: SpecNode
  /** The word that names the authorizer. */
  readonly by: Sourced<string>
  readonly authorizer: Authorizer
  /** The requests, in the order of the spec; empty for all. */
  readonly requests: readonly AskedRequests[]
}

/** Requests that an authorizer checks: those that meet all conditions. An empty list is no condition. */
export interface AskedRequests {
  readonly origin: SpecNode
  readonly methods: readonly Sourced<string>[]
  readonly exceptMethods: readonly Sourced<string>[]
  readonly paths: readonly Sourced<StringMatch>[]
  readonly exceptPaths: readonly Sourced<StringMatch>[]
  readonly ports: Allow['ports']
  readonly headers: Allow['headers']
}

/** A service of the cluster that counts the requests of many proxies together. */
export interface RateLimiter {
  readonly origin: SpecNode
  /** Its key in the spec. */
  readonly name: Sourced<string>
  /** Its host as the spec writes it (`ratelimit.limits`), completed to an FQDN. */
  readonly host: Sourced<string>
  readonly port: Sourced<number>
  /** The namespace of its Service. */
  readonly namespace: Sourced<string>
  /** The name of all its limits that are of this mesh. */
  readonly domain: Sourced<string>
  readonly timeout: Sourced<string>
  readonly failOpen: Sourced<boolean>
}

/** The rates of requests that a proxy takes; it refuses those beyond. */
export interface RateLimit {
  readonly origin: SpecNode
  /** The limiter that counts, and the word that names it; undefined where each proxy counts by itself. */
  readonly counted: { readonly by: Sourced<string>; readonly limiter: RateLimiter } | undefined
  /** The rate of all requests. */
  readonly whole: Rate | undefined
  /** The rates of each value of some headers, sorted by their names. */
  readonly perHeader: readonly { readonly header: Sourced<string>; readonly rate: Rate }[]
}

export interface Rate {
  readonly origin: SpecNode
  /** Requests in an interval: `100/s`. */
  readonly requests: Sourced<string>
  /** The most requests at once; undefined: those of one interval. */
  readonly burst: Sourced<number> | undefined
}

/** The other end of an edge, and the word in the spec that declares the edge. */
export type Callee = { readonly origin: SpecNode } & (
  | { readonly kind: 'service'; readonly service: Service }
  | { readonly kind: 'external'; readonly external: External }
)

/** A Service of the surroundings that an expectation is about. */
interface SurroundingService {
  readonly kind: 'surrounding-service'
  readonly origin: SpecNode
  /** `namespace/name`. */
  readonly name: string
  readonly namespace: string
  /** The labels of its pods. */
  readonly selector: Readonly<Record<string, string>>
}

/** The destination that an expectation names. */
export type ExpectedDestination = Callee | SurroundingService

export interface Objective {
  readonly origin: SpecNode
  /** The availability in percent. */
  readonly availability: Sourced<number> | undefined
  /** Quantile (0.5, 0.9, 0.95, 0.99) and duration. */
  readonly latency: readonly (readonly [number, Sourced<string>])[]
}

export interface External {
  readonly origin: SpecNode
  readonly key: string
  readonly name: Sourced<string>
  readonly namespace: Sourced<string>
  readonly hosts: readonly Sourced<string>[]
  readonly port: {
    readonly protocol: Sourced<'https' | 'http' | 'tls' | 'tcp'>
    readonly number: Sourced<number>
  }
  readonly tls: Sourced<'originate' | 'passthrough' | 'none'>
  /** The way out of the mesh; undefined where callers connect themselves. */
  readonly through: Through | undefined
  /** The certificate that the mesh presents to the system; undefined if it presents none. */
  readonly clientCertificate: ClientCertificate | undefined
  /** The addresses and ranges that callers dial; `0.0.0.0/0` if the spec has `any`. */
  readonly addresses: readonly Sourced<string>[]
  /** The method of resolution, if the spec sets it. */
  readonly resolution: Sourced<'none' | 'dns' | 'dns-round-robin' | 'dynamic-dns'> | undefined
  /** The addresses of its endpoints, sorted; empty if a lookup finds them. */
  readonly endpoints: readonly ExternalEndpoint[]
  readonly allow: readonly ExternalAllow[]
  /** True if access is open and the spec sets no `allow`, which is then a rule for anyone. */
  readonly isOpen: boolean
  readonly policy: TrafficPolicy
}

/** The way of an external system through an egress gateway. */
export interface Through {
  /** The word that names the gateway. */
  readonly word: Sourced<string>
  readonly gateway: Gateway
  /** The names of the doors, one for each host in their order: each has a server and a subset of the gateway. */
  readonly doors: readonly Sourced<string>[]
}

/** A client certificate, from a secret or from files; with files, both are set unless there is an error. */
export interface ClientCertificate {
  readonly origin: SpecNode
  readonly secret: Sourced<string> | undefined
  readonly certificate: Sourced<string> | undefined
  readonly key: Sourced<string> | undefined
  readonly ca: Sourced<string> | undefined
}

export interface ExternalEndpoint {
  readonly origin: SpecNode
  /** An IPv4 address or a host name. */
  readonly address: Sourced<string>
  readonly weight: Sourced<number> | undefined
  readonly port: Sourced<number> | undefined
  readonly locality: Sourced<string> | undefined
}

export interface ExternalAllow {
  readonly origin: SpecNode
  readonly from: Caller
  readonly reason: Sourced<string> | undefined
}

export interface Expectation {
  readonly origin: SpecNode
  /** The destination; undefined: any service. */
  readonly to: ExpectedDestination | undefined
  readonly only: readonly Caller[] | undefined
  readonly never: readonly Caller[] | undefined
  readonly from: Caller | undefined
  readonly method: Sourced<string> | undefined
  readonly path: Sourced<StringMatch> | undefined
  /** The headers by name. */
  readonly headers: readonly (readonly [string, Sourced<StringMatch>])[]
  /** Set for requests without an accepted token. */
  readonly jwtMissing: Sourced<'missing'> | undefined
  /** The issuers, one of which must have issued the token; empty: no condition. */
  readonly issuers: readonly ExpectedIssuer[]
  readonly claims: Allow['claims']
  readonly reason: Sourced<string> | undefined
}

/** An issuer that an expectation names: its key under `issuers`, and the issuer itself. */
interface ExpectedIssuer {
  readonly name: Sourced<string>
  readonly issuer: Sourced<string>
}

/** The objects that a policy of the spec checks. */
export type PolicyTarget =
  | 'services'
  | 'gateways'
  | 'external'
  | 'edges'
  | 'namespaces'
  | 'mesh'
  | 'manifests'

/** A rule of the owners of the mesh. */
export interface Policy {
  readonly origin: SpecNode
  /** Its key in the spec. */
  readonly name: string
  readonly target: PolicyTarget
  /** The kinds of manifests; empty for every kind. */
  readonly kinds: readonly string[]
  /** Expressions that must all be true, or the object is left out. */
  readonly conditions: readonly Sourced<string>[]
  readonly variables: readonly { readonly name: string; readonly expression: Sourced<string> }[]
  readonly validations: readonly Validation[]
  /** True if a violation is a warning. */
  readonly isWarning: boolean
  readonly link: string | undefined
}

export interface Validation {
  readonly expression: Sourced<string>
  readonly message: string | undefined
  readonly messageExpression: Sourced<string> | undefined
}

export interface Patch {
  readonly origin: SpecNode
  readonly kind: PatchableKind
  readonly namespace: string
  readonly name: string
  readonly spec: Readonly<Record<string, unknown>>
  readonly reason: Sourced<string> | undefined
}

/** A host of a raw object: sidecars have to know it. */
export interface RawHost {
  readonly host: Sourced<string>
  /** The namespace of the object. */
  readonly namespace: Sourced<string>
  /** True if a service or an external system of the spec has this host, so that the spec declares its callers. */
  readonly isDeclared: boolean
  /** The namespaces that see the object, `*` for all, or `~` for none; empty means all. */
  readonly exportTo: readonly string[]
}

export interface RawObject {
  readonly origin: SpecNode
  readonly object: Readonly<Record<string, unknown>>
  readonly apiVersion: string
  readonly kind: string
  readonly namespace: string | undefined
  readonly name: string
}
