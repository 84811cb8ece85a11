import { type Outcome, outcome } from '../diagnostics/outcome.ts'
import { isRemote } from '../mesh/clusters.ts'
import { getFileSuffix } from '../mesh/control-planes.ts'
import { hasClaims } from '../mesh/has-claims.ts'
import { listInstalledGateways } from '../mesh/installed-gateways.ts'
import { isManaged } from '../mesh/is-managed.ts'
import type { Gateway, Mesh, Namespace, Service, SharedMesh, ValidMesh } from '../mesh/mesh.ts'
import { because, type Sourced } from '../mesh/sourced.ts'
import { emitArgocdFiles, findArgocdReasons } from './argocd/argocd-files.ts'
import { Delivered } from './argocd/delivered.ts'
import { emitCertificates } from './cert-manager/certificate.ts'
import { checkNeighbors } from './check-neighbors.ts'
import { checkSurroundings } from './check-surroundings.ts'
import { emitDashboard } from './grafana/dashboard.ts'
import { emitBaseValues, emitCniValues, emitGatewayValues, emitIstiodValues } from './helm/values.ts'
import {
  emitDenyByDefault,
  emitEgressPolicy,
  emitGatewayAsking,
  emitGatewayDenials,
  emitGatewayPolicy,
  emitNamespaceDeny,
  emitServiceAsking,
  emitServiceDenials,
  emitServicePolicy,
} from './istio/authorization-policy.ts'
import { emitDestinationRule } from './istio/destination-rule.ts'
import { emitDoorRoutes, emitDoorSubsets } from './istio/egress.ts'
import { emitExternal } from './istio/external.ts'
import { emitGateway } from './istio/gateway.ts'
import { emitGatewayConnections, type Passed } from './istio/gateway-connections.ts'
import { type Exposed, emitGatewayVirtualServices } from './istio/gateway-virtual-service.ts'
import { emitIstioOperator } from './istio/istio-operator.ts'
import { emitMachines } from './istio/machines.ts'
import {
  emitMeshPeerAuthentication,
  emitNamespacePeerAuthentication,
  emitPortExceptions,
} from './istio/peer-authentication.ts'
import { emitGatewayRateLimit, emitServiceRateLimit } from './istio/rate-limit.ts'
import { emitRemoteService } from './istio/remote-service.ts'
import { emitGatewayAuthentication, requestAuthentication } from './istio/request-authentication.ts'
import { emitSidecar } from './istio/sidecar.ts'
import { emitTelemetry } from './istio/telemetry.ts'
import { emitVirtualService } from './istio/virtual-service.ts'
import { emitKiali } from './kiali/kiali.ts'
import { emitNamespace } from './kubernetes/namespace.ts'
import { emitKustomization, type ListedFile } from './kustomize/kustomization.ts'
import { emitLimits } from './limiter/limits.ts'
import type { Manifest, ManifestFile, TextFile } from './manifest.ts'
import type { Neighbor } from './neighbor.ts'
import { makePatcher } from './patches.ts'
import {
  alertsPath,
  dashboardPath,
  externalPath,
  gatewayPath,
  gatewayWorkloadPath,
  kialiPath,
  limitsPath,
  meshPath,
  namespaceDefaultsPath,
  namespacePath,
  objectivePath,
  servicePath,
} from './paths.ts'
import type { Printer } from './print.ts'
import { emitMeshRules, emitObjectiveRules, objectivesName } from './prometheus/mesh-rules.ts'
import { emitPodMonitor } from './prometheus/pod-monitor.ts'
import { listPromises } from './prometheus/promise.ts'
import { emitServiceMonitor } from './prometheus/service-monitor.ts'
import { emitServiceRules } from './prometheus/service-rules.ts'
import { emitMeshTests } from './promtool/mesh-tests.ts'
import { emitRuleFile } from './promtool/rule-file.ts'
import { emitServiceTests } from './promtool/service-tests.ts'
import { emitRaw, rawPath } from './raw.ts'
import { surveyFiles } from './survey.ts'

/**
 * The files of an environment. The iterator makes one file after the other on demand, and makes them anew in each iteration: the
 * manifests of a mesh of ten thousand services are never in memory together. The files for Argo CD depend on the sizes of the
 * printed files: without a printer, the iterator omits them. `asked`: the paths that the caller reads; other files are not made.
 */
export type Emission = (print?: Printer, asked?: ReadonlySet<string>) => Iterable<ManifestFile | TextFile>

/** The files of a mesh, and the objects in them that the rules of admission check. */
interface Emitted {
  readonly files: Emission
  /** The objects that patches have changed. */
  readonly patched: readonly Manifest[]
}

/** Files that are made once, though the meshes of several clusters have them or a mesh is emitted again: by their names there. */
export type SharedFiles = Map<string, SyncedFile>

/** No more files than these are shared: each is in memory as long as its meshes are built. */
const mostShared = 2000

/**
 * Emits every manifest of a mesh. Reports patches without a target, and raw objects and neighbors that conflict with other objects.
 *
 * @param neighbors the files that are deployed with those of the mesh
 * @param shared contains the files that the meshes of other clusters share with this one; the function adds the files of this mesh
 */
export function emit(
  mesh: ValidMesh,
  neighbors: readonly Neighbor[],
  shared?: SharedFiles,
): Outcome<Emitted> {
  const { objects } = mesh.surroundings
  const isSurveyed =
    mesh.patches.length > 0 || mesh.raw.length > 0 || neighbors.length > 0 || objects.size > 0
  const making = { shared: shared ?? (isSurveyed || hasClaims(mesh) ? new Map() : undefined) }
  let index: FileIndex | undefined
  const findFiles: FileFinder = asked => {
    index ??= indexFiles(mesh)
    return findMadeFiles(index, asked)
  }
  const emitWith =
    (patch: Patch): Emission =>
    (print, asked) =>
      makeFiles(mesh, neighbors, { ...making, patch }, findFiles, print, asked)
  if (!isSurveyed) return outcome({ files: emitWith(unpatched), patched: [] })
  const patcher = makePatcher(mesh)
  const survey = surveyFiles(
    syncedFiles(mesh, { ...making, patch: patcher.apply }),
    key => patcher.isPatched(key) || objects.has(key),
  )
  const diagnostics = [
    ...patcher.check(survey),
    ...checkNeighbors(neighbors, survey),
    ...checkSurroundings(objects, survey),
  ]
  const patched = [...survey.objects].flatMap(([key, manifest]) =>
    manifest !== undefined && patcher.isPatched(key) ? [manifest] : [],
  )
  return outcome({ files: emitWith(patcher.apply), patched }, diagnostics)
}

type Patch = (manifest: Manifest) => Manifest
const unpatched: Patch = manifest => manifest

/** Turns files into the written files. */
interface Making {
  readonly patch: Patch
  readonly shared: SharedFiles | undefined
}

function* makeFiles(
  mesh: Mesh,
  neighbors: readonly Neighbor[],
  making: Making,
  findFiles: FileFinder,
  print: Printer | undefined,
  asked: ReadonlySet<string> | undefined,
): Iterable<ManifestFile | TextFile> {
  // The files elsewhere depend on all of them.
  if (asked !== undefined && [...asked].every(isSynced)) {
    for (const { path, manifests } of listSyncedFiles(findFiles(asked), making)) yield { path, manifests }
    return
  }
  const argocd = print === undefined ? undefined : findArgocdReasons(mesh)
  const delivered = new Delivered()
  const listed: ListedFile[] = []
  const root = meshPath(mesh).value
  const isLast = (path: string) => path === root || path.endsWith('.defaults.yaml')
  const changed = new Set<string>()
  for (const file of syncedFiles(mesh, making)) {
    yield file
    const { place, made, tests } = file
    listed.push({ path: place, kinds: listKinds(file.manifests), isLast: isLast(place.value) })
    if (argocd !== undefined && print !== undefined)
      delivered.addFile(place, file.manifests, new TextEncoder().encode(print(file).text).length)
    if (tests === undefined) continue
    for (const [index, manifest] of file.manifests.entries()) {
      yield emitRuleFile(manifest)
      // Tests hold for the rules as they are made, and as those are that the rules of services work with.
      if (manifest !== made[index]) changed.add(manifest.name)
      if (!changed.has(manifest.name) && !changed.has(objectivesName)) yield* tests(manifest)
    }
  }
  for (const neighbor of neighbors) {
    listed.push({ path: neighbor.place, kinds: listKinds(neighbor.manifests), isLast: false })
    delivered.addFile(neighbor.place, neighbor.manifests, neighbor.bytes)
  }
  yield { path: 'kustomization.yaml', manifests: [emitKustomization(listed)] }
  if (mesh.istio.install.value === 'charts') {
    const planes = mesh.istio.controlPlanes
    for (const plane of planes)
      yield {
        path: `istio/istio-operator${getFileSuffix(plane)}.yaml`,
        manifests: [emitIstioOperator(mesh, plane)],
      }
    yield { path: 'istio/values-base.yaml', manifests: [emitBaseValues(mesh)] }
    for (const plane of planes)
      yield {
        path: `istio/values-istiod${getFileSuffix(plane)}.yaml`,
        manifests: [emitIstiodValues(mesh, plane)],
      }
    if (mesh.istio.cni.value === 'on')
      yield { path: 'istio/values-cni.yaml', manifests: [emitCniValues(mesh)] }
  }
  for (const gateway of listInstalledGateways(mesh)) {
    yield {
      path: `istio/values-${gateway.workload.value}.yaml`,
      manifests: [emitGatewayValues(mesh, gateway)],
    }
  }
  if (argocd !== undefined) yield* emitArgocdFiles(mesh, argocd, delivered)
}

const listKinds = (manifests: readonly Manifest[]): ReadonlySet<string> =>
  new Set(manifests.map(({ kind }) => kind))

const isSynced = (path: string) => path.startsWith('manifests/')

/** A file of `manifests/` as it is written. */
interface SyncedFile extends ManifestFile, Pick<MadeFile, 'tests'> {
  readonly place: Sourced<string>
  /** The manifests before they were patched. */
  readonly made: readonly Manifest[]
}

const syncedFiles = (mesh: Mesh, making: Making): Iterable<SyncedFile> =>
  listSyncedFiles(manifestFiles(mesh), making)

function* listSyncedFiles(files: Iterable<MadeFile>, making: Making): Iterable<SyncedFile> {
  for (const file of files) {
    const synced = syncSharedFile(file, making)
    if (synced.made.length > 0) yield synced
  }
}

/** Syncs a file, unless the mesh of another cluster already does. */
function syncSharedFile(file: MadeFile, { patch, shared }: Making): SyncedFile {
  if (shared === undefined || file.shared === undefined) return syncFile(file, patch)
  const before = shared.get(file.shared)
  if (before !== undefined) return before
  const synced = syncFile(file, patch)
  // The patcher of each cluster has to see the objects that it patches.
  const isPatched = synced.manifests.some((manifest, index) => manifest !== synced.made[index])
  if (!isPatched && shared.size < mostShared) shared.set(file.shared, synced)
  return synced
}

function syncFile({ path, manifests, tests }: MadeFile, patch: Patch): SyncedFile {
  const made = manifests()
  // If all objects of a file share a reason, it is a reason of the file.
  const common = (made[0]?.reasons ?? []).filter(reason =>
    made.every(({ reasons }) => reasons?.includes(reason)),
  )
  const place = common.length > 0 ? because(path, ...common) : path
  return { place, path: place.value, made, manifests: made.map(patch), tests }
}

/** A file of `manifests/` before it is printed. Its path is a value with origins, since the kustomization contains it. */
interface MadeFile {
  readonly path: Sourced<string>
  readonly manifests: () => readonly Manifest[]
  /** The name under which all clusters of an environment share the file; undefined for a file that may differ between clusters. */
  readonly shared?: string
  /** Makes the tests that the rules of an object pass, where all objects of the file are PrometheusRules. */
  readonly tests?: ((rules: Manifest) => readonly TextFile[]) | undefined
}

/** Finds the files of some paths, in their order. */
type FileFinder = (paths: ReadonlySet<string>) => readonly MadeFile[]

/** The files by their paths, each with its place among all. */
type FileIndex = ReadonlyMap<string, readonly { readonly file: MadeFile; readonly place: number }[]>

function indexFiles(mesh: Mesh): FileIndex {
  const index = new Map<string, { file: MadeFile; place: number }[]>()
  let place = 0
  for (const file of manifestFiles(mesh)) {
    const entry = { file, place: place++ }
    const entries = index.get(file.path.value)
    if (entries === undefined) index.set(file.path.value, [entry])
    else entries.push(entry)
  }
  return index
}

const findMadeFiles = (index: FileIndex, paths: ReadonlySet<string>): readonly MadeFile[] =>
  [...paths]
    .flatMap(path => index.get(path) ?? [])
    .sort((a, b) => a.place - b.place)
    .map(({ file }) => file)

/** The files that Argo CD syncs. */
function* manifestFiles(mesh: Mesh): Iterable<MadeFile> {
  const { namespaces, gateways, services, externals } = mesh
  const alike: SharedMesh = mesh
  const namespaceByName = new Map(namespaces.map(namespace => [namespace.name.value, namespace]))
  const exposed = groupByGateway(services)
  yield { path: meshPath(mesh), manifests: () => makeMeshWide(mesh) }
  const { hasOperator } = mesh.observability.prometheus
  if (hasOperator.value)
    yield {
      path: because(alertsPath(mesh), hasOperator),
      manifests: () => emitMeshRules(mesh),
      tests: rules => emitMeshTests(mesh, rules),
    }
  const { dashboard, kiali } = mesh.observability
  const { hasGrafana } = dashboard
  if (hasGrafana.value)
    yield {
      path: because(dashboardPath(mesh), hasGrafana),
      manifests: () => [emitDashboard(mesh, dashboard)],
    }
  if (kiali !== undefined)
    yield { path: because(kialiPath(mesh), kiali.origin), manifests: () => [emitKiali(mesh, kiali)] }
  for (const namespace of namespaces) {
    yield { path: namespacePath(namespace), manifests: () => namespaceObjects(mesh, namespace) }
    if (mesh.managed.kind === 'namespaces')
      yield { path: namespaceDefaultsPath(namespace), manifests: () => namespaceDefaults(mesh, namespace) }
  }
  for (const gateway of gateways) {
    yield* gatewayFiles(mesh, gateway, exposed.get(gateway) ?? nothingShown)
  }
  let objectives: readonly Manifest[] | undefined
  for (const service of services) {
    const home = namespaceByName.get(service.namespace.value)
    const isElsewhere = isRemote(mesh, service)
    yield {
      path: servicePath(service),
      manifests: () => serviceObjects(alike, service, home, isElsewhere),
      shared: `service ${service.key}${isElsewhere ? ', elsewhere' : ''}`,
    }
    if (service.objective === undefined || !hasOperator.value) continue
    objectives ??= emitObjectiveRules(mesh)
    yield objectiveFile(mesh, service, objectives)
  }
  for (const limiter of mesh.rateLimiters)
    yield { path: limitsPath(limiter), manifests: () => emitLimits(mesh, limiter) }
  for (const external of externals)
    yield {
      path: externalPath(external),
      manifests: () => emitExternal(alike, external),
      shared: `external ${external.key}`,
    }
  for (const object of mesh.raw) yield { path: rawPath(object), manifests: () => [emitRaw(object)] }
}

function objectiveFile(mesh: Mesh, service: Service, objectives: readonly Manifest[]): MadeFile {
  const promises = listPromises(service)
  return {
    path: because(objectivePath(mesh, service), ...promises.map(({ written: sourced }) => sourced)),
    manifests: () => emitServiceRules(mesh, service, promises),
    tests: rules => [emitServiceTests(mesh, service, promises, rules, objectives)],
  }
}

/**
 * The files with the routes of a service: its own file, and the files of the gateways that expose it. The function makes only these
 * files, so a few of them cost much less than the whole mesh.
 */
export function* routeFiles(mesh: Mesh, service: Service): Iterable<ManifestFile> {
  const patch = mesh.patches.length === 0 ? unpatched : makePatcher(mesh).apply
  const home = mesh.namespaces.find(({ name }) => name.value === service.namespace.value)
  const objects = serviceObjects(mesh, service, home, isRemote(mesh, service))
  yield { path: servicePath(service).value, manifests: objects.map(patch) }
  const gateways = new Set([...service.exposures, ...service.passages].map(({ gateway }) => gateway))
  if (gateways.size === 0) return
  const exposed = groupByGateway(mesh.services)
  for (const gateway of gateways) {
    for (const { path, manifests } of gatewayFiles(mesh, gateway, exposed.get(gateway) ?? nothingShown))
      yield { path: path.value, manifests: manifests().map(patch) }
  }
}

function makeMeshWide(mesh: Mesh): readonly Manifest[] {
  const isOurs = mesh.istio.install.value === 'charts'
  return [
    ...(mesh.managed.kind === 'mesh'
      ? [
          emitMeshPeerAuthentication(mesh),
          ...(isOpen(mesh) ? [] : [emitDenyByDefault(mesh)]),
          ...emitTelemetry(mesh, mesh.istio.namespace),
        ]
      : []),
    ...(mesh.observability.prometheus.hasOperator.value
      ? [...(isOurs ? [emitServiceMonitor(mesh)] : []), ...emitPodMonitor(mesh)]
      : []),
  ]
}

/** The objects with mesh-wide defaults, if the spec manages the whole mesh. Pods without a sidecar ignore them. */
const namespaceDefaults = (mesh: Mesh, namespace: Namespace): readonly Manifest[] =>
  namespace.injection.value === 'off'
    ? []
    : [...(isOpen(mesh) ? [] : [emitNamespaceDeny(mesh, namespace)]), ...emitTelemetry(mesh, namespace.name)]

const namespaceObjects = (mesh: Mesh, namespace: Namespace): readonly Manifest[] => [
  // The root namespace is the installation's, and its PeerAuthentication speaks for the mesh.
  ...(namespace.name.value === mesh.istio.namespace.value
    ? []
    : [
        ...(mesh.surroundings.declaredNamespaces.has(namespace.name.value)
          ? []
          : [emitNamespace(mesh, namespace)]),
        emitNamespacePeerAuthentication(mesh, namespace),
      ]),
]

function gatewayFiles(mesh: Mesh, gateway: Gateway, { exposed, passed }: Shown): readonly MadeFile[] {
  const routes = () => [
    ...emitGateway(mesh, gateway),
    ...emitGatewayVirtualServices(mesh, gateway, exposed),
    ...(passed.length > 0 ? emitGatewayConnections(mesh, gateway, passed) : []),
    ...emitDoorRoutes(mesh, gateway),
  ]
  const doors = () => emitDoorSubsets(mesh, gateway)
  const certificate = () => emitCertificates(mesh, gateway)
  // In a namespace of others, no policy of the spec denies anything.
  const policy = () => {
    // Istio applies no policy where connections pass by the name of a service.
    if (gateway.isEastWest.value) return []
    if (gateway.isEgress.value) return emitEgressPolicy(mesh, gateway)
    return !isOpen(mesh) && isManaged(mesh, gateway.workloadNamespace)
      ? [emitGatewayPolicy(mesh, gateway)]
      : []
  }
  const tokens = () => emitGatewayAuthentication(mesh, gateway)
  const denials = () => [
    ...emitGatewayAsking(mesh, gateway),
    ...emitGatewayDenials(mesh, gateway),
    ...emitGatewayRateLimit(mesh, gateway, exposed),
  ]
  const path = gatewayPath(gateway)
  if (gateway.workloadNamespace.value === gateway.namespace.value)
    return [
      {
        path,
        manifests: () => [...certificate(), ...doors(), ...routes(), ...tokens(), ...denials(), ...policy()],
      },
    ]
  return [
    { path, manifests: routes },
    {
      path: gatewayWorkloadPath(gateway),
      manifests: () => [...certificate(), ...doors(), ...tokens(), ...denials(), ...policy()],
    },
  ]
}

const isOpen = ({ access }: Mesh): boolean => access.value === 'open'

/** Lists the objects of a service: the same in each cluster that runs it, and the same in each that does not. */
const serviceObjects = (
  mesh: SharedMesh,
  service: Service,
  home: Namespace | undefined,
  isElsewhere: boolean,
): readonly Manifest[] => [
  ...(isElsewhere ? emitRemoteService(mesh, service) : emitMachines(mesh, service)),
  // A service that is never called has no host that a rule could be about.
  ...emitDestinationRule(mesh, service),
  ...emitVirtualService(mesh, service),
  ...(service.sidecar.value === 'off' ? [] : sidecarObjects(mesh, service, home)),
]

/**
 * Lists the objects for the sidecars of a service. If the spec sets that the service has sidecars, this setting is a reason of all of
 * them.
 */
function sidecarObjects(
  mesh: SharedMesh,
  service: Service,
  home: Namespace | undefined,
): readonly Manifest[] {
  const manifests = [
    ...emitPortExceptions(mesh, service, home),
    ...requestAuthentication(mesh, service),
    ...emitServiceAsking(mesh, service),
    ...emitServiceDenials(mesh, service),
    ...emitServiceRateLimit(mesh, service),
    ...emitServicePolicy(mesh, service),
    ...emitSidecar(mesh, service),
  ]
  const { sidecar } = service
  return sidecar.place === undefined
    ? manifests
    : manifests.map(({ reasons = [], ...manifest }) => ({
        ...manifest,
        tree: because(manifest.tree, sidecar),
        reasons: [...reasons, sidecar],
      }))
}

/** All that a gateway shows. */
interface Shown {
  readonly exposed: readonly Exposed[]
  readonly passed: readonly Passed[]
}

const nothingShown: Shown = { exposed: [], passed: [] }

function groupByGateway(services: readonly Service[]): ReadonlyMap<Gateway, Shown> {
  const shown = new Map<Gateway, { readonly exposed: Exposed[]; readonly passed: Passed[] }>()
  const at = (gateway: Gateway) => {
    let here = shown.get(gateway)
    if (here === undefined) {
      here = { exposed: [], passed: [] }
      shown.set(gateway, here)
    }
    return here
  }
  for (const service of services) {
    for (const exposure of service.exposures) at(exposure.gateway).exposed.push({ service, exposure })
    for (const passage of service.passages) at(passage.gateway).passed.push({ service, passage })
  }
  return shown
}
