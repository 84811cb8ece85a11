import type { Compilation } from '../../../compiler/compilation.ts'
import { printCount } from '../../../compiler/diagnostics/counted.ts'
import type { Source } from '../../../compiler/diagnostics/source.ts'
import { makeTextVisible } from '../../../compiler/diagnostics/visible.ts'
import type { SourceMapEntry } from '../../../compiler/emit/print.ts'
import { findPartAtLine } from '../../../compiler/provenance/entries-at.ts'
import { makePartFinder } from '../../../compiler/provenance/parts-named.ts'
import { printPointer, printSpecPath } from '../../../compiler/provenance/paths.ts'
import { explainPart, findSpecReason, type Reason } from '../../../compiler/provenance/reasons.ts'
import type { WhyAnswer, WhyReason } from '../share/messages.ts'
import { makeLitLines } from './lit-lines.ts'
import { makePlaceFinder } from './spec-place.ts'

/**
 * Explains a line of a built file, as `meshc why` does: by the source map for manifests, by the parts that the line names for
 * texts. Undefined for a line that says nothing.
 *
 * @param line counted from 1
 * @param entries the source map of the compilation
 */
export function explainLine(
  path: string,
  line: number,
  { layers, file }: Pick<Compilation, 'layers' | 'file'>,
  entries: readonly SourceMapEntry[],
  sources: readonly Source[],
): WhyAnswer | undefined {
  const ofFile = entries.filter(entry => entry.file === path)
  if (ofFile.length === 0) {
    const text = file(path)?.text
    const paths = text === undefined ? [] : makePartFinder(layers)(text, line)
    if (paths.length === 0) return undefined
    const reasons = paths.map(path => findSpecReason(path, layers))
    return makeAnswer({ object: undefined, pointer: '', value: '' }, reasons, [], sources)
  }
  const part = findPartAtLine(ofFile, line)
  if (part === undefined) return undefined
  const object = ofFile.filter(entry => entry.object === part.object)
  const { scalars, shared } = explainPart(part.entries, object, layers)
  const [first] = part.entries
  const value =
    part.entries.length === 1
      ? makeTextVisible(String(first!.value), 200)
      : printCount(part.entries.length, 'value')
  return makeAnswer(
    { object: makeTextVisible(part.object), pointer: makeTextVisible(printPointer(part.path)), value },
    scalars.flatMap(({ reasons }) => reasons),
    shared,
    sources,
  )
}

/** More reasons than these are not listed. */
const mostReasons = 40

function makeAnswer(
  words: Pick<WhyAnswer, 'object' | 'pointer' | 'value'>,
  reasons: readonly Reason[],
  shared: readonly Reason[],
  sources: readonly Source[],
): WhyAnswer {
  const findPlace = makePlaceFinder(sources)
  const convert = (reason: Reason): WhyReason => {
    if (reason.kind !== 'spec') {
      const { kind, name, summary, set } = reason
      return { kind, name, summary, set }
    }
    const places = reason.definitions.flatMap(definition => findPlace(definition) ?? [])
    return { kind: 'spec', path: makeTextVisible(printSpecPath(reason.path)), places }
  }
  const listDistinct = (all: readonly Reason[]) => [
    ...new Map(all.map(convert).map(reason => [JSON.stringify(reason), reason])).values(),
  ]
  const [ownReasons, sharedReasons] = [listDistinct(reasons), listDistinct(shared)]
  const listPlaces = (all: readonly WhyReason[]) =>
    all.flatMap(reason => (reason.kind === 'spec' ? reason.places : []))
  return {
    ...words,
    reasons: ownReasons.slice(0, mostReasons),
    shared: sharedReasons,
    files: makeLitLines([
      ...listPlaces(ownReasons).map(place => ({ ...place, isNear: place.wins })),
      ...listPlaces(sharedReasons).map(place => ({ ...place, isNear: false })),
    ]),
  }
}
