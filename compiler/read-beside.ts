import type { Diagnostic } from './diagnostics/diagnostic.ts'
import type { Outcome } from './diagnostics/outcome.ts'
import type { Source } from './diagnostics/source.ts'
import type { TextFile } from './emit/manifest.ts'
import type { Neighbor } from './emit/neighbor.ts'
import type { CompiledFile } from './manifests/compiled-objects.ts'
import { readNeighbors } from './manifests/read-neighbors.ts'
import type { Mesh, ValidMesh } from './mesh/mesh.ts'
import type { Workspace } from './source/load.ts'
import { writeDocuments } from './templates/index.ts'

/** The files that a mesh names in addition to its spec, and their results. */
interface Beside {
  readonly neighbors: readonly Neighbor[]
  readonly neighborFiles: readonly CompiledFile[]
  readonly documents: readonly TextFile[]
  readonly sources: readonly Source[]
  readonly diagnostics: readonly Diagnostic[]
}

const nothingBeside = { neighbors: [], files: [], documents: [], sources: [], diagnostics: [] }

/** Reads the neighbors of a mesh, and the templates of its documents. The engine of templates is loaded only for those. */
export function readBeside(
  entry: string,
  mesh: Outcome<Mesh>,
  valid: Outcome<ValidMesh>,
  workspace: Workspace,
): Beside {
  const { neighbors, files, ...read } = valid.ok
    ? readNeighbors(entry, valid.value.delivery.neighbors, workspace)
    : nothingBeside
  const written =
    mesh.ok && mesh.value.delivery.documents.length > 0
      ? writeDocuments(mesh.value, valid.ok, workspace)
      : nothingBeside
  return {
    neighbors,
    neighborFiles: files,
    documents: written.documents,
    sources: [...read.sources, ...written.sources],
    diagnostics: [...read.diagnostics, ...written.diagnostics],
  }
}
