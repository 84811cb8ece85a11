import { type Outcome, outcome } from '../diagnostics/outcome.ts'
import type { Gateway, Mesh, Namespace, Service, ValidMesh } from '../mesh/mesh.ts'
import { because, type Sourced } from '../mesh/sourced.ts'
import { argocdFiles, argocdReasons } from './argocd/argocd-files.ts'
import { Delivered } from './argocd/delivered.ts'
import { certificate } from './cert-manager/certificate.ts'
import { checkNeighbors } from './check-neighbors.ts'
import { dashboard } from './grafana/dashboard.ts'
import { baseValues, gatewayValues, istiodValues } from './helm/values.ts'
import { denyByDefault, gatewayPolicy, servicePolicy } from './istio/authorization-policy.ts'
import { destinationRule } from './istio/destination-rule.ts'
import { external } from './istio/external.ts'
import { gateway } from './istio/gateway.ts'
import { type Exposed, gatewayVirtualServices } from './istio/gateway-virtual-service.ts'
import { istioOperator } from './istio/istio-operator.ts'
import {
  meshPeerAuthentication,
  namespacePeerAuthentication,
  portExceptions,
} from './istio/peer-authentication.ts'
import { requestAuthentication } from './istio/request-authentication.ts'
import { sidecar } from './istio/sidecar.ts'
import { telemetry } from './istio/telemetry.ts'
import { virtualService } from './istio/virtual-service.ts'
import { kiali } from './kiali/kiali.ts'
import { namespace } from './kubernetes/namespace.ts'
import { kustomization, type ListedFile } from './kustomize/kustomization.ts'
import type { Manifest, ManifestFile, TextFile } from './manifest.ts'
import type { Neighbor } from './neighbor.ts'
import { patcher } from './patches.ts'
import {
  alertsPath,
  dashboardPath,
  externalPath,
  gatewayPath,
  kialiPath,
  meshPath,
  namespacePath,
  objectivePath,
  servicePath,
} from './paths.ts'
import type { Printer } from './print.ts'
import { meshRules, objectivesName } from './prometheus/mesh-rules.ts'
import { podMonitor } from './prometheus/pod-monitor.ts'
import { promisesOf } from './prometheus/promise.ts'
import { serviceMonitor } from './prometheus/service-monitor.ts'
import { serviceRules } from './prometheus/service-rules.ts'
import { meshTests } from './promtool/mesh-tests.ts'
import { ruleFile } from './promtool/rule-file.ts'
import { serviceTests } from './promtool/service-tests.ts'
import { rawManifest, rawPath } from './raw.ts'

/**
 * The files of an environment. They are made one after the other, as they are asked for, each time anew:
 * a mesh of ten thousand services is never in memory as manifests. What Argo CD is told depends on how much was printed:
 * without a printer, it is left out. `asked`: the paths of those that somebody looks at, so that others need not be made.
 */
export type Emission = (print?: Printer, asked?: ReadonlySet<string>) => Iterable<ManifestFile | TextFile>

/**
 * Every manifest of a mesh; reports patches that fit nowhere, and raw objects and neighbors that are in the way of others.
 *
 * @param neighbors the files that are deployed with those of the mesh
 */
export function emit(mesh: ValidMesh, neighbors: readonly Neighbor[]): Outcome<Emission> {
  if (mesh.patches.length === 0 && mesh.raw.length === 0 && neighbors.length === 0)
    return outcome((print, asked) => files(mesh, neighbors, unpatched, print, asked))
  const patch = patcher(mesh)
  const diagnostics = [
    ...patch.check(syncedFiles(mesh, patch.apply)),
    ...checkNeighbors(neighbors, syncedFiles(mesh, unpatched)),
  ]
  return outcome((print, asked) => files(mesh, neighbors, patch.apply, print, asked), diagnostics)
}

type Patch = (manifest: Manifest) => Manifest
const unpatched: Patch = manifest => manifest

function* files(
  mesh: Mesh,
  neighbors: readonly Neighbor[],
  patch: Patch,
  print: Printer | undefined,
  asked: ReadonlySet<string> | undefined,
): Iterable<ManifestFile | TextFile> {
  // What stands elsewhere depends on all of them.
  if (asked !== undefined && [...asked].every(isSynced)) {
    for (const { path, manifests } of syncedFiles(mesh, patch, asked)) yield { path, manifests }
    return
  }
  const argocd = print === undefined ? undefined : argocdReasons(mesh)
  const delivered = new Delivered()
  const listed: ListedFile[] = []
  const root = meshPath(mesh).value
  const changed = new Set<string>()
  for (const file of syncedFiles(mesh, patch)) {
    yield file
    const { place, made, tests } = file
    listed.push({ path: place, kinds: kindsOf(file.manifests), isLast: place.value === root })
    if (argocd !== undefined && print !== undefined)
      delivered.addFile(place, file.manifests, Buffer.byteLength(print(file).text))
    if (tests === undefined) continue
    for (const [index, manifest] of file.manifests.entries()) {
      yield ruleFile(manifest)
      // Tests hold for the rules as they are made, and as those are that the rules of services work with.
      if (manifest !== made[index]) changed.add(manifest.name)
      if (!changed.has(manifest.name) && !changed.has(objectivesName)) yield* tests(manifest)
    }
  }
  for (const neighbor of neighbors) {
    listed.push({ path: neighbor.place, kinds: kindsOf(neighbor.manifests), isLast: false })
    delivered.addFile(neighbor.place, neighbor.manifests, neighbor.bytes)
  }
  yield { path: 'kustomization.yaml', manifests: [kustomization(listed)] }
  yield { path: 'istio/istio-operator.yaml', manifests: [istioOperator(mesh)] }
  yield { path: 'istio/values-base.yaml', manifests: [baseValues(mesh)] }
  yield { path: 'istio/values-istiod.yaml', manifests: [istiodValues(mesh)] }
  for (const gateway of mesh.gateways) {
    yield { path: `istio/values-${gateway.workload.value}.yaml`, manifests: [gatewayValues(mesh, gateway)] }
  }
  if (argocd !== undefined) yield* argocdFiles(mesh, argocd, delivered)
}

const kindsOf = (manifests: readonly Manifest[]): ReadonlySet<string> =>
  new Set(manifests.map(({ kind }) => kind))

const isSynced = (path: string) => path.startsWith('manifests/')

/** A file of `manifests/` as it is written. */
interface SyncedFile extends ManifestFile, Pick<MadeFile, 'tests'> {
  readonly place: Sourced<string>
  /** The manifests before they were patched. */
  readonly made: readonly Manifest[]
}

function* syncedFiles(mesh: Mesh, patch: Patch, asked?: ReadonlySet<string>): Iterable<SyncedFile> {
  for (const { path: place, manifests, tests } of manifestFiles(mesh)) {
    if (asked?.has(place.value) === false) continue
    const made = manifests()
    if (made.length > 0) yield { place, path: place.value, made, manifests: made.map(patch), tests }
  }
}

/** A file of `manifests/` as it is made, whose path is a value too: the kustomization says it. */
interface MadeFile {
  readonly path: Sourced<string>
  readonly manifests: () => readonly Manifest[]
  /** What the rules of an object pass, where all objects of the file are PrometheusRules. */
  readonly tests?: ((rules: Manifest) => readonly TextFile[]) | undefined
}

/** The files that Argo CD syncs. */
function* manifestFiles(mesh: Mesh): Iterable<MadeFile> {
  const { namespaces, gateways, services, externals } = mesh
  const namespaceByName = new Map(namespaces.map(namespace => [namespace.name.value, namespace]))
  const exposed = exposedByGateway(services)
  yield { path: meshPath(mesh), manifests: () => meshWide(mesh) }
  const { hasOperator } = mesh.observability.prometheus
  if (hasOperator.value)
    yield {
      path: because(alertsPath(mesh), hasOperator),
      manifests: () => meshRules(mesh),
      tests: rules => meshTests(mesh, rules),
    }
  yield { path: dashboardPath(mesh), manifests: () => [dashboard(mesh)] }
  const asked = mesh.observability.kiali
  if (asked !== undefined)
    yield { path: because(kialiPath(mesh), asked.origin), manifests: () => [kiali(mesh, asked)] }
  for (const namespace of namespaces) {
    yield { path: namespacePath(namespace), manifests: () => namespaceObjects(mesh, namespace) }
  }
  for (const gateway of gateways) {
    const manifests = () => gatewayObjects(mesh, gateway, exposed.get(gateway) ?? [])
    yield { path: gatewayPath(gateway), manifests }
  }
  for (const service of services) {
    const home = namespaceByName.get(service.namespace.value)
    yield { path: servicePath(service), manifests: () => serviceObjects(mesh, service, home) }
    if (service.objective !== undefined && hasOperator.value) yield objectiveFile(mesh, service)
  }
  for (const one of externals) yield { path: externalPath(one), manifests: () => external(mesh, one) }
  for (const object of mesh.raw) yield { path: rawPath(object), manifests: () => [rawManifest(object)] }
}

function objectiveFile(mesh: Mesh, service: Service): MadeFile {
  const promises = promisesOf(service)
  return {
    path: because(objectivePath(mesh, service), ...promises.map(({ said }) => said)),
    manifests: () => serviceRules(mesh, service, promises),
    tests: rules => [serviceTests(mesh, service, promises, rules)],
  }
}

/**
 * The files in which the routes of a service stand: its own, and those of the gateways that expose it.
 * They are made for that service alone, so that asking for a few costs nothing of what the whole mesh does.
 */
export function* routeFiles(mesh: Mesh, service: Service): Iterable<ManifestFile> {
  const patch = mesh.patches.length === 0 ? unpatched : patcher(mesh).apply
  const home = mesh.namespaces.find(({ name }) => name.value === service.namespace.value)
  yield { path: servicePath(service).value, manifests: serviceObjects(mesh, service, home).map(patch) }
  const gateways = new Set(service.exposures.map(({ gateway }) => gateway))
  if (gateways.size === 0) return
  const exposed = exposedByGateway(mesh.services)
  for (const gateway of gateways) {
    const manifests = gatewayObjects(mesh, gateway, exposed.get(gateway) ?? [])
    yield { path: gatewayPath(gateway).value, manifests: manifests.map(patch) }
  }
}

const meshWide = (mesh: Mesh): readonly Manifest[] => [
  meshPeerAuthentication(mesh),
  denyByDefault(mesh),
  telemetry(mesh),
  ...(mesh.observability.prometheus.hasOperator.value ? [serviceMonitor(mesh), ...podMonitor(mesh)] : []),
]

const namespaceObjects = (mesh: Mesh, one: Namespace): readonly Manifest[] => [
  // The root namespace is the installation's, and its PeerAuthentication speaks for the mesh.
  ...(one.name.value === mesh.istio.namespace.value
    ? []
    : [namespace(mesh, one), namespacePeerAuthentication(mesh, one)]),
]

const gatewayObjects = (mesh: Mesh, one: Gateway, exposed: readonly Exposed[]): readonly Manifest[] => [
  ...certificate(mesh, one),
  gateway(mesh, one),
  ...gatewayVirtualServices(mesh, one, exposed),
  gatewayPolicy(mesh, one),
]

const serviceObjects = (mesh: Mesh, service: Service, home: Namespace | undefined): readonly Manifest[] => [
  // Who is never called has no host that a rule could be about.
  ...destinationRule(mesh, service),
  ...virtualService(mesh, service),
  ...portExceptions(mesh, service, home),
  ...requestAuthentication(mesh, service),
  ...servicePolicy(mesh, service),
  ...sidecar(mesh, service),
]

function exposedByGateway(services: readonly Service[]): ReadonlyMap<Gateway, readonly Exposed[]> {
  const exposed = new Map<Gateway, Exposed[]>()
  for (const service of services) {
    for (const exposure of service.exposures) {
      const here = exposed.get(exposure.gateway)
      if (here === undefined) exposed.set(exposure.gateway, [{ service, exposure }])
      else here.push({ service, exposure })
    }
  }
  return exposed
}
