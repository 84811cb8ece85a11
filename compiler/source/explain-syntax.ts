/** The reason why a text is not YAML, and the remedy. */
interface SyntaxFault {
  readonly reason: string
  readonly help: string
}

/**
 * Explains the fault of a text, in the words of its author instead of those of a parser.
 *
 * @param offset the position at which the parser stopped
 * @param reason the message of the parser for that position
 */
export function explainSyntax(text: string, offset: number, reason: string): SyntaxFault {
  const before = text.slice(text.lastIndexOf('\n', offset - 1) + 1, offset)
  const character = text.slice(offset, offset + 1)
  const isFirst = before.trim() === ''
  if (reason.includes('tab ') || (isFirst && before.includes('\t'))) {
    return { reason: 'this line is indented with a tab', help: 'indent with spaces' }
  }
  if (isFirst && /[\]}]/.test(character) && reason === 'deficient indentation') {
    return {
      reason: `\`${character}\` is not indented deeper than the key whose value it closes`,
      help: 'indent it by a space more',
    }
  }
  if (reason === 'deficient indentation' || /^unexpected end .*(quoted|flow)/.test(reason)) {
    return {
      reason: 'a bracket or quote is still open here',
      help: 'close it, or indent what is inside it deeper than its key',
    }
  }
  const isNext = before.trim() !== '' && character === ':'
  if (/implicit key|after a mapping key/.test(reason) || (isNext && reason.includes('separator'))) {
    return {
      reason: isNext ? 'a line above has no `: `' : 'this line has no `: `',
      help: 'write `key: value`, with a space after the colon',
    }
  }
  if (/^name of an (alias|anchor)/.test(reason)) return explainReserved(before.slice(-1))
  if (/^(bad indentation|missed comma)/.test(reason)) {
    const isMissed = reason.startsWith('missed')
    const isKey = character === ':' && /^ *[^ :]+$/.test(before)
    if (isFirst || (isKey && !isMissed)) {
      return {
        reason: 'this line is indented unlike those it belongs to',
        help: 'the keys of one map begin in one column, and so do the dashes of one list',
      }
    }
    if (/[:[{,-] +$/.test(before) && /[@`%|>?&*!]/.test(character)) return explainReserved(character)
    if (/: +$/.test(before) && character === '-') {
      return { reason: 'a list cannot begin behind its key', help: 'begin it on a line of its own' }
    }
    if (/[\]}]/.test(character)) {
      return {
        reason: `\`${character}\` closes no bracket that is open`,
        help: 'let brackets match in pairs',
      }
    }
    if (isMissed) {
      return { reason: 'a comma or a closing bracket is missing', help: 'put a comma between two entries' }
    }
    if (character === ':') {
      return { reason: 'a second key stands on this line', help: 'put a value that holds `: ` in quotes' }
    }
    return { reason: 'the value has ended before this', help: 'put the whole value in quotes' }
  }
  return { reason, help: 'check the indentation, quotes and brackets here and on the line above' }
}

/** The first line that a merge has left to be resolved. */
export function mergeMark(text: string): ({ readonly at: number } & SyntaxFault) | undefined {
  const at = text.search(/^(<{7}|>{7})( |$)/m)
  if (at === -1) return undefined
  const mark = text.slice(at, at + 7)
  return {
    at,
    reason: `\`${mark}\` is the mark of a merge that is not resolved`,
    help: 'keep one of the two sides, and take the lines with `<<<<<<<`, `=======` and `>>>>>>>` away',
  }
}

const explainReserved = (character: string): SyntaxFault => ({
  reason: `a value cannot begin with ${character === '`' ? 'a backtick' : `\`${character}\``}`,
  help: 'put the value in quotes',
})
