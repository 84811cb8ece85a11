import type { Mesh } from '../../mesh/mesh.ts'
import { ownCluster } from '../../mesh/own-cluster.ts'
import { decided, type Sourced, text } from '../../mesh/sourced.ts'
import type { Manifest } from '../manifest.ts'
import { emitApplication } from './applications.ts'
import { waves } from './waves.ts'

/**
 * The Application of the Applications: a person applies it once, and Argo CD brings every later change of this folder, its own
 * among them. Without it a new version of Istio, or new settings of the mesh, would stay in git.
 *
 * See https://argo-cd.readthedocs.io/en/stable/operator-manual/cluster-bootstrapping/
 *
 * @param include a pattern of the files that it brings, below `out/<env>/argocd`
 */
export function emitRootApplication(
  mesh: Mesh,
  repository: Sourced<string>,
  include: Sourced<string>,
): Manifest {
  const { delivery } = mesh
  const folder = decided('policy:application', 'argocd')
  const spec = {
    // It delivers the AppProjects, so it is in none of them.
    project: decided('policy:application', 'default'),
    source: {
      repoURL: repository,
      targetRevision: delivery.revision,
      path: text`${delivery.path}/${folder}`,
      // Argo CD ignores files that another owner puts into the folder.
      directory: {
        recurse: false,
        include,
      },
    },
    // Applications are in Argo CD's own cluster, whichever cluster they deploy to.
    destination: {
      server: decided('policy:application', ownCluster),
      namespace: delivery.argocd.namespace,
    },
    syncPolicy: decided('policy:sync', {
      // It keeps the Applications as committed. `delivery.sync` decides when each of them syncs.
      automated: { prune: false, selfHeal: true },
      syncOptions: ['ServerSideApply=true'] as const,
      retry: { limit: 5, refresh: true, backoff: { duration: '10s', factor: 2, maxDuration: '3m' } },
    }),
  }
  return emitApplication(
    mesh,
    decided('policy:application', 'root'),
    'applications',
    waves.applications,
    spec,
  )
}
