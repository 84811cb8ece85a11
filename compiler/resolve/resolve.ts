import type { MeshSpec } from '../../schema/spec/mesh.ts'
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import { type Outcome, outcome } from '../diagnostics/outcome.ts'
import type { LayeredSpec } from '../mesh/layered-spec.ts'
import type { Mesh } from '../mesh/mesh.ts'
import { because, decided, from, type Sourced, SpecNode } from '../mesh/sourced.ts'
import { placeAt } from '../mesh/spec-place.ts'
import { noSurroundings, type Surroundings } from '../mesh/surroundings.ts'
import { allowAnyone, resolveAllow } from './allow.ts'
import { type KnownAuthorizers, resolveAuthorize, resolveAuthorizers } from './authorizers.ts'
import { type FindCaller, makeCallerFinder } from './callers.ts'
import { resolveClusters } from './clusters.ts'
import { resolveDelivery } from './delivery.ts'
import { resolveDeny } from './deny.ts'
import { environmentFolder, requiredField } from './diagnostics.ts'
import { linkCallees } from './edges.ts'
import { resolveExpectations } from './expectations.ts'
import { resolveExternals } from './externals.ts'
import { dropUndefined, type Report } from './fields.ts'
import { resolveGateways } from './gateways.ts'
import { resolveIstio } from './istio.ts'
import { type KnownIssuers, listIssuers, resolveIssuers } from './jwt.ts'
import { findHome, resolveManagedPart } from './managed-part.ts'
import { indexNamespaces, resolveNamespaces } from './namespaces.ts'
import { resolveObservability } from './observability.ts'
import { resolvePatches } from './patches.ts'
import { resolvePolicies } from './policies.ts'
import { resolveDefaultPolicy } from './policy.ts'
import { resolveRateLimiters } from './rate-limiters.ts'
import { resolveRaw } from './raw.ts'
import { listRawHosts } from './raw-hosts.ts'
import { linkSamePods } from './same-pods.ts'
import type { ServiceEntity } from './service-entity.ts'
import { resolveServices } from './services.ts'
import { linkShares, type ShareLink } from './share-links.ts'
import type { ServiceSpec } from './spec-sections.ts'

/**
 * The mesh of a spec. Names become the entities that they name. Missing values come from `defaults`, or from a named default of
 * meshc. First come the entities, then the edges between them.
 */
export function resolve(layered: LayeredSpec, surroundings: Surroundings = noSurroundings): Outcome<Mesh> {
  const { value: spec } = layered
  const diagnostics: Diagnostic[] = []
  const report = (diagnostic: Diagnostic) => void diagnostics.push(diagnostic)

  const clusters = resolveClusters(layered, report)
  const identity = resolveIdentity(layered, report)
  const settings = resolveSettings(spec)
  const { mtls, access } = settings
  const managed = resolveManagedPart(spec.manages, report)
  const istio = resolveIstio(spec.istio, managed, report)
  const home = findHome(managed, istio.namespace)
  const observability = resolveObservability(spec.observability, report)
  const defaults = { spec: spec.defaults ?? {}, node: new SpecNode(undefined, 'defaults') }
  const policy = resolveDefaultPolicy(defaults)

  const issuers = resolveIssuers(spec, report)
  const authorizers = resolveAuthorizers(spec, report)
  const limiters = resolveRateLimiters(spec, identity.name, report)
  const gateways = resolveGateways(spec.gateways, istio.trustDomain, issuers, authorizers, limiters, report)
  const gatewayByName = new Map(gateways.map(gateway => [gateway.name.value, gateway]))
  const { trustDomain, namespace: rootNamespace } = istio
  const links: ShareLink[] = []
  const services = resolveServices(
    spec,
    { trustDomain, gateways: gatewayByName, issuers, limiters, defaults, policy, links, clusters },
    report,
  )
  const serviceByKey = new Map(services.map(service => [service.key, service]))
  linkShares(links, serviceByKey, serviceByKey, report)
  const namespaces = resolveNamespaces(spec.namespaces, { istio, mtls, managed, gateways, services }, report)

  const knownNamespaces = indexNamespaces(namespaces, rootNamespace.value)
  const findCaller = makeCallerFinder(
    {
      services: serviceByKey,
      gateways: gatewayByName,
      namespaces: indexNamespaces(namespaces, rootNamespace.value, surroundings.namespaces),
      surroundings,
      trustDomain,
    },
    report,
  )
  const externalContext = {
    home,
    access,
    namespaces: knownNamespaces,
    findCaller,
    gateways,
    defaults,
    policy,
  }
  const externals = resolveExternals(spec.external, externalContext, report)
  for (const service of services)
    linkCallers(service, spec.services?.[service.key], { access, findCaller, issuers, authorizers }, report)
  const publicCallees = linkCallees(serviceByKey, externals)
  linkSamePods(services)
  const raw = resolveRaw(spec.raw)

  const mesh = {
    ...identity,
    ...clusters,
    ...settings,
    managed,
    home,
    surroundings,
    istio,
    observability,
    delivery: resolveDelivery(layered, clusters.cluster, report),
    defaults: policy,
    namespaces,
    issuers: listIssuers(issuers),
    authorizers: dropUndefined([...authorizers.values()]),
    rateLimiters: dropUndefined([...limiters.values()]),
    gateways,
    services,
    externals,
    publicCallees,
    expectations: resolveExpectations(
      spec.expect,
      {
        services: serviceByKey,
        externals,
        gateways,
        declared: spec.external,
        issuers,
        findCaller,
        surroundings,
      },
      report,
    ),
    policies: resolvePolicies(spec.policies, report),
    patches: resolvePatches(spec.patches),
    raw,
    rawHosts: listRawHosts(raw, services, externals),
  } satisfies Mesh
  return outcome(mesh, diagnostics)
}

/** The mesh of another cluster of the same environment, if no file of either makes them differ. */
export function moveToCluster(mesh: Mesh, layered: LayeredSpec): Mesh {
  const cluster = mesh.clusters.find(({ name }) => name.value === layered.cluster)
  // The mesh of the first cluster was resolved with the same reports.
  return { ...mesh, cluster, delivery: resolveDelivery(layered, cluster, () => {}) }
}

/** The names of the mesh and of the environment; the default of the latter is the name of its folder. */
function resolveIdentity(
  { value: spec, base }: LayeredSpec,
  report: Report,
): Pick<Mesh, 'name' | 'environment'> {
  const require = (field: string, example: string) =>
    report(requiredField({ path: [] }, { owner: 'the spec', field, example }))
  const name = top(spec, 'mesh')
  const folder = base.split('/').at(-2) ?? ''
  const environment = top(spec, 'environment') ?? decided('default:environment', folder)
  if (spec.meshc === undefined) require('the version of its language', 'meshc: v1')
  if (name === undefined) require('the name of the mesh', 'mesh: shop')
  const place = environment.place
  if (place !== undefined && environment.value !== folder && isName(folder))
    report(environmentFolder(placeAt(place), { environment: environment.value, folder }))
  if (!isName(environment.value)) require('the name of the environment', 'environment: prod')
  return { name: name ?? decided('default:environment', ''), environment }
}

/** The words at the top of the spec that hold for the whole mesh, or their defaults. */
function resolveSettings(
  spec: MeshSpec,
): Pick<Mesh, 'mtls' | 'access' | 'sidecarScope' | 'egress' | 'faults'> {
  const mtls = top(spec, 'mtls') ?? decided('default:mtls', 'strict')
  const access = top(spec, 'access') ?? decided('default:access', 'declared')
  const scope = access.value === 'open' ? 'all' : 'declared'
  return {
    mtls,
    access,
    sidecarScope: top(spec, 'sidecarScope') ?? because(scope, access, 'default:sidecar-scope'),
    egress: top(spec, 'egress') ?? decided('default:egress', 'registry-only'),
    faults: top(spec, 'faults') ?? decided('default:faults', 'forbidden'),
  }
}

/** The parts of the mesh that decide the callers of a service. */
interface AccessContext extends Pick<Mesh, 'access'> {
  readonly findCaller: FindCaller
  readonly issuers: KnownIssuers
  readonly authorizers: KnownAuthorizers
}

/** Links a service to the callers that it allows and denies, and to the authorizer that it asks. */
function linkCallers(
  service: ServiceEntity,
  spec: ServiceSpec | undefined,
  { access, findCaller, issuers, authorizers }: AccessContext,
  report: Report,
): void {
  service.isOpen = access.value === 'open' && spec?.allow === undefined
  service.allow = service.isOpen
    ? allowAnyone(service, access)
    : resolveAllow(spec?.allow, service, findCaller, issuers, report)
  service.deny = resolveDeny(spec?.deny, service, findCaller, report)
  service.authorize = resolveAuthorize(spec?.authorize, service, authorizers, report)
}

/** The form that `environment` asks for; a folder with a longer name is refused before. */
const isName = (folder: string) => /^[a-z]([-a-z0-9]*[a-z0-9])?$/.test(folder)

/** A field at the top of the spec, with its place. */
function top<Key extends keyof MeshSpec & string>(
  spec: MeshSpec,
  key: Key,
): Sourced<NonNullable<MeshSpec[Key]>> | undefined {
  const value = spec[key]
  return value === undefined || value === null ? undefined : from(new SpecNode(undefined, key), value)
}
