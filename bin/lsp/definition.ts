import type { Location, Position } from 'vscode-languageserver'
import { findPlaceAt, listPlaces, type Place, type Places } from './places.ts'
import { getRange, type Snapshot } from './snapshot.ts'

/** Finds the definition of the entity that is named at a position: for each environment, in the lowest layer that describes it. */
export function findDefinition(snapshot: Snapshot, file: string, position: Position): readonly Location[] {
  const at = findPlaceAt(snapshot, file, position)
  if (at === undefined) return []
  const places = listPlaces(snapshot, at.mention.named, file)
  const first = places.views.flatMap(view => firstIn(view, places) ?? [])
  return [...new Set(first)].map(place => convertLocation(snapshot, place))
}

/** Finds the first mention of a name that nothing describes, as most namespaces. */
function firstIn({ layers }: Places['views'][number], { places }: Places): Place | undefined {
  const here = layers.documents.flatMap(({ source }) => places.filter(({ file }) => file === source.name))
  return here.find(({ mention }) => mention.isDeclaration) ?? here[0]
}

/** A place as an editor has it. */
export function convertLocation(snapshot: Snapshot, place: Place): Location {
  const { source } = place.document
  return { uri: snapshot.uriOf(source.name), range: getRange(snapshot, place, source.text) }
}
