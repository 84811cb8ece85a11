/** A Markdown document, read as far as tests ask. */
export interface MarkdownDocument {
  readonly fences: readonly Fence[]
  readonly tables: readonly Table[]
  readonly headings: readonly string[]
  /** Where links lead. */
  readonly links: readonly string[]
  /** The text without its fences. */
  readonly prose: string
}

export interface Fence {
  readonly language: string
  readonly text: string
}

export interface Table {
  /** The line of its head, counted from 1. */
  readonly line: number
  readonly rows: readonly (readonly string[])[]
}

/** Reads a document; throws where a fence is not closed. */
export function readMarkdown(text: string): MarkdownDocument {
  const fences: Fence[] = []
  const prose: string[] = []
  let open:
    | { readonly ticks: string; readonly indent: string; readonly language: string; lines: string[] }
    | undefined
  for (const line of text.split('\n')) {
    const [, indent = '', ticks, language = ''] = /^( *)(`{3,})([a-z]*)$/.exec(line) ?? []
    if (open !== undefined) {
      if (ticks === open.ticks && language === '') {
        fences.push({ language: open.language, text: `${open.lines.join('\n')}\n` })
        open = undefined
      } else open.lines.push(line.slice(open.indent.length))
      prose.push('')
    } else if (ticks !== undefined) {
      open = { ticks, indent, language, lines: [] }
      prose.push('')
    } else prose.push(line)
  }
  if (open !== undefined) throw new Error(`a fence of ${open.language} is not closed`)
  return {
    fences,
    tables: tablesIn(prose),
    headings: prose.flatMap(line => /^#{1,6} (.*)$/.exec(line)?.[1] ?? []),
    links: [...prose.join('\n').matchAll(/\]\(([^)\s]*)\)/g)].map(([, target = '']) => target),
    prose: prose.join('\n'),
  }
}

function tablesIn(lines: readonly string[]): readonly Table[] {
  const tables: { line: number; rows: (readonly string[])[] }[] = []
  for (const [index, line] of lines.entries()) {
    if (!line.startsWith('|')) continue
    const cells = cellsOf(line)
    if (lines[index - 1]?.startsWith('|')) tables.at(-1)!.rows.push(cells)
    else tables.push({ line: index + 1, rows: [cells] })
  }
  return tables
}

/** The cells of a row as GitHub splits them: at every bar without a backslash, in code too. */
function cellsOf(line: string): readonly string[] {
  const inner = /^\|(.*)\|$/.exec(line.trimEnd())?.[1]
  if (inner === undefined) throw new Error(`a row is not closed: ${line}`)
  return inner.split(/(?<!\\)\|/).map(cell => cell.trim())
}

/** The anchor that GitHub gives a heading. */
export const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/`/g, '')
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-')
