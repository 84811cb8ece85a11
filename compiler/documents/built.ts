import { rootFile } from '../emit/argocd/names.ts'
import type { ManifestFile, TextFile } from '../emit/manifest.ts'

/**
 * The files that are built of an environment beside its documents: they tell of what is there, and of nothing
 * else.
 */
export class Built {
  /** The Argo CD Applications, in the order in which they become healthy, without the one that brings them. */
  readonly applications: string[] = []
  /** The Application that brings the others. */
  rootApplication: string | undefined

  add(file: ManifestFile | TextFile): void {
    if ('text' in file || !file.path.startsWith('argocd/')) return
    const names = file.manifests.flatMap(({ kind, name }) => (kind === 'Application' ? name : []))
    if (file.path === rootFile) this.rootApplication = names[0]
    else this.applications.push(...names)
  }
}
