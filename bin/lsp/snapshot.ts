import type { Position, Range } from 'vscode-languageserver'
import { TextDocument } from 'vscode-languageserver-textdocument'
import type { Location } from '../../compiler/diagnostics/source.ts'
import type { SpecDocument } from '../../compiler/source/document.ts'
import type { View } from './view.ts'

/** The names that an editor gives files. */
interface Naming {
  uriOf(file: string): string
  /** Gives the version of a file that is open; null for one on the disk. */
  versionOf(file: string): number | null
}

/** A project at one moment: its environments, and its files. */
export interface Snapshot extends Naming {
  readonly views: readonly View[]
  /** The current text of a file; undefined if no environment reads the file. */
  textDocument(file: string): TextDocument | undefined
}

export function makeSnapshot(views: readonly View[], { uriOf, versionOf }: Naming): Snapshot {
  const texts = new Map<string, string>()
  for (const { result } of views) for (const { name, text } of result.sources) texts.set(name, text)
  const documents = new Map<string, TextDocument>()
  return {
    views,
    uriOf,
    versionOf,
    textDocument: file => {
      const text = texts.get(file)
      if (text === undefined) return undefined
      const textDocument = documents.get(file)
      if (textDocument !== undefined) return textDocument
      const document = TextDocument.create(uriOf(file), 'yaml', versionOf(file) ?? 0, text)
      documents.set(file, document)
      return document
    },
  }
}

/** The environments that read a file. */
export const listViews = ({ views }: Snapshot, file: string): readonly View[] =>
  views.filter(({ result, layers }) =>
    [...result.sources, ...layers.documents.map(({ source }) => source)].some(({ name }) => name === file),
  )

/** A file of the spec as it could last be read. */
export function findSpecDocument(snapshot: Snapshot, file: string): SpecDocument | undefined {
  for (const { layers } of snapshot.views) {
    const document = layers.documents.find(({ source }) => source.name === file)
    if (document !== undefined) return document
  }
  return undefined
}

/** Finds the offset of an editor's position in a file as it could last be read. */
export function findOffset(
  snapshot: Snapshot,
  document: SpecDocument,
  position: Position,
): number | undefined {
  const now = snapshot.textDocument(document.source.name)
  return now && carryOffset(now.offsetAt(position), now.getText(), document.source.text)
}

/** A stretch of a text as an editor has it, which may have typed on since. */
export function getRange(snapshot: Snapshot, location: Location, text: string): Range {
  const now = snapshot.textDocument(location.file)
  if (now === undefined) return { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } }
  const position = (offset: number) => now.positionAt(carryOffset(offset, text, now.getText()))
  return { start: position(location.start), end: position(location.end) }
}

/** Converts an offset in one text to an offset in another, if the two differ in one range. */
function carryOffset(offset: number, from: string, to: string): number {
  if (from === to) return offset
  const shorter = Math.min(from.length, to.length)
  let before = 0
  while (before < shorter && from[before] === to[before]) before++
  if (offset <= before) return offset
  let behind = 0
  while (behind < shorter - before && from.at(-1 - behind) === to.at(-1 - behind)) behind++
  return offset >= from.length - behind
    ? offset + to.length - from.length
    : Math.min(offset, to.length - behind)
}
