import { parseEvents } from 'js-yaml'
import type { SpecPath } from '../diagnostics/diagnostic.ts'
import type { Span } from '../diagnostics/source.ts'
import { deepestNesting } from './bounds.ts'
import type { Entry, SpecDocument } from './document.ts'
import { makePartCutter } from './entry-text.ts'
import { indexSpans } from './spans.ts'

type Spans = Pick<SpecDocument, 'spanOf' | 'entryAt'>

/** To find a part in a text takes so much less time than to read all of it. */
const findingShare = 1 / 400
/** A part with this share of a text is not parsed alone: the whole text hardly takes longer, and answers all questions. */
const largestShare = 1 / 2

/**
 * Finds the spans of a text once a caller needs them: a build without messages never does. If a caller needs a few parts of a large
 * text, only their entries or sections are parsed again, up to the cost of the whole text.
 *
 * @param isPlain true if `parsePlain` accepts the text
 */
export function findSpansLazily(text: string, isPlain: boolean): Spans {
  let whole: Spans | undefined
  const getWhole = () => {
    whole ??= parseSpans(text)
    return whole
  }
  const cutPart = makePartCutter(text)
  const parts = new Map<string, Spans | undefined>()
  let lengthRead = 0
  return {
    spanOf: (path, part) => getSpansAround(path).spanOf(path, part),
    // An entry has the span of its parent.
    entryAt: path => getSpansAround(path.slice(0, -1)).entryAt(path),
  }

  /** Gives the spans of the smallest part of the text that contains the value at a path. */
  function getSpansAround(path: SpecPath): Spans {
    return findPartSpans(path.slice(0, 2)) ?? findPartSpans(path.slice(0, 1)) ?? getWhole()
  }

  function findPartSpans(path: SpecPath): Spans | undefined {
    if (!isPlain || whole !== undefined) return undefined
    const key = JSON.stringify(path)
    if (parts.has(key) || lengthRead >= text.length) return parts.get(key)
    lengthRead += text.length * findingShare
    const part = cutPart(path)
    const isSmall = part !== undefined && part.text.length < text.length * largestShare
    if (isSmall) lengthRead += part.text.length
    const spans = isSmall ? moveSpans(parseSpans(part.text), part.start, path.length - 1) : undefined
    parts.set(key, spans)
    return spans
  }
}

const parseSpans = (text: string): Spans => indexSpans(text, parseEvents(text, { maxDepth: deepestNesting }))

/** Moves the spans of a part of a text to its place in the whole text, in which paths have `depth` more steps. */
function moveSpans({ spanOf, entryAt }: Spans, distance: number, depth: number): Spans {
  const move = <S extends Span>(span: S): S => ({
    ...span,
    start: span.start + distance,
    end: span.end + distance,
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
