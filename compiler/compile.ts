import { type Limits, usualLimits } from './behavior/budget.ts'
import { findDiagnostic, warningCodes } from './catalogue.ts'
import { type LocatedDiagnostic, locate } from './diagnostics/locate.ts'
import { andThen, type Outcome } from './diagnostics/outcome.ts'
import type { Source } from './diagnostics/source.ts'
import { Built } from './documents/built.ts'
import { report } from './documents/report.ts'
import { type Emission, emit, routeFiles } from './emit/emit.ts'
import { Chart } from './emit/helm/chart/chart.ts'
import type { ManifestFile, TextFile } from './emit/manifest.ts'
import { unwrapTree } from './emit/plain-tree.ts'
import { listObjectPlaces, makePrinter, mapSources, type ObjectPlace, type OutputFile } from './emit/print.ts'
import { findRefusedEdges, findUnmetExpectations } from './expectations/index.ts'
import { listIndependentFaults } from './independent-faults.ts'
import { type CompiledManifests, isForCluster } from './manifests/compiled-objects.ts'
import { readNeighbors } from './manifests/read-neighbors.ts'
import { readSurroundings } from './manifests/read-surroundings.ts'
import type { LayeredSpec } from './mesh/layered-spec.ts'
import type { ValidMesh } from './mesh/mesh.ts'
import { findRefusedObjects } from './refused-objects.ts'
import { resolve } from './resolve/resolve.ts'
import { reviseService } from './resolve/revise-service.ts'
import { decode } from './source/decode.ts'
import type { Layers } from './source/layers.ts'
import { load, type Workspace } from './source/load.ts'
import { findEndedWaivers, suppress } from './suppress/suppress.ts'
import { validate } from './validate/validate.ts'

/** An environment, compiled. Files are made as they are asked for, each time the same. */
export interface Compilation extends CompiledManifests {
  readonly mesh: ValidMesh
  /** The merged spec: for every path who set it, and who lost. */
  readonly layers: Layers
  files(): Iterable<OutputFile>
  /** One of the files; undefined if there is none of that path. */
  file(path: string): OutputFile | undefined
  /** The names of the objects, with the file each stands in. */
  objects(): Iterable<ObjectPlace>
}

/** The result of compiling: the environment unless there is an error, what was found, and every file that was read. */
export type CompileResult = Outcome<Compilation, LocatedDiagnostic> & {
  readonly sources: readonly Source[]
  /** The merged spec as far as it could be read, also where errors are. */
  readonly layers: Layers
  /** The warnings that the spec bears. */
  readonly suppressed: readonly SuppressedDiagnostic[]
}

/** A warning that the spec bears, why, and until which day. */
export interface SuppressedDiagnostic {
  readonly diagnostic: LocatedDiagnostic
  readonly because: string
  readonly until: string
}

/**
 * Compiles an environment. Pure: it reads through the workspace, and writes nothing.
 *
 * @param entry the environment's mesh.yaml, as a path from the root of the project: `spec/prod/mesh.yaml`
 * @param today as `2027-01-31`, for suppressions that end; files never depend on it
 * @param limits of what is asked of the mesh: an expectation that passes one is not proved
 */
export function compile(
  entry: string,
  workspace: Workspace,
  today?: string,
  limits: Limits = usualLimits,
): CompileResult {
  const loaded = load(entry, workspace)
  const { layers, spec, rest } = decode(loaded, entry)
  const surroundings = readSurroundings(spec.ok ? spec.value.value.surroundings : undefined, workspace)
  const mesh = andThen(spec, spec => resolve(spec, surroundings.facts))
  const valid = andThen(mesh, validate)
  const neighbors = valid.ok
    ? readNeighbors(entry, valid.value.delivery.neighbors, workspace)
    : { neighbors: [], files: [], sources: [], diagnostics: [] }
  const emission = andThen(valid, mesh => emit(mesh, neighbors.neighbors))
  const sources = [...loaded.sources, ...neighbors.sources]
  const compiled =
    spec.ok && valid.ok && emission.ok
      ? compilation(entry, spec.value, valid.value, layers, emission.value, {
          neighbors: neighbors.files,
          surroundings: surroundings.objects,
        })
      : undefined
  // The engine is loaded only where something is asked of it.
  const isAsked = compiled !== undefined && compiled.mesh.expectations.length > 0
  const unmet = isAsked ? findUnmetExpectations(compiled, sources, limits) : []
  const hasPolicies = compiled !== undefined && compiled.mesh.surroundings.policies.length > 0
  const refusedEdges = hasPolicies ? findRefusedEdges(compiled, sources, limits) : []
  const hasOwnObjects = valid.ok && valid.value.raw.length + valid.value.patches.length > 0
  const refused = hasOwnObjects && compiled !== undefined ? findRefusedObjects(compiled.mesh, compiled) : []
  const judged = suppress(
    spec.ok ? (spec.value.value.suppress ?? []) : [],
    [
      ...emission.diagnostics,
      ...neighbors.diagnostics,
      ...surroundings.diagnostics,
      ...refused,
      ...unmet,
      ...refusedEdges,
      ...listIndependentFaults(rest, mesh, valid),
    ],
    {
      definitionOf: findDiagnostic,
      warnings: warningCodes,
      today,
      isComplete: emission.ok,
      areShared: layers.definitionsOf(['suppress'])[0]?.file !== entry,
    },
  )
  const ended = findEndedWaivers(spec.ok ? (spec.value.value.waive ?? []) : [], today)
  const files = loaded.sources.map(({ name }) => name)
  const foundValid = {
    diagnostics: locate([...judged.diagnostics, ...ended], layers, files),
    suppressed: judged.suppressed.flatMap(({ diagnostic, because, until }) =>
      locate([diagnostic], layers, files).map(diagnostic => ({ diagnostic, because, until })),
    ),
    sources,
    layers,
  }
  const isClean = foundValid.diagnostics.every(({ severity }) => severity === 'warning')
  return compiled === undefined || !isClean
    ? { ok: false, ...foundValid }
    : { ok: true, value: compiled, ...foundValid }
}

/** Reads the specs of an environment together, without what it compiles to; undefined where one has not the shape of a spec. */
export function readSpec(
  entry: string,
  workspace: Workspace,
): Pick<CompileResult, 'layers' | 'sources'> | undefined {
  const loaded = load(entry, workspace)
  const { layers, spec } = decode(loaded, entry)
  return spec.ok ? { layers, sources: loaded.sources } : undefined
}

const compilation = (
  entry: string,
  spec: LayeredSpec,
  mesh: ValidMesh,
  layers: Layers,
  emission: Emission,
  beside: Pick<Compilation, 'neighbors' | 'surroundings'>,
): Compilation => ({
  mesh,
  layers,
  ...beside,
  *files() {
    const print = makePrinter(entry)
    const built = new Built()
    const chart = mesh.delivery.outputs.chart && new Chart(mesh, entry)
    for (const file of emission(print)) {
      built.add(file)
      const printed = print(file)
      yield printed
      if (chart !== undefined) yield* chart.add(file, printed.objects)
    }
    if (chart !== undefined) {
      yield* chart.rest()
      for (const file of chart.frame()) yield print(file)
    }
    if (mesh.delivery.outputs.docs === undefined) return
    yield* report(mesh, {
      entry,
      built,
      spec: spec.value,
      revise: (mesh, service, revised) => reviseService(mesh, spec, service, revised),
      printRoutes: (mesh, service) => [...routeFiles(mesh, service)].map(makePrinter(entry)),
    })
  },
  file(path) {
    const print = makePrinter(entry)
    for (const file of emission(print, new Set([path]))) if (file.path === path) return print(file)
    // The chart and the documents are made of everything that comes before them.
    for (const file of this.files()) if (file.path === path) return file
    return undefined
  },
  *manifests(which = 'all') {
    const print = makePrinter(entry)
    const asked = typeof which === 'string' ? undefined : which
    for (const file of emission(which === 'for-cluster' ? undefined : print, asked)) {
      if ('text' in file || asked?.has(file.path) === false) continue
      if (which === 'for-cluster' && !isForCluster(file.path)) continue
      const text = () => print(file).text
      for (const { kind, tree } of file.manifests)
        yield { path: file.path, kind, object: unwrapTree(tree), text }
    }
  },
  *objects() {
    for (const file of traceable(entry, mesh, emission)) yield* listObjectPlaces(file)
  },
  *sourceMap(isAsked = () => true, files) {
    for (const file of traceable(entry, mesh, emission, files))
      if (files?.has(file.path) !== false) yield* mapSources(file, entry, isAsked)
  },
})

/** The files whose values are known to come from somewhere. The templates of the chart repeat those of the manifests. */
function* traceable(
  entry: string,
  mesh: ValidMesh,
  emission: Emission,
  asked?: ReadonlySet<string>,
): Iterable<ManifestFile | TextFile> {
  const isChartAsked = asked === undefined || [...asked].some(path => path.startsWith('chart/'))
  const chart = isChartAsked ? mesh.delivery.outputs.chart && new Chart(mesh, entry) : undefined
  for (const file of emission(makePrinter(entry), asked)) {
    yield file
    chart?.see(file)
  }
  if (chart !== undefined) yield* chart.frame()
}
