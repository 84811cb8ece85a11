import type { Diagnostic, SpecPath } from '../diagnostics/diagnostic.ts'
import type { Span } from '../diagnostics/source.ts'
import { hidden } from '../diagnostics/visible.ts'
import { hiddenCharacter } from './diagnostics.ts'
import { isMap, type SpecDocument } from './document.ts'

/** A reader does not need more findings in one file. */
const mostFindings = 100

/**
 * The invisible characters of a file, with one finding for each value or key that contains some. Values of `raw` and of `patches` may
 * contain them, written as escapes, since the readers of these objects may need them. Literal characters that change the text
 * direction are refused everywhere, in comments too: a reviewer would see another text than meshc reads. See
 * https://trojansource.codes.
 */
export function findHiddenCharacters(document: SpecDocument): readonly Diagnostic[] {
  const { name, text } = document.source
  if (!strange.test(text)) return []
  const diagnostics: Diagnostic[] = []
  const spans: Span[] = []
  for (const { path, part, character } of hiddenIn(document.value, [])) {
    if (diagnostics.length === mostFindings) return diagnostics
    diagnostics.push(hiddenCharacter({ path, file: name, ...(part && { part }) }, { character }))
    spans.push(document.spanOf(path, part))
  }
  for (const { 0: character, index: start } of text.matchAll(turning)) {
    if (diagnostics.length === mostFindings) return diagnostics
    if (spans.some(span => span.start <= start && start < span.end)) continue
    const at = { location: { file: name, start, end: start + 1 } }
    if (!isNextTo(diagnostics.at(-1), start)) diagnostics.push(hiddenCharacter(at, { character }))
  }
  return diagnostics
}

/** The characters that no value can hold that is written in ASCII, without an escape. */
const strange = /[^\t\n\r -[\]-~]/

/** Overrides, embeddings and isolates: https://www.unicode.org/reports/tr9/#Directional_Formatting_Characters */
const turning = /[\u202a-\u202e\u2066-\u2069]/g

/** Emoji and several scripts use joiners, and a text may have lines and columns. The parser refuses halves of surrogate pairs. */
const refused = new RegExp(`(?![\\t\\n\\u200c\\u200d\\p{Cs}])${hidden.source}`, 'u')

interface HiddenPlace {
  readonly path: SpecPath
  readonly part?: 'key'
  readonly character: string
}

function* hiddenIn(value: unknown, path: SpecPath): Iterable<HiddenPlace> {
  if (typeof value === 'string') {
    const character = refused.exec(value)?.[0]
    if (character !== undefined) yield { path, character }
  } else if (Array.isArray(value)) {
    for (const [index, entry] of value.entries()) yield* hiddenIn(entry, [...path, index])
  } else if (isMap(value)) {
    for (const [key, entry] of Object.entries(value)) {
      const here = [...path, key]
      const character = refused.exec(key)?.[0]
      if (character !== undefined) yield { path: here, part: 'key', character }
      if (!isForOthers(here)) yield* hiddenIn(entry, here)
    }
  }
}

/** Tells whether a value is passed unchanged to the reader of its object. */
const isForOthers = ([section, , field, ...rest]: SpecPath) =>
  section === 'raw' || (section === 'patches' && field === 'spec' && rest.length === 0)

/** Tells whether a finding is about the character before this one. */
const isNextTo = (diagnostic: Diagnostic | undefined, start: number) =>
  diagnostic !== undefined && 'location' in diagnostic.at && diagnostic.at.location.end === start
