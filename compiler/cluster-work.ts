import { andThen, type Outcome } from './diagnostics/outcome.ts'
import type { SharedFiles } from './emit/emit.ts'
import { makePrinter, makeSharedPrinter, type Printer } from './emit/print.ts'
import type { ReadSurroundings } from './manifests/read-surroundings.ts'
import type { LayeredSpec } from './mesh/layered-spec.ts'
import type { Mesh } from './mesh/mesh.ts'
import { moveToCluster, resolve } from './resolve/resolve.ts'
import type { SpecDocument } from './source/document.ts'
import type { Loaded } from './source/load.ts'

/** The surroundings of an environment, and its mesh as it is resolved. */
interface Resolved {
  readonly surroundings: ReadSurroundings
  readonly mesh: Outcome<Mesh>
}

/** The work for an environment. Its clusters without files of their own share the work. */
interface ClusterWork {
  readonly print: Printer
  /** The files of these clusters; undefined for an environment or a cluster that shares nothing. */
  readonly files?: SharedFiles
  /** Reads the surroundings and resolves a spec, unless another cluster has the result already. */
  resolve(spec: Outcome<LayeredSpec>, readAround: () => ReadSurroundings): Resolved
}

/** Begins the work for an environment, or a cluster, that has nothing in common with others. */
export const beginWork = ({ base }: Pick<Loaded, 'base'>): ClusterWork => ({
  print: makePrinter(base),
  resolve(spec, readAround) {
    const surroundings = readAround()
    return { surroundings, mesh: andThen(spec, layered => resolve(layered, surroundings.facts)) }
  },
})

/** Gives the work for an entry. */
export type WorkFinder = (loaded: Loaded, entry: string) => ClusterWork

/** Makes a finder that gives the work of the cluster before, if no file sets the two apart. */
export function makeWorkFinder(): WorkFinder {
  let documents: readonly SpecDocument[] = []
  let work: ClusterWork | undefined
  return (loaded, entry) => {
    if (loaded.cluster === undefined || loaded.sources.some(({ name }) => name === entry))
      return beginWork(loaded)
    const before = documents
    documents = loaded.layers.flatMap(({ document, included }) => [document, ...included])
    const isSame =
      documents.length === before.length && documents.every((document, index) => document === before[index])
    if (work === undefined || !isSame) work = beginSharedWork(loaded)
    return work
  }
}

function beginSharedWork({ base }: Loaded): ClusterWork {
  let surroundings: ReadSurroundings | undefined
  let first: (Outcome<Mesh> & { readonly ok: true }) | undefined
  return {
    print: makeSharedPrinter(base),
    files: new Map(),
    resolve(spec, readAround) {
      surroundings ??= readAround()
      const { facts } = surroundings
      const mesh = andThen(spec, layered => {
        if (first !== undefined) return { ...first, value: moveToCluster(first.value, layered) }
        const resolved = resolve(layered, facts)
        if (resolved.ok) first = resolved
        return resolved
      })
      return { surroundings, mesh }
    },
  }
}
