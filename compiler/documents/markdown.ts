import { hidden, hiddenInLine, measureCell } from '../diagnostics/visible.ts'

/** Text that is Markdown already: put into a document as it is. */
export class Markdown {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

/** The text that a template can put into a document. */
export type Prose = string | number | Markdown

/** A value as Markdown that shows it, in running text as in the cell of a table. */
export function markdown(value: Prose): string {
  if (value instanceof Markdown) return value.text
  const text = String(value)
  // Nearly every value is a name, and a large mesh has a hundred thousand of them.
  if (!specialCharacters.test(text)) return text
  return inHtml(seen(text.replace(/\s+/g, ' ')), /[\\`*_[\]<>|#~&$]/g)
}

const specialCharacters = /[\\`*_[\]<>|#~&$@]|[^ -~]| {2}|:\/\/|www\./i

/** A value in the letters of code. A span would end the cell of a table at a bar: HTML does not. */
export function code(value: string | number): Markdown {
  const text = seen(String(value))
  if (text !== '' && !text.includes('|')) return new Markdown(span(text))
  return new Markdown(`<code>${inHtml(text, /[^ A-Za-z0-9./:@-]/gu)}</code>`)
}

/** A text in a span of code, which is not empty and has no end of a line. See https://spec.commonmark.org/0.31.2/#code-spans */
export function span(text: string): string {
  const lengths = new Set([...text.matchAll(/`+/g)].map(([{ length }]) => length))
  let ticks = '`'
  while (lengths.has(ticks.length)) ticks += '`'
  // A space is added at each end if both ends have a space and the text has other characters, too.
  const margin = /^`|`$|^ .*[^ ].* $/.test(text) ? ' ' : ''
  return `${ticks}${margin}${text}${margin}${ticks}`
}

/** A text of one line in which each character can be seen. */
const seen = (text: string): string => text.replace(hidden, character => measureCell(character).shown)

/**
 * A text with some characters as HTML entities. Text that Markdown readers, or the page around it, would turn into a link or a
 * mention is split by elements: readers look for these in text with decoded entities, but not across elements. See
 * https://github.github.com/gfm/#autolinks-extension-
 */
const inHtml = (text: string, characters: RegExp): string =>
  text
    .replace(characters, character => `&#${character.codePointAt(0)};`)
    .replace(/@|(?<=:)\/\/|(?<=www)\./gi, sign => `<span>${sign}</span>`)

/** Values in the letters of code, one after the other. */
export const codes = (values: readonly (string | number)[]): Markdown =>
  new Markdown(values.map(value => code(value).text).join(', '))

/** Words with commas between them: running text and code alike. */
export const joinParts = (parts: readonly Prose[], separator = ', '): Markdown =>
  new Markdown(parts.map(markdown).join(separator))

/** A block of code, in a fence that its text does not close. */
export function fence(language: string, block: string): Markdown {
  const text = block.replace(hiddenInLine, seen)
  const longest = Math.max(2, ...[...text.matchAll(/^ {0,3}(`{3,})/gm)].map(([, ticks = '']) => ticks.length))
  const ticks = '`'.repeat(longest + 1)
  return new Markdown(`${ticks}${language}\n${text.endsWith('\n') ? text : `${text}\n`}${ticks}`)
}

/** Parts as a sentence lists them: `a, b and c`. */
export function listProse(parts: readonly Prose[], word = 'and'): Markdown {
  const texts = parts.map(markdown)
  const last = texts.pop() ?? ''
  return new Markdown(texts.length === 0 ? last : `${texts.join(', ')} ${word} ${last}`)
}

/**
 * A value as one word of a command line, inline: invisible characters have the notation of bash and zsh. A word that may begin with a
 * dash must be after `--`.
 */
export function quoteShellWord(value: string | number): Markdown {
  const text = String(value)
  // zsh takes `=name` for the path of a program.
  if (/^(?!=)[-\w./:=,@]+$/.test(text)) return new Markdown(text)
  if (text.search(hidden) === -1) return new Markdown(`'${text.replaceAll("'", "'\\''")}'`)
  const escaped = text
    .replace(/['\\]/g, sign => `\\${sign}`)
    .replace(hidden, sign => `\\U${sign.codePointAt(0)!.toString(16).padStart(8, '0')}`)
  return new Markdown(`$'${escaped}'`)
}

/** A link to a file of the repository, relative to the document. */
export const link = (shown: Prose, target: string): Markdown =>
  new Markdown(
    `[${markdown(shown)}](${encodeURI(target).replace(/[()_*~]/g, sign => `%${sign.charCodeAt(0).toString(16)}`)})`,
  )

/** A link to somewhere else, by a URL in which every `%` begins an escape. */
export const linkTo = (shown: Prose, url: string): Markdown =>
  new Markdown(link(shown, url).text.replace(/%25(?=[0-9A-Fa-f]{2})/g, '%'))
