import { isMeshFile } from '../../schema/generated/mesh-validator.mjs'
import type { MeshSpec } from '../../schema/spec/mesh.ts'
import type { Diagnostic, Place, SpecPath } from '../diagnostics/diagnostic.ts'
import { FaultyParts, faultyFields } from '../diagnostics/faulty-parts.ts'
import { type Outcome, outcome } from '../diagnostics/outcome.ts'
import type { LayeredSpec } from '../mesh/layered-spec.ts'
import { unknownField } from './diagnostics.ts'
import { emptyMap, isMap, type SpecMap } from './document.ts'
import { explainShape } from './explain-shape.ts'
import { type Layers, mergeLayers } from './layers.ts'
import type { Loaded } from './load.ts'

/** Checks the shape of every file and merges the layers. Where something is wrong, what is beside it may still be looked at. */
export function decode(
  loaded: Loaded,
  entry: string,
): { readonly layers: Layers; readonly spec: Outcome<LayeredSpec>; readonly rest: LayeredSpec | undefined } {
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
  const spec = outcome({ value, entry }, [...loaded.diagnostics, ...shape, ...diagnostics])
  return { layers, spec, rest: spec.ok ? undefined : restOf({ value, entry }, spec.diagnostics) }
}

/** A spec without the fields that are wrong, for what else is wrong; undefined where it would be another spec then. */
function restOf(spec: LayeredSpec, faults: readonly Diagnostic[]): LayeredSpec | undefined {
  const fields = faultyFields(faults)
  if (fields === undefined || FaultyParts.of(faults) === undefined) return undefined
  // A spec is a map of named sections.
  const value = without(spec.value as SpecMap, fields)
  if (faults.some(fault => mayBeNamespace(fault, value))) return undefined
  return isMeshFile(value) ? { ...spec, value: value as MeshSpec } : undefined
}

/** Whether a field that the language does not have may be the `namespace` of its entry, misspelt. */
function mayBeNamespace({ code, at }: Diagnostic, spec: SpecMap): boolean {
  if (code !== unknownField.code || !('path' in at)) return false
  const [section, name] = at.path.map(String)
  const entries = spec[section ?? '']
  const entry = isMap(entries) ? entries[name ?? ''] : undefined
  return isMap(entry) && entry['namespace'] === undefined
}

/** A copy of a map without the fields at some paths. */
function without(map: SpecMap, paths: readonly SpecPath[]): SpecMap {
  const copy: SpecMap = Object.assign(emptyMap(), map)
  const below = new Map<string, SpecPath[]>()
  for (const [step, ...rest] of paths) {
    const key = String(step)
    if (rest.length === 0) delete copy[key]
    else {
      const here = below.get(key)
      if (here === undefined) below.set(key, [rest])
      else here.push(rest)
    }
  }
  for (const [key, rests] of below) {
    const part = copy[key]
    if (isMap(part)) copy[key] = without(part, rests)
  }
  return copy
}

const wordsOf = (place: Place): string =>
  'path' in place ? JSON.stringify([place.file, place.part, place.path]) : JSON.stringify(place.location)
