import type { Mesh } from '../../mesh/mesh.ts'
import { because, decided, type Sourced } from '../../mesh/sourced.ts'
import type { Manifest, ManifestFile } from '../manifest.ts'
import { emitControlPlaneAppProject, emitManifestsAppProject } from './app-projects.ts'
import { emitApplications, makeGlob } from './applications.ts'
import { emitArgocdCm } from './argocd-cm.ts'
import type { Delivered } from './delivered.ts'
import { isArgocdShared } from './destination.ts'
import { rootFile } from './names.ts'
import { emitNotifications } from './notifications.ts'
import { emitRootApplication } from './root-application.ts'

/** The reasons why an environment has Argo CD's objects: the setting that requests them, and the repository. */
interface ArgocdReasons {
  readonly repository: Sourced<string>
  readonly asked: Sourced<boolean>
}

/**
 * Finds the reasons; undefined where Argo CD has no part in it: without a repository there is nothing that it could
 * read.
 */
export function findArgocdReasons({ delivery: { repository, outputs } }: Mesh): ArgocdReasons | undefined {
  const argocd = outputs.argocd
  return repository === undefined || argocd === undefined ? undefined : { repository, asked: argocd }
}

const folder = 'argocd/'

/** Emits the files that register an environment in Argo CD. */
export function emitArgocdFiles(
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
    file('argocd-cm', [emitArgocdCm(mesh)]),
    ...(slackChannel === undefined ? [] : [file('notifications', [emitNotifications(mesh, slackChannel)])]),
  ]
  const deliveries = [
    file('app-projects', [
      ...emitControlPlaneAppProject(mesh),
      emitManifestsAppProject(mesh, repository, delivered),
    ]),
    file('applications', emitApplications(mesh, repository, delivered)),
  ]
  // The settings of an Argo CD for several clusters belong to none of them: two Applications would overwrite each other.
  const brought = [...(isArgocdShared(mesh) ? [] : settings), ...deliveries]
  const names = [...brought.map(({ path }) => path), rootFile].map(path =>
    decided('policy:application', path.slice(folder.length)),
  )
  const include = because(makeGlob(names), cluster, ...(slackChannel === undefined ? [] : [slackChannel]))
  return [...settings, ...deliveries, fileAt(rootFile, [emitRootApplication(mesh, repository, include)])]
}
