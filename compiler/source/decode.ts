import { isMeshFile } from '../../schema/generated/mesh-validator.mjs'
import type { MeshSpec } from '../../schema/spec/mesh.ts'
import type { Diagnostic, Place } from '../diagnostics/diagnostic.ts'
import { type Outcome, outcome } from '../diagnostics/outcome.ts'
import type { LayeredSpec } from '../mesh/layered-spec.ts'
import { explainShape } from './explain-shape.ts'
import { type Layers, mergeLayers } from './layers.ts'
import type { Loaded } from './load.ts'

/** Checks the shape of every file and merges the layers. */
export function decode(
  loaded: Loaded,
  entry: string,
): { readonly layers: Layers; readonly spec: Outcome<LayeredSpec> } {
  const shape: Diagnostic[] = []
  for (const { document, included } of loaded.layers) {
    for (const file of [document, ...included]) {
      if (isMeshFile(file.value)) continue
      for (const diagnostic of explainShape(file.value, file.source.name)) shape.push(diagnostic)
    }
  }
  const { layers, diagnostics: merging } = mergeLayers(loaded.layers)
  // A section that the language does not have is no section of the wrong file, too.
  const told = new Set(shape.map(({ at }) => wordsOf(at)))
  const diagnostics = merging.filter(({ at }) => !told.has(wordsOf(at)))
  // Each file has the shape of a MeshFile, so what merging leaves, without nulls, has that of a MeshSpec.
  const value = layers.value as MeshSpec
  return { layers, spec: outcome({ value, entry }, [...loaded.diagnostics, ...shape, ...diagnostics]) }
}

const wordsOf = (place: Place): string =>
  'path' in place ? JSON.stringify([place.file, place.part, place.path]) : JSON.stringify(place.location)
