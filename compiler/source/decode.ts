import { namedSections } from '../../schema/generated/field-facts.ts'
import { isMeshFile } from '../../schema/generated/mesh-validator.mjs'
import type { MeshSpec } from '../../schema/spec/mesh.ts'
import { weakMemo } from '../basics/weak-memo.ts'
import type { Diagnostic, Place, SpecPath } from '../diagnostics/diagnostic.ts'
import type { Gap } from '../diagnostics/faulty-parts.ts'
import { type Outcome, outcome } from '../diagnostics/outcome.ts'
import { findNearestName } from '../diagnostics/suggest.ts'
import type { LayeredSpec } from '../mesh/layered-spec.ts'
import { checkClusterFiles } from './cluster-files.ts'
import { hiddenCharacter, unknownField } from './diagnostics.ts'
import { isMap, makeEmptyMap, type SpecDocument, type SpecMap } from './document.ts'
import { explainShape } from './explain-shape.ts'
import { findHiddenCharacters } from './hidden-characters.ts'
import { includable, type Layers, mergeLayers } from './layers.ts'
import { listLegalFields } from './legal-fields.ts'
import type { Loaded } from './load.ts'

/** A spec, or its sound parts if it has a fault. */
export interface Decoded {
  readonly layers: Layers
  readonly spec: Outcome<LayeredSpec>
  /** The spec without its wrong parts, and the gaps; undefined if the spec is whole, or if no part is sound. */
  readonly rest: { readonly spec: LayeredSpec; readonly gaps: readonly Gap[] } | undefined
}

/** Checks the shape of every file and merges the layers. Later passes may still check the parts beside a fault. */
export function decode(loaded: Loaded, entry: string): Decoded {
  const faults = loaded.layers.flatMap(({ document, included }) => [document, ...included].map(getFileFaults))
  const hidden = faults.flatMap(({ hidden }) => hidden)
  const { layers, diagnostics: merging } = mergeLayers(loaded.layers)
  const shape = [...faults.flatMap(({ shape }) => shape), ...checkClusterFiles(loaded, entry)]
  // A section that the language does not have is no section of the wrong file, too.
  const places = new Set(shape.map(({ at }) => makePlaceKey(at)))
  const isReported = ({ at }: Diagnostic) => places.has(makePlaceKey(at))
  const diagnostics = [
    ...shape,
    ...[...hidden, ...merging].filter(givenDiagnostic => !isReported(givenDiagnostic)),
  ]
  // Each file has the shape of a MeshFile, so the merged value, without nulls, has the shape of a MeshSpec.
  const value = layers.value as MeshSpec
  const { base, cluster } = loaded
  const layered = { value, entry, base, cluster }
  const spec = outcome(layered, [...loaded.diagnostics, ...diagnostics])
  return { layers, spec, rest: spec.ok ? undefined : makeSoundRest(layered, loaded, diagnostics) }
}

/** The faults of a file that do not depend on other files. */
interface FileFaults {
  readonly shape: readonly Diagnostic[]
  readonly hidden: readonly Diagnostic[]
}

/** Gets the faults of a file. Environments share files, and each is checked once. */
const getFileFaults = weakMemo(
  (file: SpecDocument): FileFaults => ({
    shape: isMeshFile(file.value) ? [] : explainShape(file.value, file.source.name),
    hidden: findHiddenCharacters(file),
  }),
)

/** A spec without its wrong parts, in which later passes look for other faults. */
function makeSoundRest(spec: LayeredSpec, loaded: Loaded, faults: readonly Diagnostic[]): Decoded['rest'] {
  const lost = loaded.layers
    .flatMap(({ document, included }) => [document, ...included].flatMap(({ lost }) => lost))
    .filter(({ isOfNames }) => isOfNames !== true)
  const faulty = [...faults.map(({ at }) => at), ...lost]
  // A spec is a map of named sections.
  const value = removePaths(spec.value as SpecMap, faulty.flatMap(listRemovals))
  if (!isMeshFile(value)) return undefined
  const gaps = faults.flatMap(fault => listFaultGaps(fault, value))
  return { spec: { ...spec, value: value as MeshSpec }, gaps: [...listUnread(loaded, value), ...gaps] }
}

/** Lists the gaps of a spec if a file of it could not be read completely. */
function listUnread({ layers, isWhole }: Loaded, value: SpecMap): readonly Gap[] {
  if (!isWhole) return [{ path: [] }]
  return layers.flatMap(({ document, included, isWhole }): readonly Gap[] => {
    const files = [document, ...included]
    const lost = files.flatMap(({ lost }) => lost)
    return isWhole ? lost : [...lost, ...includable.flatMap(section => mayHold(section, files, value))]
  })
}

/** Lists the gaps that an unreadable file leaves in a section: everything that no other file of its layer sets. */
function mayHold(section: string, files: readonly SpecDocument[], value: SpecMap): readonly Gap[] {
  const entries = value[section]
  if (!isMap(entries)) return [{ path: [section] }]
  const keysOfOthers = new Set(
    files.flatMap(file => {
      const here = isMap(file.value) ? file.value[section] : undefined
      return isMap(here) ? Object.keys(here) : []
    }),
  )
  const others = Object.keys(entries).filter(key => !keysOfOthers.has(key))
  return [{ path: [section], isOfNames: true }, ...others.map(key => ({ path: [section, key] }))]
}

/** Lists the gaps that a fault leaves. */
function listFaultGaps({ code, at }: Diagnostic, rest: SpecMap): readonly Gap[] {
  // A character that is in no value is in a comment.
  if (!('path' in at)) return code === hiddenCharacter.code ? [] : [{ path: [] }]
  const { path, part } = at
  const [section, name, field] = path.map(String)
  // Nothing is known about another version of the language.
  if (section === undefined || section === 'meshc') return [{ path: [] }]
  const isMisspelt = code === unknownField.code
  if (isMisspelt && name === undefined) {
    const meant = findNearestName(section, listLegalFields([])?.fields ?? [])
    if (meant === 'extends' || meant === 'include') return [{ path: [] }]
    return [section, ...(meant === undefined ? [] : [meant])].map(section => ({ path: [section] }))
  }
  if (name === undefined || !namedSections.includes(section)) return [{ path }]
  if (isMisspelt) {
    // It may be any field that its entry lacks.
    const entries = rest[section]
    const entry = isMap(entries) ? entries[name] : undefined
    const hasNamespace = isMap(entry) && entry['namespace'] !== undefined
    return [{ path: hasNamespace ? [section, name, ''] : [section, name] }]
  }
  if (field === undefined && part === 'key') return [{ path }, { path: [section], isOfNames: true }]
  return [{ path }]
}

interface Removal {
  readonly path: SpecPath
  /** True if the name stays, with nothing in it: others may say it, whatever it holds. */
  readonly isOfContent: boolean
}

/** Lists the parts to leave out, so that the rest has the shape that it must. */
function listRemovals(at: Place): readonly Removal[] {
  if (!('path' in at) || at.path.length === 0) return []
  const isOfEntries = namedSections.includes(String(at.path[0]))
  const isOfContent = isOfEntries && at.path.length === 2 && at.part !== 'key'
  const list = at.path.findIndex(step => typeof step === 'number')
  const depth = Math.min(isOfEntries ? 3 : 2, list === -1 ? at.path.length : list)
  return [{ path: at.path.slice(0, depth), isOfContent }]
}

/** A copy of a map without the values at some paths. */
function removePaths(map: SpecMap, removals: readonly Removal[]): SpecMap {
  const copy: SpecMap = Object.assign(makeEmptyMap(), map)
  const below = new Map<string, Removal[]>()
  for (const { path, isOfContent } of removals) {
    const [step, ...rest] = path
    const key = String(step)
    if (!(key in copy)) continue
    if (rest.length > 0) {
      const here = below.get(key)
      if (here === undefined) below.set(key, [{ path: rest, isOfContent }])
      else here.push({ path: rest, isOfContent })
    } else if (isOfContent) copy[key] = makeEmptyMap()
    else delete copy[key]
  }
  for (const [key, removals] of below) {
    const part = copy[key]
    if (isMap(part)) copy[key] = removePaths(part, removals)
  }
  return copy
}

const makePlaceKey = (place: Place): string =>
  'path' in place ? JSON.stringify([place.file, place.part, place.path]) : JSON.stringify(place.location)
