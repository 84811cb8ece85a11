import type { Mesh } from '../../mesh/mesh.ts'
import { because, decided, type Sourced } from '../../mesh/sourced.ts'
import type { Manifest, ManifestFile } from '../manifest.ts'
import { controlPlaneAppProject, manifestsAppProject } from './app-projects.ts'
import { applications, globOfFiles } from './applications.ts'
import { argocdCm } from './argocd-cm.ts'
import type { Delivered } from './delivered.ts'
import { isArgocdShared } from './destination.ts'
import { rootFile } from './names.ts'
import { notifications } from './notifications.ts'
import { rootApplication } from './root-application.ts'

/** Why an environment has Argo CD's objects: it asks for them, and says which repository is to be read. */
export interface ArgocdReasons {
  readonly repository: Sourced<string>
  readonly asked: Sourced<boolean>
}

/** Undefined where Argo CD has no part in it: without a repository there is nothing that it could read. */
export function argocdReasons({ delivery: { repository, outputs } }: Mesh): ArgocdReasons | undefined {
  const asked = outputs.argocd
  return repository === undefined || asked === undefined ? undefined : { repository, asked }
}

const folder = 'argocd/'

/** What an Argo CD is told of an environment. */
export function argocdFiles(
  mesh: Mesh,
  { repository, asked }: ArgocdReasons,
  delivered: Delivered,
): readonly ManifestFile[] {
  const { slackChannel, cluster } = mesh.delivery
  const fileAt = (path: string, manifests: Iterable<Manifest>): ManifestFile => ({
    path,
    manifests: [...manifests].map(({ tree, ...rest }) => ({
      ...rest,
      tree: because(tree, repository, asked),
    })),
  })
  const file = (name: string, manifests: Iterable<Manifest>) => fileAt(`${folder}${name}.yaml`, manifests)
  const settings = [
    file('argocd-cm', [argocdCm(mesh)]),
    ...(slackChannel === undefined ? [] : [file('notifications', [notifications(mesh, slackChannel)])]),
  ]
  const deliveries = [
    file('app-projects', [controlPlaneAppProject(mesh), manifestsAppProject(mesh, repository, delivered)]),
    file('applications', applications(mesh, repository, delivered)),
  ]
  // Where Argo CD looks after several clusters, its settings are of none of them: two Applications would fight over them.
  const brought = [...(isArgocdShared(mesh) ? [] : settings), ...deliveries]
  const names = [...brought.map(({ path }) => path), rootFile].map(path =>
    decided('policy:application', path.slice(folder.length)),
  )
  const include = because(globOfFiles(names), cluster, ...(slackChannel === undefined ? [] : [slackChannel]))
  return [...settings, ...deliveries, fileAt(rootFile, [rootApplication(mesh, repository, include)])]
}
