import type { ManifestObject } from '../behavior/manifest-object.ts'
import type { Compilation } from '../compile.ts'
import type { SpecPath } from '../diagnostics/diagnostic.ts'
import type { SourceMapEntry } from '../emit/print.ts'
import { isWithin } from '../provenance/paths.ts'
import { nameOfObject } from './name-of-object.ts'

/** An object that meshc makes, and the file of `out/<env>/` that it stands in. */
export interface CompiledObject extends ManifestObject {
  readonly path: string
}

/**
 * What meshc makes of an environment for its cluster: the objects of `manifests/`, and the IstioOperator, which holds
 * what istiod is told of the mesh. `output`: the folder that they are built in, `out/prod`.
 */
export function compiledObjects(compilation: Compilation, output: string): readonly CompiledObject[] {
  return [...compilation.manifests()].flatMap(({ path, object }): readonly CompiledObject[] => {
    if (!isForCluster(path)) return []
    const name = nameOfObject(object)
    let known: readonly SourceMapEntry[] | undefined
    const entries = () => {
      known ??= [...compilation.sourceMap(place => place.file === path && place.object === name)]
      return known
    }
    return [
      {
        value: object,
        path,
        file: `${output}/${path}`,
        get line() {
          return entries()[0]?.line ?? 1
        },
        lineOf: part => lineIn(entries(), part),
      },
    ]
  })
}

/** Whether a file of `out/<env>/` says how requests fare: what Argo CD syncs, and how istiod is installed. */
export const isForCluster = (path: string): boolean =>
  path.startsWith('manifests/') || path === 'istio/istio-operator.yaml'

function lineIn(entries: readonly SourceMapEntry[], part: SpecPath): number {
  for (let length = part.length; length > 0; length--) {
    const place = part.slice(0, length)
    const entry = entries.find(({ path }) => isWithin(path, place))
    if (entry !== undefined) return entry.line
  }
  return entries[0]?.line ?? 1
}
