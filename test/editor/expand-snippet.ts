/** A place in a snippet that the user tabs to: `${1:shop}`, `${2|blue,green|}`, `${3}` or `$3`. */
interface TabStop {
  readonly number: number
  /** The text at the tab stop until the user types: of several choices, the first. */
  readonly proposal: string
}

/**
 * Returns the text of an expanded snippet, in the grammar of the Language Server Protocol.
 *
 * @param type returns the typed text of a tab stop; undefined keeps the proposed text
 */
export function expandSnippet(
  snippet: string,
  type: (stop: TabStop) => string | undefined = () => undefined,
): string {
  return snippet.replace(tokens, (_, plain, bare, number, rest = '') => {
    if (plain !== undefined) return plain
    const choices = /^\|(.*)\|$/.exec(rest)?.[1]
    const proposal = choices?.split(',')[0] ?? unescaped(rest.replace(/^:/, ''))
    const stop = { number: Number(bare ?? number), proposal }
    return type(stop) ?? proposal
  })
}

/** An escaped character, `$1`, or `${1…}`, in which a `}` is escaped. */
const tokens = /\\([$}\\])|\$(\d+)|\$\{(\d+)((?:[:|](?:\\.|[^}\\])*)?)\}/g

const unescaped = (text: string) => text.replace(/\\([$}\\])/g, '$1')

/**
 * Returns a text as an editor inserts it: each line after the first gets the indentation of the current line.
 */
export const indented = (text: string, line: string): string =>
  text.replaceAll('\n', `\n${/^ */.exec(line)?.[0] ?? ''}`)
