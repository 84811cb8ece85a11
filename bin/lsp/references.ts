import type { Location, Position } from 'vscode-languageserver'
import { convertLocation } from './definition.ts'
import { findPlaceAt, listPlaces } from './places.ts'
import type { Snapshot } from './snapshot.ts'

/** Finds every place that names the entity at a position, in every file of every environment that has it. */
export function findReferences(
  snapshot: Snapshot,
  file: string,
  position: Position,
  withDeclarations: boolean,
): readonly Location[] {
  const at = findPlaceAt(snapshot, file, position)
  if (at === undefined) return []
  return listPlaces(snapshot, at.mention.named, file)
    .places.filter(({ mention }) => withDeclarations || !mention.isDeclaration)
    .map(place => convertLocation(snapshot, place))
}
