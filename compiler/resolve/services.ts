import type { MeshSpec } from '../../schema/spec/mesh.ts'
import type { Gateway, Machines, Mesh, Service, TrafficPolicy } from '../mesh/mesh.ts'
import { because, decided, from, type Sourced, SpecNode } from '../mesh/sourced.ts'
import { placeAtKey } from '../mesh/spec-place.ts'
import { resolveHomes } from './clusters.ts'
import { namespaceUnsaid, reservedName } from './diagnostics.ts'
import { resolveExposures } from './exposures.ts'
import { resolveFault } from './fault.ts'
import { type Report, readField, readFieldOr, readLabels, sortKeys } from './fields.ts'
import { type KnownIssuers, resolveJwt } from './jwt.ts'
import { resolveObjective } from './objective.ts'
import { type PolicyLevel, refinePolicy, resolvePolicy } from './policy.ts'
import { resolvePorts } from './ports.ts'
import type { KnownLimiters } from './rate-limiters.ts'
import { resolveRateLimit } from './rate-limits.ts'
import { resolveRoutes } from './routes.ts'
import { ServiceEntity } from './service-entity.ts'
import type { ShareLink } from './share-links.ts'
import type { ServiceSpec } from './spec-sections.ts'
import { resolveVersions } from './versions.ts'

/** The parts of the mesh that services need. */
interface ServiceContext {
  readonly trustDomain: Sourced<string>
  readonly gateways: ReadonlyMap<string, Gateway>
  readonly issuers: KnownIssuers
  readonly limiters: KnownLimiters
  readonly defaults: PolicyLevel
  /** The default policy for requests of a service. */
  readonly policy: TrafficPolicy
  /** The shares that name services, which are linked when every service is there. */
  readonly links: ShareLink[]
  readonly clusters: Pick<Mesh, 'cluster' | 'clusters'>
}

/** Words of `from:` that mean more than one service. */
const reservedCallers: readonly string[] = ['anyone']

/** The services of the mesh, sorted by key, with everything but their edges. */
export function resolveServices(
  spec: MeshSpec,
  context: ServiceContext,
  report: Report,
): readonly ServiceEntity[] {
  const node = new SpecNode(undefined, 'services')
  const injection = new SpecNode(undefined, 'namespaces')
  const services = spec.services ?? {}
  const values = namedNamespaces(spec)
  const only = values.size === 1 ? [...values.values()][0] : undefined
  return sortKeys(services).map(key => {
    const place = node.at(key)
    const service = services[key]!
    if (reservedCallers.includes(key)) report(reservedName(placeAtKey(place), { name: key }))
    const namespace = readField(service, place, 'namespace') ?? only
    if (namespace === undefined) {
      report(namespaceUnsaid(placeAtKey(place), { service: key, known: [...values.keys()].sort() }))
    }
    const home = namespace?.value ?? ''
    const sidecars = readFieldOr(
      spec.namespaces?.[home],
      injection.at(home),
      'injection',
      'default:injection',
      'on',
    )
    return resolveService(
      service,
      place,
      key,
      { namespace: namespace ?? missingNamespace, sidecars },
      context,
      report,
    )
  })
}

/** The namespace of a service, and the word that tells whether its pods get a sidecar. */
interface Home {
  readonly namespace: Sourced<string>
  readonly sidecars: Service['sidecar']
}

/** A placeholder for a missing namespace, so that the rest of the service can be checked, too. */
const missingNamespace = decided('default:only-namespace', '')

/** The namespaces that `namespaces` and services name, each with the reasons for a service without its own. */
function namedNamespaces({ namespaces = {}, services = {} }: MeshSpec): ReadonlyMap<string, Sourced<string>> {
  const values = new Map<string, Sourced<string>>()
  const learn = (namespace: string, node: SpecNode) => {
    if (!values.has(namespace)) values.set(namespace, because(namespace, node, 'default:only-namespace'))
  }
  const namespacesNode = new SpecNode(undefined, 'namespaces')
  for (const name of sortKeys(namespaces)) learn(name, namespacesNode.at(name))
  const servicesNode = new SpecNode(undefined, 'services')
  for (const key of sortKeys(services)) {
    const { namespace } = services[key]!
    if (namespace !== undefined && !values.has(namespace)) {
      learn(namespace, servicesNode.at(key).at('namespace'))
    }
  }
  return values
}

/** A service with everything but its edges. */
export function resolveService(
  spec: ServiceSpec,
  node: SpecNode,
  key: string,
  { namespace, sidecars }: Home,
  { trustDomain, gateways, issuers, limiters, defaults, policy: inherited, links, clusters }: ServiceContext,
  report: Report,
): ServiceEntity {
  const name = readField(spec, node, 'name') ?? because(key, node, 'default:service-name')
  const levels = [{ spec, node }, defaults]
  const policy = resolvePolicy(levels, inherited)
  const ports = resolvePorts(spec, node, port => refinePolicy(port, levels, policy), report)
  const versions = resolveVersions(spec, node, { policy, levels, ports })
  const { selector, serviceAccount, sidecar, machines } = getWorkload(spec, node, name, sidecars)
  return new ServiceEntity({
    origin: node,
    key,
    name,
    namespace,
    host: because(
      `${name.value}.${namespace.value}.svc.cluster.local`,
      name,
      namespace,
      'policy:cluster-domain',
    ),
    owner: readField(spec, node, 'owner'),
    selector,
    headless: readField(spec, node, 'headless'),
    sidecar,
    ...resolveHomes(spec, node, clusters, report),
    machines,
    serviceAccount,
    principal: because(
      `${trustDomain.value}/ns/${namespace.value}/sa/${serviceAccount.value}`,
      trustDomain,
      namespace,
      serviceAccount,
    ),
    ports,
    versions,
    routes: resolveRoutes({ spec, node, key, versions, links }, { policy, levels, limiters }, report),
    fault: resolveFault(spec, node, report),
    ...resolveExposures(spec, node, ports, gateways, report),
    jwt: resolveJwt(spec.jwt, node.at('jwt'), `\`${key}\``, issuers, report),
    rateLimit: resolveRateLimit(spec.rateLimit, node.at('rateLimit'), `\`${key}\``, limiters, report),
    policy,
    objective: resolveObjective(spec, node),
  })
}

/** The pods of a service: their selector and their identity. */
function getWorkload(
  { workload }: ServiceSpec,
  node: SpecNode,
  name: Sourced<string>,
  sidecar: Service['sidecar'],
): Pick<Service, 'selector' | 'serviceAccount' | 'sidecar' | 'machines'> {
  const app = () => [['app', because(name.value, name, 'default:workload-labels')] as const]
  const account = () => because(name.value, name, 'default:service-account')
  if (workload === undefined)
    return { selector: app(), serviceAccount: account(), sidecar, machines: undefined }
  const place = node.at('workload')
  const labels = readLabels(workload.labels, place, 'labels')
  return {
    selector: labels.length > 0 ? labels : app(),
    serviceAccount: readField(workload, place, 'serviceAccount') ?? account(),
    sidecar: readField(workload, place, 'sidecar') ?? sidecar,
    machines: findMachines(workload.machines, place.at('machines')),
  }
}

function findMachines(
  spec: NonNullable<ServiceSpec['workload']>['machines'],
  origin: SpecNode,
): Machines | undefined {
  if (spec === undefined) return undefined
  if (spec === 'registered') return { origin, entries: [], registered: from(origin, spec) }
  const entries = sortKeys(spec).map(address => {
    const place = origin.at(address)
    return {
      origin: place,
      address: from(place, address),
      locality: readField(spec[address]!, place, 'locality'),
      weight: readField(spec[address]!, place, 'weight'),
    }
  })
  return { origin, entries, registered: undefined }
}
