import { spend } from '../behavior/budget.ts'
import type { ManifestObject } from '../behavior/manifest-object.ts'
import type { Place, SpecPath } from '../diagnostics/diagnostic.ts'
import { indexLines } from '../diagnostics/lines.ts'
import type { Source } from '../diagnostics/source.ts'
import type { CompiledManifests } from '../manifests/compiled-objects.ts'
import { nameOfObject } from '../manifests/name-of-object.ts'
import { isMap } from '../source/document.ts'
import { type Reads, viewTree } from './view.ts'

/** A manifest that a policy checks. */
export interface CheckedManifest {
  /** The words of a message: `` `VirtualService/shop/cart` ``. */
  readonly name: string
  readonly kind: string
  /** The view of the object, which is made when it is first asked for. */
  readonly object: object
  /** Finds the place behind the value at a path of the manifest, or else behind the manifest. */
  findPlace(path: SpecPath): Place
}

/** Lists the manifests of an environment, as expressions read them: they note the path of each value that is read. */
export function listManifests(compiled: CompiledManifests, reads: Reads): readonly CheckedManifest[] {
  const manifests: CheckedManifest[] = []
  for (const { path: file, kind, object } of compiled.manifests('for-cluster')) {
    if (!file.startsWith('manifests/')) continue
    const name = nameOfObject(object)
    const getView = makeView(object, reads)
    manifests.push({
      name: `\`${name}\``,
      kind,
      get object() {
        return getView()
      },
      findPlace: path => ({ path: findOrigin(compiled, file, name, path) ?? [] }),
    })
  }
  return manifests
}

/** Lists the manifests of other owners, in the texts of their files. */
export function listForeignManifests(
  objects: readonly ManifestObject[],
  sources: readonly Source[],
  reads: Reads,
): readonly CheckedManifest[] {
  const getLines = indexLines(sources)
  const checked: CheckedManifest[] = []
  for (const manifest of objects) {
    const { value, file } = manifest
    const kind = isMap(value) ? value['kind'] : undefined
    if (typeof kind !== 'string') continue
    const getView = makeView(value, reads)
    checked.push({
      name: `\`${nameOfObject(value)}\``,
      kind,
      get object() {
        return getView()
      },
      findPlace: path => {
        const lines = getLines(file)
        const line = manifest.lineOf(path)
        if (lines === undefined) return { location: { file, start: 0, end: 0 } }
        const [indent = ''] = /^[\s-]*/.exec(lines.lineAt(line)) ?? []
        const begin = lines.startOf(line)
        const end = begin + lines.lineAt(line).trimEnd().length
        return { location: { file, start: Math.min(begin + indent.length, end), end } }
      },
    })
  }
  return checked
}

/** Makes the view of a manifest when it is first asked for: it notes the path of each value that is read. */
function makeView(manifest: unknown, reads: Reads): () => object {
  let made: object | undefined
  const step = (path: SpecPath, key: string | number) => {
    spend(path.length + 1)
    return [...path, key]
  }
  // A map stays one.
  return () => (made ??= viewTree<SpecPath>(manifest, [], step, reads) as object)
}

function findOrigin(
  { sourceMap }: CompiledManifests,
  file: string,
  name: string,
  path: SpecPath,
): SpecPath | undefined {
  const scalars = [...sourceMap(({ object }) => object === name, new Set([file]))]
  for (let length = path.length; length >= 0; length--) {
    const beginning = path.slice(0, length)
    for (const scalar of scalars) {
      if (!beginning.every((key, index) => scalar.path[index] === key)) continue
      const place = scalar.origins.find(origin => typeof origin !== 'string')
      if (place !== undefined) return place
    }
  }
  return undefined
}
