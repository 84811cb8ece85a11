import type { Diagnostic, Place, SpecEdit, SpecPath, TextEdit } from '../diagnostics/diagnostic.ts'
import type { Texts } from '../diagnostics/locate.ts'
import type { Location } from '../diagnostics/source.ts'
import { emptyValue, includedTwice, includeForbids } from './diagnostics.ts'
import { getValue, isMap, makeEmptyMap, type SpecDocument, type SpecMap } from './document.ts'
import type { Layer } from './load.ts'
import { makeTextEdit } from './text-edit.ts'

/** One place at which a value of the spec is set. */
export interface Definition extends Location {
  /** Its path in that file. Lists of included files are joined, so an index can differ from the index in the merged spec. */
  readonly path: SpecPath
  readonly value: unknown
  /** True if this is the definition that holds; the others are overridden by it. */
  readonly wins: boolean
}

/** The merged layers. Every path of the result has the definition that set it and those that were overridden. */
export interface Layers extends Texts {
  /** The merged spec: maps merged by key, everything else replaced, null removed. */
  readonly value: SpecMap
  /** The files that were merged, the base first. */
  readonly documents: readonly SpecDocument[]
  /**
   * Lists the definitions that set the value at a path, the winner first, then the overridden ones from the nearest
   * layer down.
   */
  definitionsOf(path: SpecPath): readonly Definition[]
}

/** The sections that an included file may hold. */
export const includable = ['services', 'external', 'expect']

/** Merges layers, the base first. The order of files within a layer has no effect: only one of them has a key. */
export function mergeLayers(layers: readonly Layer[]): {
  readonly layers: Layers
  readonly diagnostics: Diagnostic[]
} {
  const diagnostics: Diagnostic[] = []
  const empty: { readonly path: SpecPath; readonly layer: Layer }[] = []
  let value: SpecMap = makeEmptyMap()
  for (const layer of layers) {
    const specMap = joined(layer, diagnostics)
    if (hasNull(layer)) empty.push(...removingNothing(value, specMap, []).map(path => ({ path, layer })))
    value = mergeValues(value, specMap, hasNull(layer)) as SpecMap
    // A null in these sections belongs to the object that contains it, and removes nothing from a lower layer.
    for (const section of ['patches', 'raw'])
      if (Array.isArray(specMap[section])) value[section] = specMap[section]
  }
  for (const { path, layer } of empty) {
    const file = [layer.document, ...layer.included].find(({ value }) => getValue(value, path) === null)
    const isLast = listSetters(layers, path).at(-1)?.document === file
    // A layer above may say it: then the line is a place that is kept for it.
    if (file === undefined || !isLast) continue
    const at = { path, part: 'key' as const, file: file.source.name }
    diagnostics.push(emptyValue(at, { field: path.join('.'), isEntry: path.length < 3 }))
  }
  const documents = layers.flatMap(layer => [layer.document, ...layer.included])
  const definitionsByPath = new Map<string, readonly Definition[]>()
  // Many values have the same reasons, and a span is looked for in the text.
  const listDefinitions = (path: SpecPath) => {
    const key = JSON.stringify(path)
    const list = definitionsByPath.get(key) ?? findDefinitions(layers, path)
    definitionsByPath.set(key, list)
    return list
  }
  const findDocument = (file: string) => documents.find(document => document.source.name === file)
  const getLocation = (place: Place): Location => {
    if ('location' in place) return place.location
    const { path, part, file } = place
    if (file !== undefined)
      return { file, ...(findDocument(file)?.spanOf(path, part) ?? { start: 0, end: 0 }) }
    for (let length = path.length; length >= 0; length--) {
      const setter = listSetters(layers, path.slice(0, length)).at(-1)
      if (setter === undefined) continue
      const span = setter.document.spanOf(setter.path, length === path.length ? part : undefined)
      return { file: setter.document.source.name, ...span }
    }
    return { file: documents.at(-1)?.source.name ?? '', start: 0, end: 0 }
  }
  const findEdit = (edit: SpecEdit): TextEdit | undefined => {
    const { at } = edit
    if ('location' in at) return edit.change === 'replace' ? { ...at.location, text: edit.text } : undefined
    const { path, file } = at
    const setter =
      file === undefined ? listSetters(layers, path).at(-1) : { document: findDocument(file), path }
    if (setter?.document === undefined) return undefined
    const entry = setter.document.entryAt(setter.path)
    if (entry === undefined) return undefined
    const changed = makeTextEdit(setter.document.source.text, entry, edit, at.part)
    return changed === undefined ? undefined : { file: setter.document.source.name, ...changed }
  }
  return {
    layers: { value, documents, definitionsOf: listDefinitions, locationOf: getLocation, editOf: findEdit },
    diagnostics,
  }
}

const hasNull = ({ document, included }: Layer) =>
  document.hasNull || included.some(document => document.hasNull)

/** A layer's own file with the sections of the files it includes. */
function joined({ document, included }: Layer, diagnostics: Diagnostic[]): SpecMap {
  const specMap = document.value as SpecMap
  if (included.length === 0) return specMap
  const result: SpecMap = Object.assign(makeEmptyMap(), specMap)
  const setBy = new Map<string, string>()
  for (const section of includable) {
    const content = specMap[section]
    if (isMap(content))
      for (const key of Object.keys(content)) setBy.set(`${section}.${key}`, document.source.name)
  }
  for (const file of included) {
    const { name } = file.source
    for (const [section, content] of Object.entries(file.value as SpecMap)) {
      if (section === 'meshc') continue
      if (!includable.includes(section)) {
        diagnostics.push(includeForbids({ path: [section], part: 'key', file: name }, { section }))
      } else if (Array.isArray(content)) {
        result[section] = [...(Array.isArray(result[section]) ? result[section] : []), ...content]
      } else if (isMap(content)) {
        const target: SpecMap = Object.assign(makeEmptyMap(), isMap(result[section]) ? result[section] : {})
        for (const [key, entry] of Object.entries(content)) {
          const winner = setBy.get(`${section}.${key}`)
          if (winner !== undefined) {
            const path = [section, key]
            const related = { at: { path, part: 'key' as const, file: winner }, message: 'and here' }
            diagnostics.push(includedTwice({ path, part: 'key', file: name }, { section, key }, [related]))
            continue
          }
          setBy.set(`${section}.${key}`, name)
          target[key] = entry
        }
        result[section] = target
      }
    }
  }
  return result
}

/** Merges the definitions of the layers below the winner at a path: the value that a null in its place removes. */
export const getBelowWinner = (definitions: readonly Definition[]): unknown =>
  definitions
    .slice(1)
    .toReversed()
    .reduce<unknown>(
      (base, { value }) => (value === null ? undefined : mergeValues(base, value, true)),
      undefined,
    )

/** Merges `over` into `base`. The result shares unchanged parts; the inputs never change. */
function mergeValues(base: unknown, over: unknown, nulls: boolean): unknown {
  // A list replaces the one below, but a null within its entries still removes a value.
  if (Array.isArray(over)) return nulls ? over.map(entry => mergeValues(undefined, entry, nulls)) : over
  if (!isMap(over)) return over
  const overridden = isMap(base) ? base : undefined
  if (!nulls && (overridden === undefined || Object.keys(overridden).length === 0)) return over
  const result: SpecMap = Object.assign(makeEmptyMap(), overridden)
  for (const [key, entry] of Object.entries(over)) {
    if (entry === null) delete result[key]
    else result[key] = mergeValues(result[key], entry, nulls)
  }
  return result
}

/** The paths of nulls in a layer that remove no value of a lower layer. Lists, with patches and raw objects, have nulls of their own. */
function removingNothing(base: unknown, over: SpecMap, path: SpecPath): readonly SpecPath[] {
  return Object.entries(over).flatMap(([key, entry]): readonly SpecPath[] => {
    const below = isMap(base) ? base[key] : undefined
    if (entry === null) return below === undefined ? [[...path, key]] : []
    return isMap(entry) ? removingNothing(below, entry, [...path, key]) : []
  })
}

interface Setter {
  readonly document: SpecDocument
  readonly path: SpecPath
}

/** The documents that set a path, the lowest layer first. A layer that replaces an ancestor hides those below. */
function listSetters(layers: readonly Layer[], path: SpecPath): readonly Setter[] {
  let setters: Setter[] = []
  for (const { document, included } of layers) {
    const here: Setter[] = []
    let isReplaced = false
    let offset = 0
    for (const file of [document, ...included]) {
      const isJoinedList =
        path.length > 1 && includable.includes(String(path[0])) && typeof path[1] === 'number'
      const ownPath = isJoinedList ? [path[0]!, (path[1] as number) - offset, ...path.slice(2)] : path
      if (isJoinedList) {
        const entries = getValue(file.value, path.slice(0, 1))
        offset += Array.isArray(entries) ? entries.length : 0
      }
      const value = getValue(file.value, ownPath)
      if (value === undefined) {
        // A value that is not a map replaces the values below its path, list by list and value by value.
        isReplaced ||= ownPath.some((_, length) => replaces(getValue(file.value, ownPath.slice(0, length))))
      } else here.push({ document: file, path: ownPath })
    }
    // The files of a layer replace nothing of each other.
    setters = isReplaced && here.length === 0 ? [] : [...setters, ...here]
  }
  return setters
}

const replaces = (value: unknown) => value !== undefined && !isMap(value)

function findDefinitions(layers: readonly Layer[], path: SpecPath): readonly Definition[] {
  return listSetters(layers, path)
    .toReversed()
    .map(({ document, path: ownPath }, index) => ({
      file: document.source.name,
      ...document.spanOf(ownPath),
      path: ownPath,
      value: getValue(document.value, ownPath),
      wins: index === 0,
    }))
}
