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

/** A file of manifests that meshc makes, and the objects in it. */
export interface CompiledFile {
  /** Below `out/<env>/`. */
  readonly path: string
  /** By the function that was given; undefined without. */
  readonly digest: string | undefined
  readonly objects: readonly CompiledObject[]
}

/**
 * The files of manifests of an environment. `output`: the folder that they are built in, `out/prod`. `digestOf`: of a
 * text, by which files are told from each other; without it, nothing is printed.
 */
export function compiledFiles(
  compilation: Compilation,
  output: string,
  digestOf?: (text: string) => string,
): readonly CompiledFile[] {
  const files = new Map<string, { digest: string | undefined; objects: CompiledObject[] }>()
  for (const { path, object, text } of compilation.manifests()) {
    const made = compiledObject(compilation, `${output}/${path}`, path, object)
    const file = files.get(path)
    if (file === undefined) files.set(path, { digest: digestOf?.(text()), objects: [made] })
    else file.objects.push(made)
  }
  return [...files].map(([path, file]) => ({ path, ...file }))
}

/**
 * What meshc makes of an environment for its cluster: the objects of `manifests/`, and the IstioOperator, which holds
 * what istiod is told of the mesh.
 */
export const compiledObjects = (compilation: Compilation, output: string): readonly CompiledObject[] =>
  compiledFiles(compilation, output)
    .filter(({ path }) => isForCluster(path))
    .flatMap(({ objects }) => objects)

/** Its lines are found when they are asked for: to trace an object is to print it once more. */
function compiledObject(
  compilation: Compilation,
  file: string,
  path: string,
  value: unknown,
): CompiledObject {
  const name = nameOfObject(value)
  let known: readonly SourceMapEntry[] | undefined
  const entries = () => {
    known ??= [...compilation.sourceMap(place => place.file === path && place.object === name)]
    return known
  }
  return {
    value,
    path,
    file,
    get line() {
      return entries()[0]?.line ?? 1
    },
    lineOf: part => lineIn(entries(), part),
  }
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
