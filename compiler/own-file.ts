import { isManifestsFile } from '../schema/generated/mesh-validator.mjs'
import type { ManifestsFile } from '../schema/spec/manifests-file.ts'
import type { Limits } from './behavior/budget.ts'
import type { BehaviorModel } from './behavior/model.ts'
import { type LocatedDiagnostic, locate } from './diagnostics/locate.ts'
import type { Source } from './diagnostics/source.ts'
import { suggestName } from './diagnostics/suggest.ts'
import { findUnmetByManifests, listUnknownNames } from './expectations/index.ts'
import { explainShape } from './source/explain-shape.ts'
import { findHiddenCharacters } from './source/hidden-characters.ts'
import { type Layers, mergeLayers } from './source/layers.ts'
import { load } from './source/load.ts'
import { findEndedWaivers } from './suppress/suppress.ts'

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
  const loaded = load(file.name, { read: () => ({ text: file.text }), list: () => [], listBelow: () => [] })
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

/** A name in the file that the manifests do not have. */
interface WrongName {
  readonly file: string
  readonly line: number
  readonly message: string
  readonly help: string | undefined
}

/**
 * Holds manifests against what their file expects: a name that they do not have, or what is wrong with the file, or else the
 * expectations that they do not meet.
 */
export function checkManifests(
  { layers, sources, value, diagnostics }: OwnFile,
  model: BehaviorModel,
  limits: Limits,
): readonly LocatedDiagnostic[] | WrongName {
  const { expect = [] } = value
  if (expect.length === 0) return diagnostics
  const [unknown] = listUnknownNames(expect, model)
  if (unknown !== undefined) {
    const { path, name, what, known } = unknown
    const { file, start } = layers.locationOf({ path })
    const text = sources.find(source => source.name === file)?.text ?? ''
    return {
      file,
      line: text.slice(0, start).split('\n').length,
      message: `the manifests have no ${what} \`${name}\``,
      help: suggestName(name, known),
    }
  }
  const files = sources.map(({ name }) => name)
  return [...diagnostics, ...locate(findUnmetByManifests(expect, model, limits), layers, files)]
}
