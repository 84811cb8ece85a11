/** One character as a terminal may show it, and the columns it takes there. */
interface Cell {
  readonly shown: string
  readonly width: number
}

/** The number of a character as a reader sees it: `\u{202e}`. */
export const printCodePoint = (character: string): string => `\\u{${character.codePointAt(0)!.toString(16)}}`

/**
 * The invisible characters, which a terminal or a page interprets: controls, formats (bidirectional marks, zero-width characters,
 * tags), lone surrogates, line separators, and Unicode's ignorable characters. The selectors of emoji are not among them. See
 * https://www.unicode.org/reports/tr36/ and https://trojansource.codes.
 */
export const hidden = /(?![\ufe0e\ufe0f])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu

/** The same, but for the end of a line. */
export const hiddenInLine = new RegExp(`(?!\\n)${hidden.source}`, 'gu')

/** Makes a character of a user's text safe to print: a hidden one is shown as a sign or as its number. */
export function measureCell(character: string): Cell {
  const code = character.codePointAt(0)!
  if (code >= 0x20 && code < 0x7f) return { shown: character, width: 1 }
  if (code === 0x09) return { shown: '    ', width: 4 }
  if (code < 0x20) return { shown: String.fromCodePoint(0x2400 + code), width: 1 }
  if (code === 0x7f) return { shown: '␡', width: 1 }
  if (unshowable.test(character)) {
    const shown = printCodePoint(character)
    return { shown, width: shown.length }
  }
  if (combining.test(character)) return { shown: character, width: 0 }
  return { shown: character, width: isWideCharacter(code) || emoji.test(character) ? 2 : 1 }
}

/** A user's text in one printable line, cut after so many characters. */
export function makeTextVisible(text: string, most = 1000): string {
  if (text.length <= most && /^[ -~]*$/.test(text)) return text
  let shown = ''
  let count = 0
  for (const character of text) {
    if (count++ === most) return `${shown}…`
    shown += character === '\t' ? '␉' : measureCell(character).shown
  }
  return shown
}

/** A text of several lines, each of them as `visible` shows it; a break of lines stays one. */
export const makeLinesVisible = (text: string): string =>
  text
    .split('\n')
    .map(line => makeTextVisible(line))
    .join('\n')

// The hidden characters, and those that are private or not assigned, which terminals show each in its own way.
const unshowable = new RegExp(`${hidden.source}|[\\p{Co}\\p{Cn}]`, 'u')
const combining = /\p{M}/u
const emoji = /\p{Emoji_Presentation}/u

/** The blocks that Unicode's EastAsianWidth.txt gives two columns. */
const wideBlocks: readonly (readonly [number, number])[] = [
  [0x1100, 0x115f],
  [0x2e80, 0x303e],
  [0x3041, 0x4dbf],
  [0x4e00, 0xa4cf],
  [0xa960, 0xa97f],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe30, 0xfe6f],
  [0xff01, 0xff60],
  [0xffe0, 0xffe6],
  [0x1f900, 0x1f9ff],
  [0x20000, 0x3fffd],
]

const isWideCharacter = (code: number) =>
  code >= 0x1100 && wideBlocks.some(([first, last]) => code >= first && code <= last)
