import type { ManifestFile, TextFile } from '../emit/manifest.ts'

/** What is built of an environment beside its documents: they tell of what is there, and of nothing else. */
export class Built {
  /** The Argo CD Applications, in the order in which they become healthy. */
  readonly applications: string[] = []

  add(file: ManifestFile | TextFile): void {
    if ('text' in file || !file.path.startsWith('argocd/')) return
    for (const { kind, name } of file.manifests) if (kind === 'Application') this.applications.push(name)
  }
}
