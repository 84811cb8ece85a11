import type { Location, Position } from 'vscode-languageserver/node'
import { listPlaces, type Place, type Places, placeAt } from './places.ts'
import { getRange, type Snapshot } from './snapshot.ts'

/** Where what is named at a position is described first: for each environment, in the lowest layer that does. */
export function findDefinition(snapshot: Snapshot, file: string, position: Position): readonly Location[] {
  const at = placeAt(snapshot, file, position)
  if (at === undefined) return []
  const places = listPlaces(snapshot, at.mention.named, file)
  const first = places.views.flatMap(view => firstIn(view, places) ?? [])
  return [...new Set(first)].map(place => convertLocation(snapshot, place))
}

/** What nothing describes, as most namespaces, is where it is named first. */
function firstIn({ layers }: Places['views'][number], { places }: Places): Place | undefined {
  const here = layers.documents.flatMap(({ source }) => places.filter(({ file }) => file === source.name))
  return here.find(({ mention }) => mention.isDeclaration) ?? here[0]
}

/** A place as an editor has it. */
export function convertLocation(snapshot: Snapshot, place: Place): Location {
  const { source } = place.document
  return { uri: snapshot.uriOf(source.name), range: getRange(snapshot, place, source.text) }
}
