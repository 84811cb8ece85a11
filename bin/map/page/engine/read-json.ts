import { hidden, printCodePoint } from '../../../../compiler/diagnostics/visible.ts'

/** Parses JSON that people see. A hidden character, which could disguise a text, stands there by its number: `\u{202e}`. */
export function readJson<Value>(text: string): Value {
  if (!mayHide(text)) return JSON.parse(text) as Value
  const reveal = (_: string, value: unknown) => (typeof value === 'string' ? revealText(value) : value)
  return JSON.parse(text, reveal) as Value
}

/** Tells if JSON may hold a hidden character, itself or by an escape. The escape of `<` holds none. */
const mayHide = (text: string): boolean =>
  text.search(hidden) >= 0 || /\\[ubf]/.test(text.replaceAll('\\u003c', ''))

const revealText = (text: string): string =>
  text.replace(hidden, character => (/[\n\t]/.test(character) ? character : printCodePoint(character)))
