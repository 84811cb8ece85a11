import { parseEvents } from 'js-yaml'
import type { SpecPath } from '../diagnostics/diagnostic.ts'
import type { Span } from '../diagnostics/source.ts'
import { deepestNesting } from './bounds.ts'
import type { Entry, SpecDocument } from './document.ts'
import { type EntryText, makeEntryCutter } from './entry-text.ts'
import { indexSpans } from './spans.ts'

type Spans = Pick<SpecDocument, 'spanOf' | 'entryAt'>

/** To find an entry in a text takes so much less time than to read all of it. */
const findingShare = 1 / 400

/**
 * Finds the spans of a text once a caller needs them: a build without messages never does. If a caller needs a few parts of a large
 * text, only their entries are parsed again, up to the cost of the whole text.
 *
 * @param isPlain true if `parsePlain` accepts the text
 */
export function findSpansLazily(text: string, isPlain: boolean): Spans {
  let whole: Spans | undefined
  const getWhole = () => {
    whole ??= parseSpans(text)
    return whole
  }
  const findEntryText = makeEntryCutter(text)
  const entries = new Map<string, Spans>()
  let lengthRead = 0
  return {
    spanOf: (path, part) => (findEntrySpans(path) ?? getWhole()).spanOf(path, part),
    // The parent of an entry of a section is the section.
    entryAt: path => ((path.length < 3 ? undefined : findEntrySpans(path)) ?? getWhole()).entryAt(path),
  }

  function findEntrySpans(path: SpecPath): Spans | undefined {
    if (!isPlain || whole !== undefined) return undefined
    const key = path.slice(0, 2).join(' ')
    const before = entries.get(key)
    if (before !== undefined || lengthRead >= text.length) return before
    lengthRead += text.length * findingShare
    const entry = findEntryText(path)
    if (entry === undefined) return undefined
    // A section with most of the text hardly costs less than the whole text, which answers all questions.
    if (entry.depth === 0 && entry.text.length * 2 > text.length) return undefined
    lengthRead += entry.text.length
    const spans = moveSpans(parseSpans(entry.text), entry)
    entries.set(key, spans)
    return spans
  }
}

const parseSpans = (text: string): Spans => indexSpans(text, parseEvents(text, { maxDepth: deepestNesting }))

/** Moves the spans of the text of an entry to its place in the whole text, in which its paths have further steps at the beginning. */
function moveSpans({ spanOf, entryAt }: Spans, { start, depth }: EntryText): Spans {
  const move = <S extends Span>(span: S): S => ({
    ...span,
    start: span.start + start,
    end: span.end + start,
  })
  return {
    spanOf: (path, part) => move(spanOf(path.slice(depth), part)),
    entryAt: (path): Entry | undefined => {
      const entry = entryAt(path.slice(depth))
      return (
        entry && {
          ...move(entry),
          key: entry.key && move(entry.key),
          parent: entry.parent && move(entry.parent),
        }
      )
    },
  }
}
