import type { SpecPath, TextEdit } from '../diagnostics/diagnostic.ts'
import type { SourceMapEntry } from '../emit/print.ts'
import { getBelowWinner, type Layers } from '../source/layers.ts'
import { printPointer } from './paths.ts'

/** The removal by a null: the scalars that are there because of it, and those that are not. */
interface Removal {
  readonly reached: readonly SourceMapEntry[]
  /** The values that the nulls remove. Their lines are those in the files without the null. */
  readonly takenAway: readonly SourceMapEntry[]
}

/**
 * Edits of a file that replace each null at some paths with the value of the layers below: the spec without the nulls. Empty if no
 * null there removes a value.
 */
export const withoutNulls = (file: string, paths: readonly SpecPath[], layers: Layers): readonly TextEdit[] =>
  paths.flatMap(path => {
    const definitions = layers.definitionsOf(path)
    const [winner] = definitions
    const below = getBelowWinner(definitions)
    if (winner?.file !== file || winner.value !== null || below === undefined) return []
    // JSON is YAML, also between brackets; a null can be nothing at all, right behind its colon.
    return [{ file, start: winner.start, end: winner.end, text: ` ${JSON.stringify(below)}` }]
  })

/** Compares the scalars of an environment with those that it would have without a line. */
export function findRemoval(here: readonly SourceMapEntry[], without: readonly SourceMapEntry[]): Removal {
  const isIn = (entries: readonly SourceMapEntry[]) => {
    const values = new Map(entries.map(entry => [makeEntryKey(entry), entry.value]))
    return (entry: SourceMapEntry) => values.get(makeEntryKey(entry)) === entry.value
  }
  const isWithout = isIn(without)
  const isHere = isIn(here)
  return {
    reached: here.filter(entry => !isWithout(entry)),
    takenAway: without.filter(entry => !isHere(entry)),
  }
}

const makeEntryKey = ({ file, object, path }: SourceMapEntry) => `${file} ${object} ${printPointer(path)}`
