import type { ManifestObject } from '../behavior/manifest-object.ts'
import type { Compilation } from '../compilation.ts'
import type { Source } from '../diagnostics/source.ts'
import type { SourceMapEntry } from '../emit/print.ts'
import type { SpecFacts } from '../map/list-facts.ts'
import type { Parties } from './parties.ts'

/** One of two states of an environment: the deployed one, or the output of its spec. */
export interface Side {
  /** `origin/main`, `the working tree`, a folder. */
  readonly name: string
  readonly files: readonly SideFile[]
  /** The Services and workloads that run beside the manifests. */
  readonly beside: readonly ManifestObject[]
  /** The spec; undefined without a spec, or if its shape is wrong. */
  readonly spec: SideSpec | undefined
  /** The version of meshc that has written the files. */
  readonly version: string | undefined
  /** True for manifests without a spec: `spec` has only the waivers and expectations of their own file, and explains nothing. */
  readonly isPlain?: true
}

/** The objects of one file. */
export interface SideFile {
  /** The path below `out/<env>/`; the whole path if the user names a folder. */
  readonly path: string
  readonly objects: readonly ManifestObject[]
  /** True if the file can affect requests; the objects of Argo CD cannot. */
  readonly isForCluster: boolean
  /** True if the file equals the output of the spec of this side, so that its values have reasons; computed on demand. */
  readonly isMade: boolean
}

/** The spec of a side, and the reasons of its values; a spec that does not compile has no reasons. */
export interface SideSpec extends Pick<Compilation, 'layers' | 'sourceMap'> {
  readonly sources: readonly Source[]
  readonly parties: Parties | undefined
  /** Lists the facts of the spec that no manifest shows. */
  readonly listFacts?: () => SpecFacts
}

/** The source map of some objects of a side, by their names, in given files; empty for objects that the spec does not make. */
export function indexListEntries(
  { spec, files }: Side,
  objects: ReadonlySet<string>,
  isAsked: (file: SideFile) => boolean,
): ReadonlyMap<string, readonly SourceMapEntry[]> {
  const sourceMapEntries = new Map<string, SourceMapEntry[]>()
  if (spec === undefined || objects.size === 0) return sourceMapEntries
  const made = new Set(files.filter(file => isAsked(file) && file.isMade).map(({ path }) => path))
  if (made.size === 0) return sourceMapEntries
  for (const entry of spec.sourceMap(({ object }) => objects.has(object), made)) {
    const knownSourceMapEntries = sourceMapEntries.get(entry.object)
    if (knownSourceMapEntries === undefined) sourceMapEntries.set(entry.object, [entry])
    else knownSourceMapEntries.push(entry)
  }
  return sourceMapEntries
}
