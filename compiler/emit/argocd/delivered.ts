import { compare } from '../../diagnostics/compare.ts'
import { because, type Reason, Sourced } from '../../mesh/sourced.ts'
import type { Manifest } from '../manifest.ts'

/** A kind of object that is there, with the reasons of the first of them. */
interface DeliveredKind {
  readonly group: Sourced<string>
  readonly kind: Sourced<string>
}

/** A folder of `manifests/`. */
interface DeliveredFolder {
  /** The path below `out/<env>/`. */
  readonly path: string
  /** The size of its files together. */
  readonly bytes: number
  /** The paths of its files, below `out/<env>/`. */
  readonly files: readonly Sourced<string>[]
}

/** The content of `manifests/` that Argo CD delivers. It notes each file while the file is made, and keeps no file. */
export class Delivered {
  private readonly kindByKey = new Map<string, DeliveredKind>()
  private readonly clusterKindByKey = new Map<string, DeliveredKind & { readonly name: Sourced<string> }>()
  private readonly namespaceByName = new Map<string, Sourced<string>>()
  private readonly folderByPath = new Map<string, { bytes: number; readonly files: Sourced<string>[] }>()

  /** @param place the path of the file, below `out/<env>/` */
  addFile(place: Sourced<string>, manifests: readonly Manifest[], bytes: number): void {
    const path = place.value.slice(0, place.value.lastIndexOf('/'))
    const folder = this.folderByPath.get(path)
    if (folder === undefined) this.folderByPath.set(path, { bytes, files: [place] })
    else {
      folder.bytes += bytes
      folder.files.push(place)
    }
    for (const manifest of manifests) this.addManifest(manifest)
  }

  private addManifest({ kind, name, namespace, tree }: Manifest): void {
    const version = scalarAt(tree, 'apiVersion')
    const key = `${kind} ${version.value}`
    if (namespace === undefined) {
      const named = { ...getDeliveredKind(tree, version), name: scalarAt(tree, 'metadata', 'name') }
      this.clusterKindByKey.set(`${key} ${name}`, named)
      return
    }
    if (!this.kindByKey.has(key)) this.kindByKey.set(key, getDeliveredKind(tree, version))
    if (!this.namespaceByName.has(namespace))
      this.namespaceByName.set(namespace, scalarAt(tree, 'metadata', 'namespace'))
  }

  /** The kinds of objects that have a namespace. */
  get kinds(): readonly DeliveredKind[] {
    return sortValues(this.kindByKey)
  }

  /** The kinds of objects without a namespace. */
  get clusterKinds(): readonly (DeliveredKind & { readonly name: Sourced<string> })[] {
    return sortValues(this.clusterKindByKey)
  }

  get namespaces(): readonly Sourced<string>[] {
    return sortValues(this.namespaceByName)
  }

  /** The folders in the order of their paths. */
  get folders(): readonly DeliveredFolder[] {
    return [...this.folderByPath]
      .sort(([a], [b]) => compare(a, b))
      .map(([path, folder]) => ({ path, ...folder }))
  }
}

const getDeliveredKind = (tree: unknown, version: Sourced<string>): DeliveredKind => ({
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

const sortValues = <T>(map: ReadonlyMap<string, T>): readonly T[] =>
  [...map].sort(([a], [b]) => compare(a, b)).map(([, value]) => value)
