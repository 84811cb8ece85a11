import type { AppProjectSpec, ClusterKind, NamespacedKind } from '../../../schema/generated/app-project.ts'
import { listInstalledGateways } from '../../mesh/installed-gateways.ts'
import type { Mesh } from '../../mesh/mesh.ts'
import { because, decided, type Sourced, text } from '../../mesh/sourced.ts'
import type { Manifest } from '../manifest.ts'
import type { Bare } from '../sourceable.ts'
import { emitArgocdObject } from './argocd-object.ts'
import { chooseChartRepository } from './chart-repository.ts'
import type { Delivered } from './delivered.ts'
import { makeDeliveryDestination } from './destination.ts'
import { controlPlaneProject, manifestsProject } from './names.ts'
import { makeSubscriptions } from './notifications.ts'
import { waves } from './waves.ts'

/** Emits the AppProject of the git repository: it allows exactly the kinds and namespaces that are there. */
export function emitManifestsAppProject(
  mesh: Mesh,
  repository: Sourced<string>,
  delivered: Delivered,
): Manifest {
  return appProject(mesh, manifestsProject(mesh), {
    description: text`What meshc builds for ${mesh.name} in ${mesh.environment}`,
    sourceRepos: [repository],
    destinations: makeProjectDestinations(mesh, delivered.namespaces),
    clusterResourceWhitelist: delivered.clusterKinds.map(clusterKind =>
      because(clusterKind, clusterKind.kind, clusterKind.name),
    ),
    namespaceResourceWhitelist: delivered.kinds.map(kind => because(kind, kind.kind, kind.group)),
  })
}

/**
 * Emits the AppProject of Istio's charts; none without charts. It is separate, so that the owners of a mesh cannot change their own
 * control plane.
 */
export function emitControlPlaneAppProject(mesh: Mesh): readonly Manifest[] {
  const namespaces = namespacesOfCharts(mesh)
  if (namespaces.length === 0) return []
  return [
    appProject(mesh, controlPlaneProject(mesh), {
      description: text`Istio for ${mesh.name} in ${mesh.environment}`,
      sourceRepos: [chooseChartRepository(mesh)],
      destinations: makeProjectDestinations(mesh, namespaces),
      clusterResourceWhitelist: [
        ...(mesh.istio.install.value === 'charts' ? clusterKindsOfCharts : []),
        ...namespaces.map(name => because({ group: '', kind: 'Namespace', name }, name)),
      ],
      namespaceResourceWhitelist: [...kindsOfCharts, ...listKindsOfCni(mesh)],
    }),
  ]
}

function appProject(mesh: Mesh, name: Sourced<string>, spec: Bare<AppProjectSpec>): Manifest {
  const { window, sync } = mesh.delivery
  const identity = {
    name,
    wave: waves.projects,
    policy: 'policy:app-project',
    annotations: makeSubscriptions(mesh),
  } as const
  const syncWindows =
    window === undefined
      ? undefined
      : decided('policy:sync-window', [
          because(
            {
              kind: 'allow' as const,
              schedule: window.schedule,
              duration: window.duration,
              applications: ['*'],
              // The window limits Argo CD if it syncs automatically, otherwise people.
              manualSync: sync.map(sync => sync === 'automatic'),
              timeZone: window.timeZone,
            },
            window.schedule,
            window.duration,
          ),
        ])
  return emitArgocdObject(mesh, 'AppProject', identity, { ...spec, syncWindows })
}

/** An entry is there because of its namespace. */
const makeProjectDestinations = (mesh: Mesh, namespaces: readonly Sourced<string>[]) =>
  namespaces.map(namespace => because(makeDeliveryDestination(mesh, namespace), namespace))

/** Lists the namespaces of the charts, istiod's and the gateways', sorted, each once. */
function namespacesOfCharts(mesh: Mesh): readonly Sourced<string>[] {
  const { istio } = mesh
  const namespaces = new Map(
    istio.install.value === 'charts' ? [[istio.namespace.value, istio.namespace] as const] : [],
  )
  for (const { name, namespace } of listInstalledGateways(mesh)) {
    if (!namespaces.has(namespace.value)) namespaces.set(namespace.value, because(namespace, name))
  }
  return [...namespaces.values()].sort((a, b) => (a.value < b.value ? -1 : 1))
}

/** Lists the kinds that only the chart `cni` has. */
const listKindsOfCni = ({ istio: { install, cni } }: Mesh) =>
  install.value === 'charts' && cni.value === 'on' ? [because({ group: 'apps', kind: 'DaemonSet' }, cni)] : []

const rbac = 'rbac.authorization.k8s.io'
const admission = 'admissionregistration.k8s.io'

/** The kinds of Istio's charts; test/oracle renders them and holds the lists against it. */
const clusterKindsOfCharts: readonly ClusterKind[] = [
  { group: admission, kind: 'MutatingWebhookConfiguration', name: 'istio*' },
  { group: admission, kind: 'ValidatingWebhookConfiguration', name: 'istio*' },
  { group: 'apiextensions.k8s.io', kind: 'CustomResourceDefinition', name: '*.istio.io' },
  { group: rbac, kind: 'ClusterRole', name: 'istio*' },
  { group: rbac, kind: 'ClusterRoleBinding', name: 'istio*' },
]
const kindsOfCharts: readonly NamespacedKind[] = [
  { group: '', kind: 'ConfigMap' },
  { group: '', kind: 'Service' },
  { group: '', kind: 'ServiceAccount' },
  { group: 'apps', kind: 'Deployment' },
  { group: 'autoscaling', kind: 'HorizontalPodAutoscaler' },
  { group: 'policy', kind: 'PodDisruptionBudget' },
  { group: rbac, kind: 'Role' },
  { group: rbac, kind: 'RoleBinding' },
  // No chart contains this kind. Argo CD shows pods beside their Deployment only if the kind is listed.
  { group: '', kind: 'Pod' },
  { group: 'apps', kind: 'ReplicaSet' },
]
