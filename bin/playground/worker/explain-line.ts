import type { Compilation } from '../../../compiler/compilation.ts'
import { printCount } from '../../../compiler/diagnostics/counted.ts'
import type { Source } from '../../../compiler/diagnostics/source.ts'
import { makeTextVisible } from '../../../compiler/diagnostics/visible.ts'
import type { SourceMapEntry } from '../../../compiler/emit/print.ts'
import { findPartAtLine, type Part } from '../../../compiler/provenance/entries-at.ts'
import { makePartFinder } from '../../../compiler/provenance/parts-named.ts'
import { printPointer, printSpecPath } from '../../../compiler/provenance/paths.ts'
import { explainPart, findSpecReason, type Reason } from '../../../compiler/provenance/reasons.ts'
import { findManifestOfTemplate } from '../../project/template-line.ts'
import type { WhyAnswer, WhyReason } from '../share/messages.ts'
import { makeLitLines } from './lit-lines.ts'
import { makeSpecPlaceFinder } from './spec-place.ts'

/**
 * Explains a line of a built file, like `meshc why`: for manifests by the source map, for a template of the chart by the manifest in
 * it, and for texts by the parts that the line names. Undefined for a line without content.
 *
 * @param line counted from 1
 * @param entries the source map of the compilation
 */
export function explainLine(
  path: string,
  line: number,
  compilation: Compilation,
  entries: readonly SourceMapEntry[],
  sources: readonly Source[],
): WhyAnswer | undefined {
  const ofFile = entries.filter(entry => entry.file === path)
  const part = findPartAtLine(ofFile, line)
  if (part !== undefined) return explainPartOfObject(part, ofFile, compilation, sources)
  if (ofFile.length > 0) return undefined
  const text = compilation.file(path)?.text
  if (text === undefined) return undefined
  const manifest = findManifestOfTemplate(text, line, compilation)
  if (manifest !== undefined)
    return explainPartOfObject(manifest.part, manifest.entries, compilation, sources)
  const reasons = makePartFinder(compilation.layers)(text, line).map(path =>
    findSpecReason(path, compilation.layers),
  )
  return reasons.length === 0
    ? undefined
    : makeAnswer({ object: undefined, pointer: '', value: '' }, reasons, [], sources)
}

/** @param entries the scalars of the object's file, or only those of the object */
function explainPartOfObject(
  part: Part,
  entries: readonly SourceMapEntry[],
  { layers }: Compilation,
  sources: readonly Source[],
): WhyAnswer {
  const object = entries.filter(entry => entry.object === part.object)
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
  const findPlace = makeSpecPlaceFinder(sources)
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
