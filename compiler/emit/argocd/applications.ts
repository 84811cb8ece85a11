import type { ApplicationSpec, SyncOption, SyncPolicy } from '../../../schema/generated/application.ts'
import { networkLabel } from '../../mesh/clusters.ts'
import { findNewestVersion, findRevisionWord, followRevision } from '../../mesh/control-planes.ts'
import { listInstalledGateways } from '../../mesh/installed-gateways.ts'
import type { InstalledGateway, Mesh } from '../../mesh/mesh.ts'
import { because, decided, type Reason, Sourced, text } from '../../mesh/sourced.ts'
import { emitBaseValues, emitCniValues, emitGatewayValues, emitIstiodValues } from '../helm/values.ts'
import type { Manifest } from '../manifest.ts'
import { servicePath } from '../paths.ts'
import type { Sourceable } from '../sourceable.ts'
import { emitArgocdObject } from './argocd-object.ts'
import { chooseChartRepository } from './chart-repository.ts'
import type { Delivered } from './delivered.ts'
import { makeDeliveryDestination } from './destination.ts'
import { applicationName, controlPlaneProject, istiodRelease, manifestsProject } from './names.ts'
import { waves } from './waves.ts'

/**
 * Argo CD reads at most 10 MB from a folder, see `reposerver.max.combined.directory.manifests.size`. A mesh may grow
 * by as much again before the next build.
 */
const largestApplication = 5_000_000

/** The Applications of an environment, in the order in which they are meant to become healthy. */
export function* emitApplications(
  mesh: Mesh,
  repository: Sourced<string>,
  delivered: Delivered,
): Iterable<Manifest> {
  if (mesh.istio.install.value === 'charts') yield* controlPlaneApplications(mesh)
  for (const gateway of listInstalledGateways(mesh)) yield gatewayApplication(mesh, gateway)
  yield* manifestApplications(mesh, repository, delivered)
}

function* controlPlaneApplications(mesh: Mesh): Iterable<Manifest> {
  yield chartApplication(mesh, {
    chart: 'base',
    release: decided('policy:application', 'istio-base'),
    part: decided('policy:application', 'base'),
    wave: waves.base,
    namespace: mesh.istio.namespace,
    version: findNewestVersion(mesh.istio),
    values: emitBaseValues(mesh),
  })
  for (const plane of mesh.istio.controlPlanes)
    yield chartApplication(mesh, {
      chart: 'istiod',
      release: istiodRelease(plane),
      part: istiodRelease(plane),
      wave: waves.istiod,
      namespace: mesh.istio.namespace,
      version: plane.version,
      values: emitIstiodValues(mesh, plane),
    })
  const { cni } = mesh.istio
  if (cni.value === 'on')
    yield chartApplication(mesh, {
      chart: 'cni',
      release: because('istio-cni', 'policy:application', cni),
      part: because('cni', 'policy:application', cni),
      wave: waves.istiod,
      namespace: mesh.istio.namespace,
      version: mesh.istio.version,
      values: emitCniValues(mesh),
    })
}

function gatewayApplication(mesh: Mesh, gateway: InstalledGateway): Manifest {
  return chartApplication(mesh, {
    chart: 'gateway',
    // The chart labels the pods after its release, and the Gateway selects them by that label.
    release: gateway.workload,
    part: gateway.workload,
    wave: waves.gateways,
    namespace: gateway.namespace,
    version:
      followRevision(mesh.istio, findRevisionWord(mesh, gateway.namespace.value))?.version ??
      mesh.istio.version,
    values: emitGatewayValues(mesh, gateway),
  })
}

/**
 * Yields one Application for all, unless there is so much that Argo CD would not read it: then one for each folder.
 */
function* manifestApplications(
  mesh: Mesh,
  repository: Sourced<string>,
  delivered: Delivered,
): Iterable<Manifest> {
  const { folders } = delivered
  const bytes = folders.reduce((sum, folder) => sum + folder.bytes, 0)
  const everything = decided('policy:application', 'manifests')
  const absences = listAbsences(mesh, folders)
  if (bytes <= largestApplication) {
    yield manifestApplication(mesh, repository, {
      part: everything,
      folder: everything,
      files: folders.flatMap(({ files }) => files),
      absences,
      wave: waves.manifests,
      // Two environments that are delivered to one cluster by mistake do not take each other's place.
      syncOptions: ['FailOnSharedResource=true'],
    })
    return
  }
  const root = `manifests/${mesh.home.value}`
  for (const { path, files } of folders) {
    const folder = decided('policy:application', path)
    const part = folder.map(path => path.replace('/', '-'))
    // An object for the whole mesh is in the root namespace, and comes after every exception to it.
    yield manifestApplication(mesh, repository, {
      part,
      folder,
      files,
      absences,
      wave: path === root ? waves.root : waves.manifests,
      // The parts take over the objects of the whole, which all have its mark.
      syncOptions: [],
    })
  }
}

/** Lists the reasons why services have no file: their specs set only Istio's defaults. */
function listAbsences(mesh: Mesh, folders: Delivered['folders']): readonly Reason[] {
  const paths = new Set(folders.flatMap(({ files }) => files.map(({ value }) => value)))
  const { dashboard, prometheus } = mesh.observability
  const tools = [dashboard.hasGrafana, prometheus.hasOperator].filter(({ value }) => !value)
  const services = mesh.services
    .filter(service => !paths.has(servicePath(service).value))
    .flatMap(({ ports, sidecar, policy: { timeout, retries, loadBalancing, limitless } }) => [
      mesh.sidecarScope,
      mesh.access,
      sidecar,
      timeout,
      retries.attempts,
      loadBalancing.policy,
      ...limitless,
      ...ports.flatMap(({ refinement }) => refinement?.origins ?? []),
    ])
  return [...tools, ...services]
}

interface ManifestPart {
  readonly part: Sourced<string>
  /** The path below `out/<env>/`. */
  readonly folder: Sourced<string>
  /** The files of the folder, below `out/<env>/`. */
  readonly files: readonly Sourced<string>[]
  /** The reasons why there are no others. */
  readonly absences: readonly Reason[]
  readonly wave: number
  readonly syncOptions: readonly SyncOption[]
}

function manifestApplication(
  mesh: Mesh,
  repository: Sourced<string>,
  { part, folder, files, absences, wave, syncOptions }: ManifestPart,
): Manifest {
  const { delivery, home } = mesh
  const spec = {
    project: manifestsProject(mesh),
    source: {
      repoURL: repository,
      targetRevision: delivery.revision,
      path: text`${delivery.path}/${folder}`,
      // The setting is explicit, so that Argo CD does not detect another tool by a file in the folder.
      directory: {
        recurse: true,
        include: because(
          makeGlob(files.map(file => file.map(path => path.slice(folder.value.length + 1)))),
          ...absences,
        ),
      },
    },
    // Every object names its own.
    destination: makeDeliveryDestination(mesh, home),
    syncPolicy: syncPolicy(mesh, ['ServerSideApply=true', 'ApplyOutOfSyncOnly=true', ...syncOptions]),
  }
  return emitApplication(mesh, part, 'manifests', wave, spec, {
    // A commit in another folder of the repository does not affect this Application.
    'argocd.argoproj.io/manifest-generate-paths': decided('policy:application', '.'),
  })
}

/**
 * The pattern that matches exactly these files: Argo CD ignores files that another owner puts into the folder. See
 * https://argo-cd.readthedocs.io/en/stable/user-guide/directory/
 */
export function makeGlob(files: readonly Sourced<string>[]): Sourced<string> {
  const paths = files.map(({ value }) => value.replaceAll(/[*?!,[\]{}\\]/g, '\\$&'))
  return new Sourced(`{${paths.sort().join(',')}}`, ['policy:application', ...files])
}

interface ChartPart {
  readonly chart: 'base' | 'istiod' | 'cni' | 'gateway'
  readonly release: Sourced<string>
  readonly part: Sourced<string>
  readonly wave: number
  readonly namespace: Sourced<string>
  readonly version: Sourced<string>
  readonly values: Manifest
}

function chartApplication(
  mesh: Mesh,
  { chart, release, part, wave, namespace, version, values }: ChartPart,
): Manifest {
  const spec = {
    project: controlPlaneProject(mesh),
    source: {
      repoURL: chooseChartRepository(mesh),
      chart,
      targetRevision: version,
      // The tree has the values of this chart.
      helm: { releaseName: release, valuesObject: values.tree as Sourced<Readonly<Record<string, unknown>>> },
    },
    destination: makeDeliveryDestination(mesh, namespace),
    // Without its CRDs, Istio would lose every object: the CRDs of the chart `base` are never pruned.
    syncPolicy: syncPolicy(mesh, ['ServerSideApply=true', 'CreateNamespace=true'], {
      prune: chart !== 'base',
      ...(chart === 'base' && labelRootNamespace(mesh)),
    }),
  }
  return emitApplication(mesh, part, chart === 'gateway' ? 'gateway' : 'control-plane', wave, spec)
}

export function emitApplication(
  mesh: Mesh,
  part: Sourced<string>,
  component: string,
  wave: number,
  spec: Sourceable<ApplicationSpec>,
  annotations: Readonly<Record<string, Sourced<string>>> = {},
): Manifest {
  const identity = {
    name: applicationName(mesh, part),
    wave,
    policy: 'policy:application',
    labels: {
      'app.kubernetes.io/component': decided('policy:application', component),
      environment: mesh.environment,
      ...(mesh.cluster && { cluster: mesh.cluster.name }),
    },
    annotations: {
      // Argo CD compares the object that the API server would make of it, its webhooks asked.
      'argocd.argoproj.io/compare-options': decided('policy:sync', 'ServerSideDiff=true'),
      ...annotations,
    },
  } as const
  return emitArgocdObject(mesh, 'Application', identity, spec)
}

/** Labels the root namespace with the network of its cluster. istiod uses it for pods without a network label. */
function labelRootNamespace({ cluster }: Mesh): SyncPolicyFields {
  const network = cluster?.network
  return network === undefined ? {} : { managedNamespaceMetadata: { labels: { [networkLabel]: network } } }
}

interface SyncPolicyFields {
  readonly prune?: boolean
  readonly managedNamespaceMetadata?: Sourceable<NonNullable<SyncPolicy['managedNamespaceMetadata']>>
}

function syncPolicy(
  mesh: Mesh,
  syncOptions: readonly SyncOption[],
  { prune = true, managedNamespaceMetadata }: SyncPolicyFields = {},
): Sourceable<SyncPolicy> {
  const { sync } = mesh.delivery
  return decided('policy:sync', {
    // With manual sync, the field is absent: an Argo CD before 3.1 ignores `enabled: false`.
    ...(sync.value === 'automatic' && { automated: because({ prune, selfHeal: true }, sync) }),
    ...(managedNamespaceMetadata && { managedNamespaceMetadata }),
    syncOptions,
    // The next retry uses a newer commit, which may fix the failure.
    retry: { limit: 5, refresh: true, backoff: { duration: '10s', factor: 2, maxDuration: '3m' } },
  })
}
