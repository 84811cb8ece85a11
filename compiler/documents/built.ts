import { rootFile } from '../emit/argocd/names.ts'
import type { ManifestFile, TextFile } from '../emit/manifest.ts'

/** The files of an environment other than its documents. Documents mention only files that exist. */
export class Built {
  /** The Argo CD Applications, in the order in which they become healthy, without the root Application. */
  readonly applications: string[] = []
  /** The paths of the manifests: a service with Istio's defaults only has none. */
  readonly manifests = new Set<string>()
  /** The Application that brings the others. */
  rootApplication: string | undefined

  add(file: ManifestFile | TextFile): void {
    if ('text' in file) return
    if (file.path.startsWith('manifests/')) this.manifests.add(file.path)
    if (!file.path.startsWith('argocd/')) return
    const names = file.manifests.flatMap(({ kind, name }) => (kind === 'Application' ? name : []))
    if (file.path === rootFile) this.rootApplication = names[0]
    else this.applications.push(...names)
  }
}
