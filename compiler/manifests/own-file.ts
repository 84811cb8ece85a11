import { isManifestsFile } from '../../schema/generated/mesh-validator.mjs'
import type { ManifestsFile } from '../../schema/spec/manifests-file.ts'
import { type LocatedDiagnostic, locate } from '../diagnostics/locate.ts'
import type { Source } from '../diagnostics/source.ts'
import { explainShape } from '../source/explain-shape.ts'
import { findHiddenCharacters } from '../source/hidden-characters.ts'
import { type Layers, mergeLayers } from '../source/layers.ts'
import { load } from '../source/load.ts'
import { findEndedWaivers } from '../suppress/suppress.ts'

/** The file beside manifests that says what their reviews let pass and expect. */
export interface OwnFile {
  readonly layers: Layers
  readonly sources: readonly Source[]
  /** The contents; empty where the file is wrong. */
  readonly value: ManifestsFile
  readonly diagnostics: readonly LocatedDiagnostic[]
}

/**
 * Reads the file.
 *
 * @param file undefined: there is none, which says nothing
 * @param today as `2027-01-31`; undefined: ended waivers are not reported
 */
export function readOwnFile(file: Source | undefined, today: string | undefined): OwnFile {
  if (file === undefined) return { layers: mergeLayers([]).layers, sources: [], value: {}, diagnostics: [] }
  const loaded = load(file.name, { read: () => ({ text: file.text }), list: () => [] })
  const [layer] = loaded.layers
  const value = layer?.document.value
  const isRight = value !== undefined && isManifestsFile(value)
  // The validator has looked.
  const contents = (isRight ? value : {}) as ManifestsFile
  const shape =
    value === undefined || isRight
      ? []
      : explainShape(value, file.name, { $ref: '#/definitions/ManifestsFile' })
  const { layers } = mergeLayers(loaded.layers)
  const diagnostics = [
    ...loaded.diagnostics,
    ...shape,
    ...(layer === undefined ? [] : findHiddenCharacters(layer.document)),
    ...(today === undefined ? [] : findEndedWaivers(contents.waive ?? [], today)),
  ]
  return {
    layers,
    sources: loaded.sources,
    value: contents,
    diagnostics: locate(diagnostics, layers, [file.name]),
  }
}
