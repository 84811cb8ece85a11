import { type LocatedDiagnostic, locate } from './diagnostics/locate.ts'
import { andThen, type Outcome } from './diagnostics/outcome.ts'
import type { Source } from './diagnostics/source.ts'
import { type Emission, emit } from './emit/emit.ts'
import type { Manifest } from './emit/manifest.ts'
import { plainTree } from './emit/plain-tree.ts'
import { mapSources, type OutputFile, print, type SourceMapEntry } from './emit/print.ts'
import type { ValidMesh } from './mesh/mesh.ts'
import { resolve } from './resolve/resolve.ts'
import { decode } from './source/decode.ts'
import type { Layers } from './source/layers.ts'
import { load, type Workspace } from './source/load.ts'
import { validate } from './validate/validate.ts'

/** An environment, compiled. Files are made as they are asked for, each time the same. */
export interface Compilation {
  readonly mesh: ValidMesh
  /** The merged spec: for every path who set it, and who lost. */
  readonly layers: Layers
  files(): Iterable<OutputFile>
  /** The objects that the files print, with the file each stands in. */
  manifests(): Iterable<{ readonly path: string; readonly kind: Manifest['kind']; readonly object: unknown }>
  /** Why every scalar of every file is what it is. Compiling does not pay for it; asking does. */
  sourceMap(): Iterable<SourceMapEntry>
}

/** What compiling gives back: the environment unless there is an error, what was found, and every file that was read. */
export type CompileResult = Outcome<Compilation, LocatedDiagnostic> & { readonly sources: readonly Source[] }

/**
 * Compiles an environment. Pure: it reads through the workspace, and writes nothing.
 *
 * @param entry the environment's mesh.yaml, as a path from the root of the project: `spec/prod/mesh.yaml`
 */
export function compile(entry: string, workspace: Workspace): CompileResult {
  const loaded = load(entry, workspace)
  const { layers, spec } = decode(loaded, entry)
  const mesh = andThen(spec, resolve)
  const valid = andThen(mesh, validate)
  const emission = andThen(valid, emit)
  const diagnostics = locate(emission.diagnostics, layers.locationOf)
  if (!emission.ok || !valid.ok) return { ok: false, diagnostics, sources: loaded.sources }
  return {
    ok: true,
    value: compilation(entry, valid.value, layers, emission.value),
    diagnostics,
    sources: loaded.sources,
  }
}

const compilation = (entry: string, mesh: ValidMesh, layers: Layers, emission: Emission): Compilation => ({
  mesh,
  layers,
  *files() {
    for (const file of emission()) yield print(file, entry)
  },
  *manifests() {
    for (const file of emission()) {
      if ('text' in file) continue
      for (const { kind, tree } of file.manifests) yield { path: file.path, kind, object: plainTree(tree) }
    }
  },
  *sourceMap() {
    for (const file of emission()) if (!('text' in file)) yield* mapSources(file, entry)
  },
})
