import { hidden, printCodePoint } from '../../../../compiler/diagnostics/visible.ts'

/** Parses JSON that people see. A hidden character, which could disguise a text, is replaced by its number: `\u{202e}`. */
export function readJson<Value>(text: string): Value {
  if (!mayHide(text)) return JSON.parse(text) as Value
  const reveal = (_: string, value: unknown) => (typeof value === 'string' ? revealText(value) : value)
  return JSON.parse(text, reveal) as Value
}

/** Tells whether JSON may contain a hidden character, itself or as an escape. The escape of `<` is not hidden. */
const mayHide = (text: string): boolean =>
  text.search(hidden) >= 0 || /\\[ubf]/.test(text.replaceAll('\\u003c', ''))

const revealText = (text: string): string =>
  text.replace(hidden, character => (/[\n\t]/.test(character) ? character : printCodePoint(character)))
