import type { Location, Position } from 'vscode-languageserver/node'
import { lspLocation } from './definition.ts'
import { placeAt, placesOf } from './places.ts'
import type { Snapshot } from './snapshot.ts'

/** Every place that names what is named at a position, in every file of every environment that has it. */
export function references(
  snapshot: Snapshot,
  file: string,
  position: Position,
  withDeclarations: boolean,
): readonly Location[] {
  const at = placeAt(snapshot, file, position)
  if (at === undefined) return []
  return placesOf(snapshot, at.mention.named, file)
    .places.filter(({ mention }) => withDeclarations || !mention.isDeclaration)
    .map(place => lspLocation(snapshot, place))
}
