/** The ranges of characters that change the direction of a text, or show nothing: the first and the last of each. */
const ranges = [
  [0x00, 0x08],
  [0x0b, 0x1f],
  [0x7f, 0x9f],
  [0x61c, 0x61c],
  [0x200b, 0x200f],
  [0x2028, 0x202e],
  [0x2060, 0x2069],
  [0xfeff, 0xfeff],
] as const

const escapeCode = (code: number): string => `\\u${code.toString(16).padStart(4, '0')}`

const hidden = new RegExp(
  `[${ranges.map(([first, last]) => `${escapeCode(first)}-${escapeCode(last)}`).join('')}]`,
  'g',
)

/** JSON that has such a character, or an escape that may stand for one. */
const mayHide = new RegExp(`${hidden.source}|\\\\[bf]|\\\\u(?:00|06|20|fe)`, 'i')

/**
 * Parses JSON that people see. A character that would disguise a text stands there by its number, as in `\u{202e}`.
 */
export function readJson<Value>(text: string): Value {
  const hasEscapes = mayHide.test(text.replaceAll('\\u003c', ''))
  if (!hasEscapes) return JSON.parse(text) as Value
  const reveal = (_: string, value: unknown) => (typeof value === 'string' ? revealText(value) : value)
  return JSON.parse(text, reveal) as Value
}

/** Replaces each character that would disguise a text by its number. */
const revealText = (text: string): string =>
  text.replace(hidden, character => `\\u{${character.codePointAt(0)!.toString(16).padStart(4, '0')}}`)
