import { deepestNesting, findExceededSize } from './bounds.ts'

/** The value of a text of JSON; undefined for a text that is no JSON, or that is beyond the bounds of specs. */
export function parseJson(text: string): unknown {
  if (findExceededSize(text) !== undefined || getDepth(text) > deepestNesting) return undefined
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/**
 * Counts how many brackets are open at once at most. A loop, since an expression over a long text overflows its
 * stack.
 */
function getDepth(text: string): number {
  let [depth, deepest, isQuoted] = [0, 0, false]
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (isQuoted && code === backslash) at++
    else if (code === quote) isQuoted = !isQuoted
    else if (isQuoted) continue
    else if (code === openBracket || code === openBrace) deepest = Math.max(deepest, ++depth)
    else if (code === closeBracket || code === closeBrace) depth--
  }
  return deepest
}

const [quote, backslash, openBracket, closeBracket, openBrace, closeBrace] = [
  0x22, 0x5c, 0x5b, 0x5d, 0x7b, 0x7d,
]
