import { isManifestsFile } from '../schema/generated/mesh-validator.mjs'
import type { ManifestsFile } from '../schema/spec/manifests-file.ts'
import type { Limits } from './behavior/budget.ts'
import type { ManifestObject } from './behavior/manifest-object.ts'
import type { BehaviorModel } from './behavior/model.ts'
import { type LocatedDiagnostic, locateDiagnostics } from './diagnostics/locate.ts'
import type { Source } from './diagnostics/source.ts'
import { suggestName } from './diagnostics/suggest.ts'
import { findUnmetByManifests, listUnknownNames } from './expectations/index.ts'
import { SpecNode } from './mesh/sourced.ts'
import { findViolatingManifests } from './policies/index.ts'
import { listClaims } from './resolve/claims.ts'
import { findExclusiveConditions } from './resolve/expectations.ts'
import { resolvePolicies } from './resolve/policies.ts'
import { explainShape } from './source/explain-shape.ts'
import { findHiddenCharacters } from './source/hidden-characters.ts'
import { type Layers, mergeLayers } from './source/layers.ts'
import { load } from './source/load.ts'
import { findEndedWaivers } from './suppress/suppress.ts'

/** The file beside manifests with the waivers and expectations of their reviews. */
export interface OwnFile {
  readonly layers: Layers
  readonly sources: readonly Source[]
  /** The contents; empty if the file is wrong. */
  readonly value: ManifestsFile
  readonly diagnostics: readonly LocatedDiagnostic[]
}

/**
 * Reads the file.
 *
 * @param file undefined: there is none
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
    diagnostics: locateDiagnostics(diagnostics, layers, [file.name]),
  }
}

/** A name in the file that the manifests do not have. */
interface WrongName {
  readonly file: string
  readonly line: number
  readonly message: string
  readonly help: string | undefined
}

/** Checks manifests with the policies of their file; the policies of a wrong file are unknown. */
export function checkManifestsWithPolicies(
  { layers, sources, value }: OwnFile,
  manifests: readonly ManifestObject[],
  texts: readonly Source[],
  limits: Limits,
): readonly LocatedDiagnostic[] {
  const { policies = {} } = value
  const resolved = resolvePolicies(
    Object.fromEntries(
      Object.entries(policies).map(([name, policy]) => [name, { ...policy, for: 'manifests' }]),
    ),
    () => undefined, // the schema asks for all that is mandatory
  )
  if (resolved.length === 0) return []
  const violations = findViolatingManifests(resolved, manifests, texts, limits)
  return locateDiagnostics(
    violations,
    layers,
    [...sources, ...texts].map(({ name }) => name),
  )
}

/**
 * Checks manifests against the expectations of their file. Reports unknown names, or faults of the file, or else the unmet
 * expectations.
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
  const node = new SpecNode(undefined, 'expect')
  const exclusive = expect.flatMap((written, index) =>
    findExclusiveConditions(written, node.at(index), 'this expectation'),
  )
  if (exclusive.length > 0) return [...diagnostics, ...locateDiagnostics(exclusive, layers, files)]
  const expectations = expect.map((written, index) => ({
    ...written,
    claims: listClaims(written.claims, node.at(index).at('claims')).map(
      ([path, values]) => [path, values.map(({ value }) => value)] as const,
    ),
  }))
  return [
    ...diagnostics,
    ...locateDiagnostics(findUnmetByManifests(expectations, model, limits), layers, files),
  ]
}
