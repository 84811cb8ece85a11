import { isMeshFile } from '../../schema/generated/mesh-validator.mjs'
import type { MeshSpec } from '../../schema/spec/mesh.ts'
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
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
  const { layers, diagnostics } = mergeLayers(loaded.layers)
  // Each file has the shape of a MeshFile, so what merging leaves, without nulls, has that of a MeshSpec.
  const value = layers.value as MeshSpec
  return { layers, spec: outcome({ value, entry }, [...loaded.diagnostics, ...shape, ...diagnostics]) }
}
