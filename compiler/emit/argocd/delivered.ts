import { compare } from '../../diagnostics/compare.ts'
import { because, type Reason, Sourced } from '../../mesh/sourced.ts'
import type { Manifest, ManifestFile } from '../manifest.ts'

/** A kind of object that is there, with the reasons of the first of them. */
export interface DeliveredKind {
  readonly group: Sourced<string>
  readonly kind: Sourced<string>
}

/** What Argo CD finds in `manifests/`: told of each file while it is made, so that none is kept. */
export class Delivered {
  private readonly kindByKey = new Map<string, DeliveredKind>()
  private readonly clusterKindByKey = new Map<string, DeliveredKind & { readonly name: Sourced<string> }>()
  private readonly namespaceByName = new Map<string, Sourced<string>>()
  private readonly bytesByFolder = new Map<string, number>()

  add({ path, manifests }: ManifestFile, text: string): void {
    const folder = path.slice(0, path.lastIndexOf('/'))
    this.bytesByFolder.set(folder, (this.bytesByFolder.get(folder) ?? 0) + Buffer.byteLength(text))
    for (const manifest of manifests) this.addManifest(manifest)
  }

  private addManifest({ kind, name, namespace, tree }: Manifest): void {
    const version = scalarAt(tree, 'apiVersion')
    const key = `${kind} ${version.value}`
    if (namespace === undefined) {
      const named = { ...kindOf(tree, version), name: scalarAt(tree, 'metadata', 'name') }
      this.clusterKindByKey.set(`${key} ${name}`, named)
      return
    }
    if (!this.kindByKey.has(key)) this.kindByKey.set(key, kindOf(tree, version))
    if (!this.namespaceByName.has(namespace))
      this.namespaceByName.set(namespace, scalarAt(tree, 'metadata', 'namespace'))
  }

  /** The kinds of objects that have a namespace. */
  get kinds(): readonly DeliveredKind[] {
    return sorted(this.kindByKey)
  }

  /** The objects that have none. */
  get clusterKinds(): readonly (DeliveredKind & { readonly name: Sourced<string> })[] {
    return sorted(this.clusterKindByKey)
  }

  get namespaces(): readonly Sourced<string>[] {
    return sorted(this.namespaceByName)
  }

  /** The folders with their bytes, by their path below `out/<env>/`. */
  get folders(): readonly (readonly [path: string, bytes: number])[] {
    return [...this.bytesByFolder].sort(([a], [b]) => compare(a, b))
  }
}

const kindOf = (tree: unknown, version: Sourced<string>): DeliveredKind => ({
  group: version.map(version => (version.includes('/') ? version.slice(0, version.indexOf('/')) : '')),
  kind: scalarAt(tree, 'kind'),
})

/** A text in a tree, for all the reasons round it, the nearest first. */
function scalarAt(tree: unknown, ...path: readonly string[]): Sourced<string> {
  const reasons: Reason[] = []
  let value = tree
  for (let depth = 0; ; depth++) {
    for (; value instanceof Sourced; value = value.value) reasons.unshift(value)
    const key = path[depth]
    // Every object has an apiVersion, a kind and metadata with a name.
    if (key === undefined) return because(value as string, ...reasons)
    value = (value as Readonly<Record<string, unknown>>)[key]
  }
}

const sorted = <T>(map: ReadonlyMap<string, T>): readonly T[] =>
  [...map].sort(([a], [b]) => compare(a, b)).map(([, value]) => value)
