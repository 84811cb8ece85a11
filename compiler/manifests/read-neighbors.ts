import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import type { Source } from '../diagnostics/source.ts'
import { neighborUnreadable } from '../emit/diagnostics.ts'
import type { Manifest } from '../emit/manifest.ts'
import type { Neighbor } from '../emit/neighbor.ts'
import { locateOutput } from '../mesh/output-folder.ts'
import { because, type Sourced } from '../mesh/sourced.ts'
import { isMap } from '../source/document.ts'
import type { Workspace } from '../source/load.ts'
import { type ManifestDocument, readManifestDocuments } from '../source/manifest-documents.ts'
import type { CompiledFile } from './compiled-objects.ts'

/** The files of `out/<env>` that a spec names as neighbors. */
interface ReadNeighbors {
  readonly neighbors: readonly Neighbor[]
  readonly files: readonly CompiledFile[]
  readonly sources: readonly Source[]
  /** An error for each file that cannot be read, is no YAML, or holds something that is no object. */
  readonly diagnostics: readonly Diagnostic[]
}

/**
 * Reads the neighbors of a mesh.
 *
 * @param entry the environment's mesh.yaml, as a path from the root of the project
 * @param places their paths, below `out/<env>/`
 */
export function readNeighbors(
  entry: string,
  places: readonly Sourced<string>[],
  workspace: Workspace,
): ReadNeighbors {
  const neighbors: Neighbor[] = []
  const files: CompiledFile[] = []
  const sources: Source[] = []
  const diagnostics: Diagnostic[] = []
  for (const place of places) {
    const file = `${locateOutput(entry)}/${place.value}`
    const refuse = (reason: string) =>
      diagnostics.push(neighborUnreadable({ path: place.place!.path }, { file, reason }))
    const content = workspace.read(file)
    if (!('text' in content)) {
      refuse('reason' in content ? content.reason : 'it is larger than 64 MiB')
      continue
    }
    sources.push({ name: file, text: content.text })
    const read = readManifestDocuments(file, content.text)
    if ('fault' in read) {
      refuse(`line ${read.fault.line} is no YAML: ${read.fault.reason}`)
      continue
    }
    const manifests = read.documents.map(document => readManifest(document, place))
    const index = manifests.indexOf(undefined)
    if (index !== -1) {
      refuse(`line ${read.documents[index]!.line} begins no object with a kind, an apiVersion and a name`)
      continue
    }
    neighbors.push({
      place,
      manifests: manifests.filter(manifest => manifest !== undefined),
      bytes: new TextEncoder().encode(content.text).length,
    })
    const objects = read.documents.map(document => ({ ...document, path: place.value }))
    files.push({ path: place.value, digest: undefined, objects })
  }
  return { neighbors, files, sources, diagnostics }
}

/** An object of a neighbor, whose reason is the file name in the spec; undefined if the document is not an object. */
function readManifest({ value }: ManifestDocument, place: Sourced<string>): Manifest | undefined {
  if (!isMap(value) || !isMap(value['metadata'])) return undefined
  const { kind, apiVersion, metadata } = value
  const { name, namespace } = metadata
  const isObject = [kind, apiVersion, name].every(word => typeof word === 'string')
  if (!isObject || !(namespace === undefined || typeof namespace === 'string')) return undefined
  // The words are strings, as was just seen.
  return { kind: kind as string, name: name as string, namespace, tree: because<unknown>(value, place) }
}
