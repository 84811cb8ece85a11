import type { Position } from 'vscode-languageserver'
import { weakMemo } from '../../compiler/basics/weak-memo.ts'
import { isPathWithin } from '../../compiler/diagnostics/is-path-within.ts'
import type { SourceMapEntry } from '../../compiler/emit/print.ts'
import {
  locateMention,
  type Mention,
  type MentionLocation,
  makeNameKey,
  mentionsIn,
  mentionsInPatches,
  type Named,
} from '../../compiler/provenance/mentions.ts'
import { isMap, type SpecDocument } from '../../compiler/source/document.ts'
import { findPathAt } from '../../compiler/source/path-at.ts'
import { findOffset, findSpecDocument, listViews, type Snapshot } from './snapshot.ts'
import type { View } from './view.ts'

/** A mention, and its position in the text of its file. */
export interface Place extends MentionLocation {
  readonly mention: Mention
  readonly document: SpecDocument
}

/** The places that name one entity. */
export interface Places {
  readonly places: readonly Place[]
  /** The environments that have it. */
  readonly views: readonly View[]
}

/** Finds the place of the name at a position of a file. */
export function findPlaceAt(snapshot: Snapshot, file: string, position: Position): Place | undefined {
  const document = findSpecDocument(snapshot, file)
  const offset = document && findOffset(snapshot, document, position)
  if (document === undefined || offset === undefined) return undefined
  const place = findPathAt(document, offset)
  if (place === undefined) return undefined
  return allMentions(snapshot)(document)
    .filter(({ path }) => path.length === place.length && isPathWithin(path, place))
    .map(mention => ({ mention, document, ...locateMention(mention, document) }))
    .find(({ start, end }) => start <= offset && offset <= end)
}

/**
 * Lists every place that names the same entity as a place of this file. Two environments name the same entity if a file that both
 * read does; otherwise, each environment has its own.
 */
export function listPlaces(snapshot: Snapshot, named: Named, file: string): Places {
  const key = makeNameKey(named)
  const mentions = allMentions(snapshot)
  const documents = new Map<string, SpecDocument>()
  const views = new Set<View>()
  const waiting = [file]
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    for (const view of listViews(snapshot, next)) {
      if (views.has(view)) continue
      views.add(view)
      for (const document of view.layers.documents) {
        const { name } = document.source
        if (documents.has(name) || !mentions(document).some(({ named }) => makeNameKey(named) === key))
          continue
        documents.set(name, document)
        waiting.push(name)
      }
    }
  }
  const places = [...documents.values()].flatMap(document =>
    mentions(document)
      .filter(({ named }) => makeNameKey(named) === key)
      .map(mention => ({ mention, document, ...locateMention(mention, document) })),
  )
  // An anchor puts one text at many places.
  const seen = new Set<string>()
  const isNew = ({ file, start }: Place) => !seen.has(`${start} ${file}`) && seen.add(`${start} ${file}`)
  return { places: places.filter(isNew), views: snapshot.views.filter(view => views.has(view)) }
}

/** The mentions of a file, including those in patches, whose meaning follows from the environments that compile. */
function allMentions(snapshot: Snapshot): (document: SpecDocument) => readonly Mention[] {
  const mentions = new Map<string, readonly Mention[]>()
  const inPatches = snapshot.views.flatMap(listMentionsInPatches)
  return document => {
    const { name } = document.source
    const before = mentions.get(name)
    if (before !== undefined) return before
    const foundMentions = [...mentionsIn(document), ...inPatches.filter(({ file }) => file === name)]
    mentions.set(name, foundMentions)
    return foundMentions
  }
}

/** Lists the mentions in the patches of an environment, each with its file: all questions about a view share the list. */
const listMentionsInPatches = weakMemo(({ result, layers }: View): ReturnType<typeof mentionsInPatches> => {
  const patches: unknown = result.layers.value['patches']
  if (!result.ok || !Array.isArray(patches)) return []
  const objects = new Set(
    patches.filter(isMap).map(({ kind, namespace, name }) => `${kind}/${namespace}/${name}`),
  )
  const names = new Map<string, SourceMapEntry>()
  for (const entry of result.value.sourceMap(({ object }) => objects.has(object)))
    if (entry.path.join('/') === 'metadata/name') names.set(entry.object, entry)
  return mentionsInPatches(layers, object => names.get(object))
})
