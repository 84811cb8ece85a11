import { groupBy } from '../basics/group-by.ts'
import type { ManifestObject } from '../behavior/manifest-object.ts'
import type { SpecPath } from '../diagnostics/diagnostic.ts'
import type { Manifest } from '../emit/manifest.ts'
import type { ObjectPlace, SourceMapEntry } from '../emit/print.ts'
import { nameOfObject } from './name-of-object.ts'

/** The result of compiling an environment, as far as its objects go. */
export interface CompiledManifests {
  /**
   * The objects of all files, each with its file; read the text of a file before the next object. `for-cluster` selects the objects
   * that can affect requests, and a set of paths selects the objects of these files, which takes less time.
   */
  manifests(which?: 'all' | 'for-cluster' | ReadonlySet<string>): Iterable<{
    readonly path: string
    readonly kind: Manifest['kind']
    readonly object: unknown
    text(): string
  }>
  /**
   * Maps every scalar of all objects, or of the selected ones, to its reasons. The map costs nothing in a build; a call pays
   * only for the selected objects. `files`: the paths of all of them, if they are known.
   */
  sourceMap(isAsked?: (place: ObjectPlace) => boolean, files?: ReadonlySet<string>): Iterable<SourceMapEntry>
  /** The files that another owner writes and that are deployed with those of the environment. */
  readonly neighbors: readonly CompiledFile[]
  /** The objects in the cluster that others own and deploy. */
  readonly surroundings: readonly ManifestObject[]
}

/** An object that meshc emits, and its file of `out/<env>/`. */
export interface CompiledObject extends ManifestObject {
  readonly path: string
  /** Lists its scalars with their lines and origins, traced at the first call; absent for objects of other owners. */
  listScalars?(): readonly SourceMapEntry[]
}

/** A file of manifests that meshc makes, and the objects in it. */
export interface CompiledFile {
  /** The path below `out/<env>/`. */
  readonly path: string
  /** The digest by the function that was given; undefined without. */
  readonly digest: string | undefined
  readonly objects: readonly CompiledObject[]
}

/**
 * The files of manifests of an environment, or the given ones. `output`: the folder that they are built in,
 * `out/prod`. `digestOf`: the digest of a text, which identifies a file; without it, nothing is printed.
 */
export function listCompiledFiles(
  compilation: CompiledManifests,
  output: string,
  digestOf?: (text: string) => string,
  asked?: ReadonlySet<string>,
): readonly CompiledFile[] {
  const files = new Map<string, { digest: string | undefined; objects: CompiledObject[] }>()
  const findScalars = makeScalarFinder(compilation)
  for (const { path, object, text } of compilation.manifests(asked)) {
    const file = files.get(path)
    const place = file?.objects[0]?.file ?? `${output}/${path}`
    const made = new MadeObject(findScalars(path), place, object)
    if (file === undefined) files.set(path, { digest: digestOf?.(text()), objects: [made] })
    else file.objects.push(made)
  }
  return [...files].map(([path, file]) => ({ path, ...file }))
}

/**
 * Lists the objects that an environment brings into its cluster: the objects of `manifests/`, the neighbors among them, and
 * the IstioOperator, which holds the MeshConfig of istiod.
 */
export const listCompiledObjects = (
  compilation: CompiledManifests,
  output: string,
): readonly CompiledObject[] => {
  const findScalars = makeScalarFinder(compilation)
  return [
    ...[...compilation.manifests('for-cluster')].map(
      ({ path, object }) => new MadeObject(findScalars(path), `${output}/${path}`, object),
    ),
    ...compilation.neighbors.flatMap(({ objects }) => objects),
  ]
}

/** Makes a finder of the scalars of a file: objects that follow each other in one file share them. */
function makeScalarFinder(compilation: CompiledManifests): (path: string) => FileScalars {
  let last: FileScalars | undefined
  return path => {
    if (last?.path !== path) last = new FileScalars(compilation, path)
    return last
  }
}

/**
 * The scalars of the objects of a file, traced on demand. A gateway can have thousands of objects in its file: once a second object
 * is asked for, one print traces all of them.
 */
class FileScalars {
  readonly path: string
  readonly #compilation: CompiledManifests
  #isAsked = false
  #byObject: ReadonlyMap<string, readonly SourceMapEntry[]> | undefined

  constructor(compilation: CompiledManifests, path: string) {
    this.#compilation = compilation
    this.path = path
  }

  list(name: string): readonly SourceMapEntry[] {
    const files = new Set([this.path])
    if (!this.#isAsked) {
      this.#isAsked = true
      return [...this.#compilation.sourceMap(({ object }) => object === name, files)]
    }
    this.#byObject ??= groupBy([...this.#compilation.sourceMap(undefined, files)], ({ object }) => [object])
    return this.#byObject.get(name) ?? []
  }
}

/** Its lines are found on demand: a trace of an object prints it once more. */
class MadeObject implements CompiledObject {
  readonly value: unknown
  readonly path: string
  readonly file: string
  /** Compiling has asked the rules of admission about the parts that the spec itself writes. */
  readonly isAdmitted = true
  readonly #fileScalars: FileScalars
  #scalars: readonly SourceMapEntry[] | undefined
  #lines: ReadonlyMap<string, number> | undefined

  constructor(fileScalars: FileScalars, file: string, value: unknown) {
    this.#fileScalars = fileScalars
    this.value = value
    this.path = fileScalars.path
    this.file = file
  }

  listScalars(): readonly SourceMapEntry[] {
    this.#scalars ??= this.#fileScalars.list(nameOfObject(this.value))
    return this.#scalars
  }

  get line(): number {
    return this.listScalars()[0]?.line ?? 1
  }

  lineOf(part: SpecPath): number {
    this.#lines ??= indexFirstLines(this.listScalars())
    for (let length = part.length; length > 0; length--) {
      const line = this.#lines.get(part.slice(0, length).join('\n'))
      if (line !== undefined) return line
    }
    return this.line
  }
}

/** Indexes the first line of each part of an object by its path. */
function indexFirstLines(entries: readonly SourceMapEntry[]): ReadonlyMap<string, number> {
  const lines = new Map<string, number>()
  for (const { path, line } of entries)
    for (let length = path.length; length > 0; length--) {
      const key = path.slice(0, length).join('\n')
      if (lines.has(key)) break
      lines.set(key, line)
    }
  return lines
}

/** Tells whether a file of `out/<env>/` can affect requests: manifests, and the installation of istiod. */
export const isForCluster = (path: string): boolean =>
  path.startsWith('manifests/') || /^istio\/istio-operator(-[^/]+)?\.yaml$/.test(path)
