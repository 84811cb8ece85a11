import { Built } from './documents/built.ts'
import { report } from './documents/report.ts'
import { type Emission, routeFiles } from './emit/emit.ts'
import { Chart } from './emit/helm/chart/chart.ts'
import type { ManifestFile, TextFile } from './emit/manifest.ts'
import { unwrapTree } from './emit/plain-tree.ts'
import {
  listObjectPlaces,
  mapSources,
  type ObjectPlace,
  type OutputFile,
  type Printer,
} from './emit/print.ts'
import { type CompiledManifests, isForCluster } from './manifests/compiled-objects.ts'
import type { LayeredSpec } from './mesh/layered-spec.ts'
import type { ValidMesh } from './mesh/mesh.ts'
import { reviseService } from './resolve/revise-service.ts'
import type { Layers } from './source/layers.ts'

/** A compiled environment. Its files are made on demand, each time the same. */
export interface Compilation extends CompiledManifests {
  readonly mesh: ValidMesh
  /** The merged spec: every path has the definition that set it, and those that were overridden. */
  readonly layers: Layers
  files(): Iterable<OutputFile>
  /** One of the files; undefined for an unknown path. */
  file(path: string): OutputFile | undefined
  /** The names of the objects, each with its file. */
  objects(): Iterable<ObjectPlace>
}

export const makeCompilation = (
  spec: LayeredSpec,
  mesh: ValidMesh,
  layers: Layers,
  emission: Emission,
  {
    documents,
    print,
    ...beside
  }: Pick<Compilation, 'neighbors' | 'surroundings'> & {
    readonly documents: readonly TextFile[]
    readonly print: Printer
  },
): Compilation => ({
  mesh,
  layers,
  ...beside,
  *files() {
    const built = new Built()
    const chart = mesh.delivery.outputs.chart && new Chart(mesh, spec.base)
    for (const file of emission(print)) {
      built.add(file)
      const printed = print(file)
      yield printed
      if (chart !== undefined) yield* chart.add(file, printed.templates)
    }
    if (chart !== undefined) {
      yield* chart.rest()
      for (const file of chart.frame()) yield print(file)
    }
    yield* documents
    if (mesh.delivery.outputs.docs === undefined) return
    const replaced = new Set(documents.map(({ path }) => path))
    const ownDocuments = report(mesh, {
      built,
      spec,
      revise: (mesh, service, revised) => reviseService(mesh, spec, service, revised),
      printRoutes: (mesh, service) => {
        // A file without objects is not written.
        return [...routeFiles(mesh, service)].map(file =>
          file.manifests.length === 0 ? { path: file.path, text: '' } : print(file),
        )
      },
    })
    for (const document of ownDocuments) if (!replaced.has(document.path)) yield document
  },
  file(path) {
    for (const file of emission(print, new Set([path]))) if (file.path === path) return print(file)
    // The chart and the documents are made of everything that comes before them.
    for (const file of this.files()) if (file.path === path) return file
    return undefined
  },
  *manifests(which = 'all') {
    const askedPaths = typeof which === 'string' ? undefined : which
    for (const file of emission(which === 'for-cluster' ? undefined : print, askedPaths)) {
      if ('text' in file || askedPaths?.has(file.path) === false) continue
      if (which === 'for-cluster' && !isForCluster(file.path)) continue
      const text = () => print(file).text
      for (const { kind, tree } of file.manifests)
        yield { path: file.path, kind, object: unwrapTree(tree), text }
    }
  },
  *objects() {
    for (const file of listTraceableFiles(spec.base, mesh, emission, print)) yield* listObjectPlaces(file)
  },
  *sourceMap(isAsked = () => true, files) {
    for (const file of listTraceableFiles(spec.base, mesh, emission, print, files))
      if (files?.has(file.path) !== false) yield* mapSources(file, spec.base, isAsked)
  },
})

/** The files whose values all have known origins. The templates of the chart repeat those of the manifests. */
function* listTraceableFiles(
  base: string,
  mesh: ValidMesh,
  emission: Emission,
  print: Printer,
  asked?: ReadonlySet<string>,
): Iterable<ManifestFile | TextFile> {
  const isChartAsked = asked === undefined || [...asked].some(path => path.startsWith('chart/'))
  const chart = isChartAsked ? mesh.delivery.outputs.chart && new Chart(mesh, base) : undefined
  for (const file of emission(print, asked)) {
    yield file
    chart?.see(file)
  }
  if (chart !== undefined) yield* chart.frame()
}
