import type { Compilation } from '../../compiler/compilation.ts'
import type { MeshSpec } from '../../schema/spec/mesh.ts'

export type ServiceSpec = NonNullable<MeshSpec['services']>[string]
type GatewaySpec = NonNullable<MeshSpec['gateways']>[string]
type ExternalSpec = NonNullable<MeshSpec['external']>[string]
type RouteSpec = NonNullable<ServiceSpec['routes']>[number]
export type ExposeSpec = NonNullable<ServiceSpec['expose']>[number]

/**
 * A part of a spec that can set the handling of requests: a route, a service, an external system or the
 * defaults.
 */
export type Level = NonNullable<MeshSpec['defaults']>

/**
 * The declarations of a spec, with full names and the defaults of the language. This code reads the spec again,
 * and shares only the merging of layers with the compiler, so that a test can compare the two.
 */
export interface Declared {
  readonly spec: MeshSpec
  /** The root namespace. */
  readonly root: string
  readonly trustDomain: string
  readonly mtls: 'strict' | 'permissive'
  /** The namespaces that services, gateways and `namespaces` name, sorted, without the root namespace. */
  readonly namespaces: readonly string[]
  readonly services: readonly DeclaredService[]
  /** The ingress gateways. */
  readonly gateways: readonly DeclaredGateway[]
  /** The egress gateways, each with the host and the port of its Service. */
  readonly exits: readonly DeclaredExit[]
  /** The gateways between networks. */
  readonly crossings: readonly DeclaredGateway[]
  readonly externals: readonly DeclaredExternal[]
}

export interface DeclaredService {
  /** True if its pods have no sidecar. */
  readonly isBare: boolean
  readonly key: string
  readonly spec: ServiceSpec
  readonly name: string
  readonly namespace: string
  readonly host: string
  /** The labels that select its pods. */
  readonly labels: Readonly<Record<string, string>>
  /** The services that select the same pods, including this service, sorted by key. */
  readonly samePods: readonly DeclaredService[]
  readonly principal: string
  readonly ports: readonly DeclaredPort[]
  /** The labels of the pods of each version. */
  readonly versions: Readonly<Record<string, Readonly<Record<string, string>>>>
  readonly routes: readonly DeclaredRoute[]
  /** The sections that apply, the nearest first. */
  readonly levels: readonly Level[]
}

interface DeclaredPort {
  readonly key: string
  readonly protocol: string
  readonly number: number
  readonly target: number
  readonly mtls: 'permissive' | 'off' | undefined
  /** True if the sidecar of the pods does not take its connections. */
  readonly isBypassed: boolean
  /** True if it sets its own circuit breaker, connections or load balancing. */
  readonly isRefined: boolean
  /** The sections that apply, the nearest first. */
  readonly levels: readonly Level[]
}

export interface DeclaredRoute {
  readonly name: string
  readonly redirect: RouteSpec['redirect'] | undefined
  /**
   * True if the route matches claims. Only gateways write such a route, for paths that the service exposes.
   */
  readonly hasClaims: boolean
  /** Percent by version; undefined if the service has no versions or the route forwards no request. */
  readonly shares: Readonly<Record<string, string>> | undefined
  readonly mirror: Readonly<Record<string, string>>
  /** The sections that apply, the nearest first. */
  readonly levels: readonly Level[]
}

interface DeclaredGateway {
  readonly name: string
  readonly spec: GatewaySpec
  readonly namespace: string
  /**
   * The name of its Helm release, Deployment and Service; undefined if meshc does not install its proxies.
   */
  readonly workload: string | undefined
  /** The namespace of its pods. */
  readonly podNamespace: string
  readonly labels: Readonly<Record<string, string>>
  readonly serviceAccount: string
  readonly principal: string
  readonly hosts: readonly string[]
  /** The hosts of its servers: a host is left out if a wildcard of the gateway covers it. */
  readonly served: readonly string[]
  /** The secret with its certificate; undefined if it has none. */
  readonly secret: string | undefined
}

export interface DeclaredExit extends DeclaredGateway {
  readonly host: string
  readonly port: number
}

export interface DeclaredExternal {
  readonly key: string
  readonly spec: ExternalSpec
  readonly namespace: string
  readonly hosts: readonly string[]
  readonly protocol: 'https' | 'http' | 'tls' | 'tcp'
  readonly number: number
  /** True if callers speak plain HTTP and the mesh speaks TLS. */
  readonly originates: boolean
  /** The gateway that its callers go through. */
  readonly exit: DeclaredExit | undefined
  /** The sections that apply, the nearest first. */
  readonly levels: readonly Level[]
}

/** Checks whether a proxy sees the requests of a protocol. */
export const seesRequests = (protocol: string): boolean => /^(http|http2|grpc|grpc-web)$/.test(protocol)

/**
 * Checks whether an external system allows a service. Without an `allow`, an open mesh allows every service.
 */
export const mayCall = ({ key, namespace }: DeclaredService, { spec }: DeclaredExternal): boolean =>
  (spec.allow ?? []).some(({ from }) => [key, `namespace/${namespace}`, 'anyone'].includes(from))

/** Pods that connect to an external system. */
interface ConnectingPods {
  readonly name: string
  readonly namespace: string
  readonly labels: Readonly<Record<string, string>>
}

/**
 * Lists the pods that need their own rule for an external system, for the secret of a client certificate.
 * They are the pods of the egress gateway, or the pods of each caller, under the first service that selects
 * them. Returns undefined if one rule is for all callers.
 */
export function listConnectingPods(
  { spec, exit }: DeclaredExternal,
  { services }: Declared,
): readonly ConnectingPods[] | undefined {
  if (spec.clientCertificate?.secret === undefined) return undefined
  if (exit !== undefined) return [{ ...exit, namespace: exit.podNamespace }]
  const callers = (spec.allow ?? []).map(({ from }) => services.find(({ key }) => key === from)!.samePods[0]!)
  return [...new Set(callers)]
}

/** Returns the timeout of a request, or `none`. */
export const getTimeout = (levels: readonly Level[]): string =>
  levels.find(({ timeout }) => timeout !== undefined)?.timeout ?? '30s'

/** Returns a field of a section from the nearest level that sets it. */
export const nearest = <Part extends object, Field extends keyof Part>(
  parts: readonly (Part | undefined)[],
  field: Field,
): Part[Field] | undefined => parts.find(part => part?.[field] !== undefined)?.[field]

/**
 * Returns the maps of a section, by level. Returns undefined if the nearest level that sets the section has a
 * word.
 */
export const readSections = <Part extends object>(
  sections: readonly (Part | string | undefined)[],
): readonly Part[] | undefined => {
  const written = sections.filter(section => section !== undefined)
  return typeof written[0] === 'string' ? undefined : written.filter(section => typeof section !== 'string')
}

/** Returns a limit of connections: 100 if no map sets the limit, undefined if it is `unlimited`. */
export const readLimit = (
  parts: readonly Exclude<Level['connections'], string | undefined>[],
  field: 'max' | 'pending',
): number | undefined => {
  const limit = nearest(parts, field) ?? 100
  return limit === 'unlimited' ? undefined : limit
}

/**
 * Checks whether Istio's defaults already handle requests as these levels set: no timeout, and Istio's
 * retries.
 */
export const isLeftToIstio = (levels: readonly Level[]): boolean =>
  getTimeout(levels) === 'none' &&
  levels.find(({ retries }) => retries !== undefined)?.retries === 'istio-default'

/** Checks whether the mesh has a route for the requests to a service. */
export const hasRoute = ({ spec, ports, versions, levels }: DeclaredService): boolean => {
  const isVersioned = Object.keys(versions).length > 0
  if (!isVersioned && !ports.some(({ protocol }) => seesRequests(protocol))) return false
  return isVersioned || spec.fault !== undefined || spec.routes !== undefined || !isLeftToIstio(levels)
}

/** Checks whether levels set something about instances that is not a default of Istio. */
export const hasRule = (levels: readonly Level[], isMore: boolean): boolean =>
  isMore ||
  readSections(levels.map(({ circuitBreaker }) => circuitBreaker)) !== undefined ||
  readSections(levels.map(({ connections }) => connections)) !== undefined

/** Checks whether a service with a port has a DestinationRule. */
export const hasServiceRule = ({ levels, ports, versions }: DeclaredService): boolean =>
  Object.keys(versions).length > 0 ||
  ports.some(({ isBypassed }) => isBypassed) ||
  [levels, ...ports.map(port => port.levels)].some(each => hasRule(each, isBalanced(each)))

function isBalanced(levels: readonly Level[]): boolean {
  const parts = levels.map(({ loadBalancing }) => loadBalancing)
  return (
    (nearest(parts, 'policy') ?? 'least-request') !== 'least-request' ||
    nearest(parts, 'warmup') !== undefined ||
    nearest(parts, 'locality') !== undefined
  )
}

/** Reads what the merged spec of a compilation declares. */
export function declaredIn({ layers }: Compilation): Declared {
  // The compiler's maps have no prototype, which `assert.equal` takes for a difference.
  const spec = structuredClone(layers.value) as MeshSpec
  const root = spec.istio?.namespace ?? 'istio-system'
  const trustDomain = spec.istio?.trustDomain ?? 'cluster.local'
  const all = listEntries(spec.gateways).map(entry => getGateway(entry, trustDomain))
  const gateways = all.filter(({ spec }) => spec.egress !== true && spec.eastWest !== true)
  const crossings = all.filter(({ spec }) => spec.eastWest === true)
  const exits = all
    .filter(({ spec }) => spec.egress === true)
    .map(exit => ({
      ...exit,
      host: `${exit.workload ?? `istio-${exit.labels['istio']}`}.${exit.podNamespace}.svc.cluster.local`,
      port: exit.spec.ports?.https ?? 443,
    }))
  const services = listEntries(spec.services).map(entry => getService(entry, spec, trustDomain))
  for (const service of services) {
    const same = services.filter(otherService => podsOf(otherService) === podsOf(service))
    service.samePods = same.sort((a, b) => (a.key < b.key ? -1 : 1))
  }
  const named = [...all, ...services].map(({ namespace }) => namespace)
  const namespaces = new Set([...named, ...Object.keys(spec.namespaces ?? {})])
  namespaces.delete(root)
  return {
    spec,
    root,
    trustDomain,
    mtls: spec.mtls ?? 'strict',
    namespaces: [...namespaces].sort(),
    services,
    gateways,
    exits,
    crossings,
    externals: listEntries(spec.external).map(entry => getExternal(entry, root, spec.defaults, exits)),
  }
}

function listEntries<T>(map: Readonly<Record<string, T>> | undefined): readonly (readonly [string, T])[] {
  return Object.entries(map ?? {})
}

function getGateway([name, spec]: readonly [string, GatewaySpec], trustDomain: string): DeclaredGateway {
  const usual = spec.eastWest ? 'istio-eastwest' : spec.egress ? 'istio-egress' : 'istio-ingress'
  const namespace = spec.namespace ?? usual
  const workload = spec.workload === undefined ? `istio-${name}` : undefined
  const serviceAccount = spec.workload?.serviceAccount ?? `istio-${name}-service-account`
  const podNamespace = spec.workload?.namespace ?? namespace
  return {
    name,
    spec,
    namespace,
    workload,
    podNamespace,
    labels: spec.workload?.labels ?? { istio: name },
    serviceAccount,
    principal: `${trustDomain}/ns/${podNamespace}/sa/${serviceAccount}`,
    hosts: spec.hosts ?? [],
    served: (spec.hosts ?? []).filter(
      host => !spec.hosts?.some(wide => wide !== host && /^\*/.test(wide) && host.endsWith(wide.slice(1))),
    ),
    secret: spec.certificate && (spec.certificate.secret ?? `${name}-tls`),
  }
}

const podsOf = ({ namespace, labels }: DeclaredService): string =>
  `${namespace} ${JSON.stringify(Object.entries(labels).sort())}`

function getService(
  [key, spec]: readonly [string, ServiceSpec],
  whole: MeshSpec,
  trustDomain: string,
): DeclaredService & { samePods: readonly DeclaredService[] } {
  const name = spec.name ?? key
  const namespace = spec.namespace ?? onlyNamespace(whole)
  const statedLabels = spec.workload?.labels ?? {}
  const account = spec.workload?.serviceAccount ?? name
  const levels = listLevels(spec, whole.defaults)
  return {
    key,
    spec,
    name,
    namespace,
    host: `${name}.${namespace}.svc.cluster.local`,
    labels: Object.keys(statedLabels).length > 0 ? statedLabels : { app: name },
    samePods: [],
    isBare: spec.workload?.sidecar === 'off',
    principal: `${trustDomain}/ns/${namespace}/sa/${account}`,
    ports: listPorts(spec, levels),
    versions: Object.fromEntries(
      listEntries(spec.versions).map(([version, { version: value = version, labels = {} }]) => [
        version,
        Object.keys(labels).length > 0 ? labels : { version: value },
      ]),
    ),
    routes: listRoutes(spec, levels),
    levels,
  }
}

/** Returns the only namespace of a mesh, which services can leave out. */
function onlyNamespace({ namespaces, services }: MeshSpec): string {
  const stated = Object.values(services ?? {}).flatMap(({ namespace }) => namespace ?? [])
  return Object.keys(namespaces ?? {})[0] ?? stated[0]!
}

const listLevels = (level: Level, defaults: Level | undefined): readonly Level[] =>
  defaults === undefined ? [level] : [level, defaults]

type PortSpec = NonNullable<ServiceSpec['port']>

function listPorts({ port, ports }: ServiceSpec, levels: readonly Level[]): readonly DeclaredPort[] {
  if (port !== undefined) return [describedPort(protocolsIn(port)[0]!, port, levels)]
  return listEntries(ports).map(([key, spec]) =>
    typeof spec === 'number'
      ? {
          key,
          protocol: protocolBeginning(key),
          number: spec,
          target: spec,
          mtls: undefined,
          isBypassed: false,
          isRefined: false,
          levels,
        }
      : describedPort(key, spec, levels),
  )
}

function describedPort(key: string, spec: PortSpec, levels: readonly Level[]): DeclaredPort {
  const [protocol] = protocolsIn(spec)
  const number = spec[protocol!]!
  return {
    key,
    protocol: protocol!,
    number,
    target: spec.target ?? number,
    mtls: spec.mtls,
    isBypassed: spec.sidecar === 'off',
    isRefined: isRefined(spec),
    levels: [spec, ...levels],
  }
}

/** Checks whether a port or a version sets its own circuit breaker, connections or load balancing. */
export const isRefined = ({ circuitBreaker, connections, loadBalancing }: Level): boolean =>
  [circuitBreaker, connections, loadBalancing].some(section => section !== undefined)

/** The protocols. A longer name comes first, since `grpc-web` begins with `grpc`. */
const protocols = [
  'grpc-web',
  'postgres',
  'http2',
  'https',
  'mongo',
  'mysql',
  'redis',
  'grpc',
  'http',
  'tls',
  'tcp',
] as const

const protocolsIn = (spec: PortSpec) => protocols.filter(protocol => spec[protocol] !== undefined)

/**
 * Finds the protocol of a port. The name of a port with only a number begins with its protocol: `http`,
 * `grpc-admin`.
 */
const protocolBeginning = (key: string) => protocols.find(protocol => `${key}-`.startsWith(`${protocol}-`))!

function listRoutes(spec: ServiceSpec, levels: readonly Level[]): readonly DeclaredRoute[] {
  const { routes = [], mirror = {} } = spec
  const shares = findShares(spec)
  const written = routes.map(route => ({
    name: route.name,
    redirect: route.redirect,
    hasClaims: route.when?.claims !== undefined,
    shares: route.redirect === undefined ? (route.traffic ?? shares) : undefined,
    mirror: route.mirror ?? (route.redirect === undefined ? mirror : {}),
    levels: [route, ...levels],
  }))
  if (routes.some(({ when }) => when === undefined)) return written
  return [...written, { name: 'default', redirect: undefined, hasClaims: false, shares, mirror, levels }]
}

function findShares({ traffic, active, versions = {} }: ServiceSpec): DeclaredRoute['shares'] {
  const [only] = Object.keys(versions)
  if (traffic !== undefined) return traffic
  const everything = active ?? only
  return everything === undefined ? undefined : { [everything]: '100%' }
}

function getExternal(
  [key, spec]: readonly [string, ExternalSpec],
  root: string,
  defaults: Level | undefined,
  exits: readonly DeclaredExit[],
): DeclaredExternal {
  const protocol = (['https', 'http', 'tls', 'tcp'] as const).find(word => spec.port?.[word] !== undefined)!
  return {
    key,
    spec,
    namespace: spec.namespace ?? root,
    hosts: spec.hosts ?? [],
    protocol,
    number: spec.port![protocol]!,
    originates: spec.tls === 'originate',
    exit: exits.find(({ name }) => name === spec.through),
    levels: listLevels(spec, defaults),
  }
}
