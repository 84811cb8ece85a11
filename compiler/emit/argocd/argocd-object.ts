import { type BodyByKind, manifestForms } from '../../../schema/generated/targets.ts'
import type { Decision } from '../../mesh/decisions.ts'
import type { Mesh } from '../../mesh/mesh.ts'
import { because, decided, type Sourced } from '../../mesh/sourced.ts'
import { addOwnerLabels, type Manifest } from '../manifest.ts'
import type { Sourceable } from '../sourceable.ts'
import { waves } from './waves.ts'

/** The identity, the sync wave and the comment of an object of Argo CD's own. */
interface ArgocdIdentity {
  readonly name: Sourced<string>
  readonly wave: number
  readonly policy: Decision
  readonly labels?: Readonly<Record<string, Sourced<string>>>
  readonly annotations?: Readonly<Record<string, Sourced<string>>>
}

/** An AppProject or Application, in the namespace of Argo CD. */
export function emitArgocdObject<Kind extends 'AppProject' | 'Application'>(
  mesh: Mesh,
  kind: Kind,
  { name, wave, policy, labels = {}, annotations = {} }: ArgocdIdentity,
  spec: Sourceable<BodyByKind[Kind]>,
): Manifest {
  const { namespace } = mesh.delivery.argocd
  const tree = {
    apiVersion: decided('policy:object', manifestForms[kind].apiVersion),
    kind: decided('policy:object', kind),
    metadata: {
      name,
      namespace,
      labels: addOwnerLabels(mesh, labels),
      annotations: { ...makeSyncWave(wave), ...annotations },
    },
    spec: decided(policy, spec),
  }
  return { kind, name: name.value, namespace: namespace.value, tree: because(tree, name, namespace) }
}

/**
 * A ConfigMap with settings of Argo CD. It belongs to the installation: server-side apply adds keys, removes none, and never prunes
 * it. Argo CD finds it by its label.
 */
export function emitArgocdSettings(
  mesh: Mesh,
  name: string,
  policy: Decision,
  data: Readonly<Record<string, Sourceable<string>>>,
): Manifest {
  const { namespace } = mesh.delivery.argocd
  const tree = {
    apiVersion: manifestForms.ConfigMap.apiVersion,
    kind: 'ConfigMap',
    metadata: {
      name,
      namespace,
      labels: { 'app.kubernetes.io/part-of': 'argocd' },
      annotations: {
        ...makeSyncWave(waves.settings),
        'argocd.argoproj.io/sync-options': decided(
          'policy:sync',
          'ServerSideApply=true,Prune=false,Delete=false',
        ),
      },
    },
    data,
  }
  return { kind: 'ConfigMap', name, namespace: namespace.value, tree: because(tree, policy, namespace) }
}

const makeSyncWave = (wave: number) => ({
  'argocd.argoproj.io/sync-wave': decided('policy:sync-wave', String(wave)),
})
