import type { Manifest, ManifestFile, TextFile } from '../emit/manifest.ts'

/** What is built of an environment beside its documents: they tell of what is there, and of nothing else. */
export class Built {
  /** The folders below `out/<env>/`. */
  readonly folders = new Set<string>()
  /** The Argo CD Applications, in the order in which they become healthy. */
  readonly applications: string[] = []

  add(file: ManifestFile | TextFile): void {
    const folder = file.path.slice(0, file.path.indexOf('/'))
    this.folders.add(folder)
    if (folder === 'argocd' && !('text' in file))
      this.applications.push(...namesOf(file.manifests, 'Application'))
  }
}

const namesOf = (manifests: readonly Manifest[], kind: string) =>
  manifests.filter(one => one.kind === kind).map(({ name }) => name)
