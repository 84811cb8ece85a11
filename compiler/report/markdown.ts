/** Text that is Markdown already: put into a document as it is. */
export class Markdown {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

/** What a template can put into a document. */
export type Prose = string | number | Markdown

/** A value as Markdown that shows it, in running text as in the cell of a table. */
export function markdown(value: Prose): string {
  if (value instanceof Markdown) return value.text
  const text = String(value)
  // Nearly every value is a name, and a large mesh has a hundred thousand of them.
  if (!special.test(text)) return text
  return text.replace(/\s+/g, ' ').replace(/[\\`*_[\]<>|#~&$]/g, character => `&#${character.charCodeAt(0)};`)
}

const special = /[\\`*_[\]<>|#~&$\t-\r\u00a0\u2028\u2029]| {2}/

/** A value in the letters of code. Where backquotes cannot hold it, or would end the cell of a table, HTML does. */
export function code(value: string | number): Markdown {
  const text = String(value)
  if (text !== '' && !/[`|\\]|^\s|\s$|[^ -~]/.test(text)) return new Markdown(`\`${text}\``)
  return new Markdown(
    `<code>${text.replace(/[^ A-Za-z0-9./:-]/g, character => `&#${character.codePointAt(0)};`)}</code>`,
  )
}

/** Values in the letters of code, one after the other. */
export const codes = (values: readonly (string | number)[]): Markdown =>
  new Markdown(values.map(value => code(value).text).join(', '))

/** Words with commas between them: running text and code alike. */
export const joined = (parts: readonly Prose[], separator = ', '): Markdown =>
  new Markdown(parts.map(markdown).join(separator))

/** A block of code, in a fence that its text does not close. */
export function fence(language: string, text: string): Markdown {
  const longest = Math.max(2, ...[...text.matchAll(/^ {0,3}(`{3,})/gm)].map(([, ticks = '']) => ticks.length))
  const ticks = '`'.repeat(longest + 1)
  return new Markdown(`${ticks}${language}\n${text.endsWith('\n') ? text : `${text}\n`}${ticks}`)
}

/** Parts as a sentence lists them: `a, b and c`. */
export function list(parts: readonly Prose[], word = 'and'): Markdown {
  const texts = parts.map(markdown)
  const last = texts.pop() ?? ''
  return new Markdown(texts.length === 0 ? last : `${texts.join(', ')} ${word} ${last}`)
}

/** A value as one word of a command line. */
export function word(value: string | number): Markdown {
  const text = String(value)
  return new Markdown(/^[-\w./:=,@]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`)
}

/** A link to a file of the repository, relative to the document. */
export const link = (shown: Prose, target: string): Markdown =>
  new Markdown(
    `[${markdown(shown)}](${encodeURI(target).replace(/[()_*~]/g, sign => `%${sign.charCodeAt(0).toString(16)}`)})`,
  )
