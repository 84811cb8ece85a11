import fc from 'fast-check'
import { stringify } from 'yaml'
import type { MeshFile } from '../../schema/spec/mesh.ts'
import { authorizeDrafts, authorizers, finishGatewayAuthorize, listAskedAuthorizers } from './authorizers.ts'
import {
  type ClusterDraft,
  chooseClusters,
  drawnCluster,
  makeClusterFile,
  makeClusters,
  makeEastWest,
  withRemoteServices,
} from './clusters.ts'
import { defaults } from './defaults.ts'
import { deliveries } from './delivery.ts'
import { denyDrafts, finishGatewayDeny } from './denials.ts'
import { exitName, exits, withExits } from './exits.ts'
import { expectations } from './expect.ts'
import { externalDrafts, finishExternal } from './external.ts'
import { gateways, placeProxies } from './gateways.ts'
import { istios, revisionDrafts } from './istio.ts'
import { defined, maybe, namespaceNames, often, pick, seldom } from './names.ts'
import { namespaceSpecs } from './namespaces.ts'
import { loggedIn, observabilities } from './observability.ts'
import { withOwners } from './owners.ts'
import { policies } from './policies.ts'
import { limitAtGateway, limitRoute, listUsedLimiters, rateLimiters, rateLimits } from './rate-limits.ts'
import { receiverDrafts, withReceiver } from './receivers.ts'
import { finishService, type ServiceSpec, serviceDrafts } from './services.ts'
import { issuers, jwtDrafts, listUsedIssuers } from './tokens.ts'
import { areTwins, finishTwin, twinName } from './twins.ts'

/** A spec as files: plain values by path. `entry` is the file of the environment. */
export interface Spec {
  readonly entry: string
  readonly documents: Readonly<Record<string, MeshFile>>
}

const entry = 'spec/prod/mesh.yaml'
const base = 'spec/base/mesh.yaml'

/** Parts of traffic policies that only patches write. */
const trafficPatches: object[] = [
  { outlierDetection: { baseEjectionTime: '77s' } },
  {
    outlierDetection: {
      splitExternalLocalOriginErrors: true,
      minHealthPercent: 10,
      consecutiveLocalOriginFailures: 3,
    },
  },
  {
    connectionPool: {
      tcp: { tcpKeepalive: { time: '7200s', interval: '75s', probes: 3 }, maxConnectionDuration: '3600s' },
    },
  },
]

const drafts = fc.record({
  environment: maybe(fc.constantFrom('prod', 'production-eu')),
  mtls: maybe(fc.constantFrom('strict', 'permissive', 'permissive')),
  egress: maybe(fc.constantFrom('registry-only', 'allow-any')),
  /** The access of services that set no callers, and the scope of sidecars. */
  access: fc.oneof(
    { weight: 3, arbitrary: fc.constant({}) },
    {
      weight: 2,
      arbitrary: fc.constantFrom(
        { access: 'open' as const },
        { access: 'open' as const, sidecarScope: 'all' as const },
        { access: 'declared' as const },
        { sidecarScope: 'all' as const },
        { access: 'declared' as const, sidecarScope: 'declared' as const },
      ),
    },
  ),
  faults: fc.constantFrom('allowed', 'forbidden'),
  manages: maybe(fc.constant('mesh' as const)),
  istio: maybe(istios),
  observability: often(observabilities),
  delivery: often(deliveries),
  defaults: maybe(defaults),
  issuers,
  /** The tokens that gateways accept. */
  entrances: fc.array(maybe(jwtDrafts), { minLength: 2, maxLength: 2 }),
  /** The requests that gateways refuse. */
  denials: fc.array(seldom(denyDrafts), { minLength: 2, maxLength: 2 }),
  authorizers,
  /** The authorizers that gateways ask. */
  asked: fc.array(seldom(authorizeDrafts), { minLength: 2, maxLength: 2 }),
  gateways,
  services: fc.uniqueArray(serviceDrafts, { selector: ({ name }) => name, minLength: 1, maxLength: 8 }),
  external: fc.uniqueArray(externalDrafts, { selector: ({ name }) => name, maxLength: 3 }),
  namespaces: often(fc.array(namespaceSpecs, { minLength: 1, maxLength: 2 })),
  /** The kind of a namespace in which no service of the mesh runs, if there is one. */
  monitoring: fc.constantFrom('none', 'in the mesh', 'without sidecars'),
  /**
   * True if the spec has expectations, which it meets. Their proof takes ten times as long as the rest of the
   * compilation.
   */
  expect: fc.constantFrom(false, true, false, false, false, false, false, false),
  patches: fc.subarray(trafficPatches),
  raw: fc.boolean(),
  /** The scope of the suppression of a warning. */
  borne: seldom(fc.constantFrom('everywhere', 'external.unused')),
  layout: fc.record({
    /** One bit for each section: the base contains the section if its bit is set. */
    lower: fc.nat({ max: 0xffff }),
    /** The file of each service. */
    files: fc.array(fc.constantFrom('entry', 'base', 'team-a', 'team-b'), { minLength: 8, maxLength: 8 }),
    /** True if the base sets values that the environment replaces or removes. */
    overridden: fc.boolean(),
  }),
  policies: seldom(policies),
  /** The limits of gateways and of a route. */
  limits: fc.array(seldom(rateLimits), { minLength: 3, maxLength: 3 }),
  rateLimiters,
  /** A service that sends requests to another one. */
  receiver: maybe(receiverDrafts),
  /** True if teams own the paths of gateways. */
  owned: seldom(fc.constant(true)),
  /** The egress gateway, for each external system that can use it and has a bit. */
  exit: seldom(exits),
  /** The control planes, if there are two. */
  revisions: seldom(revisionDrafts),
})
type Draft = (typeof drafts extends fc.Arbitrary<infer Value> ? Value : never) & {
  /** The clusters of the environment, if there are several. */
  readonly clusters?: ClusterDraft | undefined
}

/** Adds the clusters that the layout of a draft chooses. */
const withClusters = (draft: Draft): Draft => ({ ...draft, clusters: chooseClusters(draft.layout.lower) })

/**
 * Draws specs that compile. Together they have every field of the language. A spec has one to eight services,
 * up to two gateways and three external systems, in one file or in layers with included files. A smaller spec
 * is also valid, so a shrunk value is always a spec.
 */
export const specs = (): fc.Arbitrary<Spec> => drafts.map(draft => intern(finish(withClusters(draft))))

/** Draws the same specs for one cluster: the entry is the file with the other values. */
export const specsOfOneCluster = (): fc.Arbitrary<Spec> => drafts.map(draft => intern(finish(draft)))

/** Draws the same specs, each with its expectations. */
export const expectingSpecs = (): fc.Arbitrary<Spec> =>
  drafts.map(draft => intern(finish({ ...withClusters(draft), expect: true })))

/** Draws the same specs, which manage only a part of a mesh: exactly the namespaces that they use. */
export const parts = (): fc.Arbitrary<Spec> => drafts.map(draft => intern(finish(withClusters(draft), true)))

/** Draws the same parts for one cluster. */
export const partsOfOneCluster = (): fc.Arbitrary<Spec> => drafts.map(draft => intern(finish(draft, true)))

const interned = new Map<string, Spec>()

/**
 * Returns the spec that was generated before with the same content. All laws use one seed, so a process meets each spec many times,
 * and results can be cached with it. A caller must not change it.
 */
export function intern(spec: Spec): Spec {
  const key = JSON.stringify(spec)
  const before = interned.get(key)
  if (before !== undefined) return before
  freeze(spec)
  if (interned.size < mostInterned) interned.set(key, spec)
  return spec
}

/** The maximum of kept specs. The largest laws draw some hundred specs, and the first specs are kept. */
const mostInterned = 500

function freeze(value: unknown): void {
  if (typeof value !== 'object' || value === null) return
  Object.freeze(value)
  for (const part of Object.values(value)) freeze(part)
}

function finish(draft: Draft, isPart = false): Spec {
  const used = namespaceNames.slice(0, Math.max(1, Math.ceil(draft.services.length / 2)))
  const services = draft.services.map((service, index) => ({
    name: service.name as string,
    namespace: pick(used, service.namespace) as string,
    // At least one service has an identity.
    isBare: index > 0 && service.isBare === true,
  }))
  const namespaces = [...new Set(services.map(({ namespace }) => namespace))]
  const injected = draft.monitoring === 'in the mesh' ? [...namespaces, 'monitoring'] : [...namespaces]
  if (draft.monitoring !== 'none') namespaces.push('monitoring')
  const { access, sidecarScope } = { access: undefined, sidecarScope: undefined, ...draft.access }
  const isOpen = access === 'open'
  const faults = draft.faults
  const ownGateways = withTokens(draft.gateways, draft)
  const surroundings = {
    services,
    namespaces: injected,
    gateways: ownGateways,
    faults,
    oneNamespace: namespaces.length === 1 && draft.namespaces !== undefined,
    taken: new Map<string, string[]>(),
  }
  const firsts = Object.fromEntries(
    draft.services.map((service, index) => [service.name, finishService(service, index, surroundings)]),
  )
  const seconds = twins(draft, firsts)
  const ownServices = { ...firsts, ...seconds }
  const shared = Object.keys(firsts).filter(name => twinName(name) in seconds)
  const shareServices =
    draft.receiver === undefined
      ? ownServices
      : withReceiver(ownServices, draft.receiver, new Set([...shared, ...Object.keys(seconds)]), access)
  const limited = limitRoute(shareServices, limitAtGateway(draft.limits[2]), ownGateways)
  const { gateways, services: serviceSpecs } = draft.owned
    ? withOwners(ownGateways, limited)
    : { gateways: ownGateways, services: limited }
  const direct = Object.fromEntries(
    draft.external.map((external, index) => [
      external.name,
      finishExternal(
        external,
        index,
        services.filter(({ isBare }) => !isBare),
        isOpen,
      ),
    ]),
  )
  const external = withExits(direct, draft.exit)
  const hasExit = Object.values(external).some(({ through }) => through !== undefined)
  const ways = hasExit ? { ...gateways, [exitName]: draft.exit!.gateway } : gateways
  const entrancesAndExit = { ...ways, ...(draft.clusters && makeEastWest(draft.clusters)) }
  const unused = { hosts: ['unused.example.net'], port: { tls: 6390 }, ...(isOpen && { allow: [] }) }
  const all = draft.borne === undefined ? external : { ...external, unused }
  const { services: _, external: __, ...rest } = draft
  const usedIssuers = listUsedIssuers(rest.issuers, [
    ...Object.values(serviceSpecs),
    ...Object.values(gateways),
  ])
  const usedLimiters = listUsedLimiters(rest.rateLimiters, serviceSpecs, gateways)
  const whole: MeshFile = defined({
    meshc: 'v1' as const,
    mesh: 'shop',
    environment: rest.environment,
    clusters: rest.clusters && makeClusters(rest.clusters),
    mtls: rest.mtls,
    egress: rest.egress,
    access,
    sidecarScope,
    faults,
    manages: isPart
      ? {
          namespaces: [
            ...listNamespaces(entrancesAndExit, namespaces, external),
            // The rate limiters are in the namespace `limits`.
            ...(usedLimiters === undefined ? [] : ['limits']),
          ],
        }
      : rest.manages,
    istio: withRevisions(isPart ? withoutInstallation(rest) : rest.istio, rest.revisions),
    observability: loggedIn(rest.observability, rest.mtls),
    delivery: rest.clusters ? withoutCluster(rest.delivery, rest.clusters) : rest.delivery,
    defaults: rest.defaults,
    namespaces: withMove(findNamespaces(draft, namespaces), namespaces[0]!, rest.revisions),
    issuers: usedIssuers,
    authorizers: listAskedAuthorizers(rest.authorizers, [
      ...Object.values(serviceSpecs),
      ...Object.values(gateways),
    ]),
    rateLimiters: usedLimiters,
    gateways:
      Object.keys(entrancesAndExit).length > 0
        ? placeProxies(entrancesAndExit, rest.istio?.namespace ?? 'istio-system')
        : undefined,
    services: rest.clusters ? withRemoteServices(serviceSpecs, rest.clusters) : serviceSpecs,
    external: Object.keys(all).length > 0 ? all : undefined,
    expect: rest.expect
      ? expectations(
          serviceSpecs,
          external,
          { ...rest.access, egress: rest.egress, issuers: usedIssuers },
          isPart,
        )
      : undefined,
    patches: patches(rest.patches, serviceSpecs, rest.defaults, namespaces[0]!),
    raw: rest.raw ? [workloadEntry(namespaces[0]!), legacyEntry(namespaces[0]!)] : undefined,
    suppress: rest.borne === undefined ? undefined : [suppression(rest.borne)],
    waive: rest.borne === undefined ? undefined : [waiver],
    policies: rest.policies,
  })
  const spec = inFiles(whole, draft.layout)
  if (draft.clusters === undefined) return spec
  const file = makeClusterFile(draft.clusters)
  const path = `spec/prod/${drawnCluster}/mesh.yaml`
  return { entry: path, documents: { ...spec.documents, ...(file && { [path]: file }) } }
}

/**
 * Returns the delivery of an environment whose clusters have their own destinations, and may follow their own
 * branches.
 */
function withoutCluster(delivery: Draft['delivery'], { here }: ClusterDraft): MeshFile['delivery'] {
  if (delivery === undefined) return undefined
  const { cluster: _, revision, ...rest } = delivery
  return here.revision === undefined ? defined({ ...rest, revision }) : rest
}

/**
 * Makes gateways accept tokens, deny requests, call authorizers and limit rates. If several gateways share
 * proxies of another owner, the proxies read the tokens of all gateways equally. Proxies in the root
 * namespace belong to its owner.
 */
function withTokens(
  gateways: Draft['gateways'],
  { entrances, denials, asked, limits }: Pick<Draft, 'entrances' | 'denials' | 'asked' | 'limits'>,
): Draft['gateways'] {
  return Object.fromEntries(
    Object.entries(gateways).map(([name, gateway], index) => {
      const drawn = entrances[gateway?.workload === undefined ? index : 0]
      // A service behind the gateway may require the token.
      const jwt = drawn && { ...drawn, forward: true }
      const isForeign = gateway?.workload?.namespace !== undefined
      const drafts = denials[index]
      const deny = drafts && finishGatewayDeny(drafts, isForeign ? undefined : jwt)
      const asking = asked[gateway?.workload === undefined ? index : 0]
      const authorize = asking && finishGatewayAuthorize(asking)
      // Two gateways with the same proxies of another owner share one limit.
      const limit = gateway?.workload === undefined || index === 0 ? limits[index] : undefined
      const rateLimit = limitAtGateway(limit)
      return [name, isForeign ? gateway : { ...gateway, ...defined({ jwt, deny, authorize, rateLimit }) }]
    }),
  )
}

/** Lists the namespaces of all parts of a spec. A spec of these namespaces manages all its parts. */
function listNamespaces(
  gateways: NonNullable<MeshFile['gateways']>,
  namespaces: readonly string[],
  external: NonNullable<MeshFile['external']>,
): string[] {
  const ofGateways = Object.values(gateways).map(
    gateway =>
      gateway?.namespace ??
      (gateway?.egress ? 'istio-egress' : gateway?.eastWest ? 'istio-eastwest' : 'istio-ingress'),
  )
  const ofExternals = Object.values(external).flatMap(system => system?.namespace ?? [])
  return [...new Set([...namespaces, ...ofGateways, ...ofExternals])]
}

/** Returns the settings of a control plane that another owner installs. Half of the specs set them. */
function withoutInstallation({ istio, layout }: Pick<Draft, 'istio' | 'layout'>): MeshFile['istio'] {
  const { version, revision, namespace, charts, trustDomain } = istio ?? {}
  const rest = defined({ version, revision, namespace, charts, trustDomain })
  return layout.lower % 2 === 0 ? { install: 'none', ...rest } : rest
}

/** Adds the control planes. Most namespaces join the control plane that is not newer than the other. */
function withRevisions(istio: MeshFile['istio'], revisions: Draft['revisions']): MeshFile['istio'] {
  if (revisions === undefined) return istio
  const { stable, canary, byTag } = revisions
  // If each control plane has its own version, `istio.version` applies to none.
  const isOfAll = stable.version === undefined || canary.version === undefined
  const { version, ...others } = istio ?? {}
  return {
    ...others,
    ...(isOfAll && version !== undefined && { version }),
    revisions: { stable, canary },
    revision: (byTag ? stable.tags?.[0] : undefined) ?? 'stable',
  }
}

/** Moves a namespace to the newer control plane. */
function withMove(
  namespaces: MeshFile['namespaces'],
  moved: string,
  revisions: Draft['revisions'],
): MeshFile['namespaces'] {
  if (revisions === undefined) return namespaces
  const revision = (revisions.byTag ? revisions.canary.tags?.[0] : undefined) ?? 'canary'
  return { ...namespaces, [moved]: { ...namespaces?.[moved], revision } }
}

/** Makes second Services of called pods. Earlier services may call each of them. */
function twins(
  { services }: Draft,
  firsts: Readonly<Record<string, ServiceSpec>>,
): Readonly<Record<string, ServiceSpec>> {
  const names = Object.keys(firsts)
  const made: Record<string, ServiceSpec> = {}
  for (const { name, twin } of services) {
    const service = firsts[name]!
    if (twin === undefined || service.workload?.sidecar !== undefined) continue
    if (service.port === undefined && service.ports === undefined) continue
    const callers = names.filter(
      second => !areTwins(second, name) && firsts[second]?.workload?.sidecar === undefined,
    )
    made[twinName(name)] = finishTwin(twin, name, service, callers)
    names.push(twinName(name))
  }
  return made
}

/** Returns the namespaces with their drafts; without drafts, only the namespace that has no services. */
function findNamespaces(
  { namespaces: drafts, monitoring }: Draft,
  names: readonly string[],
): MeshFile['namespaces'] {
  const listed = drafts === undefined ? names.filter(name => name === 'monitoring') : names
  if (listed.length === 0) return undefined
  return Object.fromEntries(
    listed.map((name, index) => [
      name,
      {
        ...(drafts !== undefined && pick(drafts, index)),
        ...(name === 'monitoring' && monitoring === 'without sidecars' && { injection: 'off' as const }),
      },
    ]),
  )
}

/** Makes changes to the DestinationRule of the first service that has a DestinationRule. */
function patches(
  trafficPolicies: readonly object[],
  services: NonNullable<MeshFile['services']>,
  defaults: MeshFile['defaults'],
  home: string,
): MeshFile['patches'] {
  const called = Object.entries(services).find(
    ([, service]) =>
      (service?.port ?? service?.ports) &&
      (service?.versions !== undefined ||
        listRefined(service).some(each => hasRule({ ...defaults, ...each }))),
  )
  if (called === undefined || trafficPolicies.length === 0) return undefined
  const [key, service] = called
  return trafficPolicies.map(trafficPolicy => ({
    kind: 'DestinationRule',
    namespace: service?.namespace ?? home,
    name: service?.name ?? key,
    spec: { trafficPolicy },
    because: 'the load test asks for it',
  }))
}

/** Lists a service and the settings of its ports that replace the service's settings. */
const listRefined = (service: ServiceSpec): readonly ServiceSpec[] => [
  service,
  ...[service.port, ...Object.values(service.ports ?? {})].flatMap(port =>
    typeof port === 'object' && port !== null ? [{ ...service, ...port } as ServiceSpec] : [],
  ),
]

/**
 * Checks whether a called service has a DestinationRule: it sets a value that Istio does not have by default.
 */
const hasRule = ({ circuitBreaker, connections, loadBalancing }: ServiceSpec): boolean =>
  circuitBreaker !== 'none' ||
  connections !== 'unlimited' ||
  (loadBalancing?.policy ?? 'least-request') !== 'least-request' ||
  loadBalancing?.warmup !== undefined ||
  loadBalancing?.locality !== undefined

const workloadEntry = (namespace: string): NonNullable<MeshFile['raw']>[number] => ({
  apiVersion: 'networking.istio.io/v1',
  kind: 'WorkloadEntry',
  metadata: {
    name: 'vm-1',
    namespace,
    annotations: { 'example.com/note': '{{- end }} {{ fail "no" }} {{{' },
  },
  spec: { address: '10.0.0.7', labels: { app: 'vm-1' } },
})

/** Makes a host outside of the mesh that only its namespace sees. */
const legacyEntry = (namespace: string): NonNullable<MeshFile['raw']>[number] => ({
  apiVersion: 'networking.istio.io/v1',
  kind: 'ServiceEntry',
  metadata: { name: 'legacy', namespace },
  spec: {
    hosts: ['legacy.example.net'],
    ports: [{ number: 8443, name: 'tls', protocol: 'TLS' }],
    resolution: 'DNS',
    location: 'MESH_EXTERNAL',
    exportTo: ['.'],
  },
})

/** Makes the suppression for an external system without callers. */
const suppression = (scope: string): NonNullable<MeshFile['suppress']>[number] => ({
  code: 'MESH3510',
  ...(scope !== 'everywhere' && { at: scope }),
  because: 'its callers come next week',
  until: '2099-12-31',
})

const waiver: NonNullable<MeshFile['waive']>[number] = {
  gate: 'new-access',
  from: 'web',
  to: 'my-api',
  because: 'its callers come next week',
  owner: 'team-api',
  until: '2099-12-31',
}

/** Divides a spec into layers and included files. The merged files are equal to the whole spec. */
function inFiles(whole: MeshFile, layout: Draft['layout']): Spec {
  const lowered = (index: number) => ((layout.lower >> index) & 1) === 1
  const layered = layout.lower > 0xff
  const ownServices: Record<string, unknown> = {}
  const lower: Record<string, unknown> = { meshc: 'v1' }
  const teams: Record<string, Record<string, unknown>> = {}
  for (const [index, [section, content]] of Object.entries(whole).entries()) {
    if (section === 'services') continue
    const belongsToEnvironment = ['meshc', 'environment', 'clusters'].includes(section)
    if (layered && !belongsToEnvironment && lowered(index)) lower[section] = content
    else ownServices[section] = content
  }
  const services: Record<string, unknown> = {}
  const lowerServices: Record<string, unknown> = {}
  for (const [index, [name, service]] of Object.entries(whole.services ?? {}).entries()) {
    const file = layout.files[index] ?? 'entry'
    if (file === 'team-a' || file === 'team-b') teams[file] = { ...teams[file], [name]: service }
    else if (file === 'base' && layered) lowerServices[name] = service
    else services[name] = service
  }
  if (layered && layout.overridden) {
    const [name] = Object.keys(services)
    if (name !== undefined) {
      lowerServices[name] = { owner: 'team-before', timeout: '77s', retries: 'none' }
      services[name] = { owner: null, timeout: null, retries: null, ...(services[name] as object) }
    }
    lowerServices['retired'] = { namespace: 'shop', port: { http: 8080 }, allow: [] }
    services['retired'] = null
    if (ownServices['mtls'] !== undefined)
      lower['mtls'] = ownServices['mtls'] === 'strict' ? 'permissive' : 'strict'
  }
  if (Object.keys(services).length > 0) ownServices['services'] = services
  if (Object.keys(lowerServices).length > 0) lower['services'] = lowerServices
  if (layered) ownServices['extends'] = '../base/mesh.yaml'
  const files = Object.keys(teams).sort()
  const shared = files.map(file => [file, { services: teams[file] } as Record<string, unknown>] as const)
  for (const [index, [, team]] of shared.entries())
    shareOut(ownServices, team, (at: number) => at % 3 === index + 1)
  if (files.length > 0)
    ownServices['include'] = files.length === 2 ? ['teams/*.yaml'] : [`teams/${files[0]}.yaml`]
  // Each piece is a part of a MeshFile, and the fields are put together again.
  return {
    entry,
    documents: {
      ...(layered && { [base]: lower as MeshFile }),
      [entry]: ownServices as MeshFile,
      ...Object.fromEntries(shared.map(([file, team]) => [`spec/prod/teams/${file}.yaml`, team as MeshFile])),
    },
  }
}

/** Moves the external systems and expectations at some indices to an included file. */
function shareOut(
  ownServices: Record<string, unknown>,
  team: Record<string, unknown>,
  isShared: (index: number) => boolean,
): void {
  for (const section of ['external', 'expect']) {
    const entries = Object.entries(ownServices[section] ?? {})
    const given = entries.filter((_, index) => isShared(index))
    if (given.length === 0) continue
    const kept = entries.filter((_, index) => !isShared(index))
    const isList = Array.isArray(ownServices[section])
    const form = (some: typeof entries) =>
      isList ? some.map(([, entry]) => entry) : Object.fromEntries(some)
    team[section] = form(given)
    ownServices[section] = form(kept)
  }
}

/** Returns the texts of a spec, by path. */
export const getTexts = (spec: Spec): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(spec.documents).map(([path, document]) => [path, getText(document)]))

const texts = new WeakMap<MeshFile, string>()

/** Returns the text of a document. An edit of a spec leaves its other documents unchanged. */
function getText(document: MeshFile): string {
  const before = isObject(document) ? texts.get(document) : undefined
  if (before !== undefined) return before
  const text = stringify(document, { lineWidth: 0, aliasDuplicateObjects: false })
  if (isObject(document)) texts.set(document, text)
  return text
}

/** Checks whether a document is a map: a mutation may leave only a single value. */
const isObject = (document: unknown): document is MeshFile =>
  typeof document === 'object' && document !== null
