import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '../..')

/** A block of a page between two fences. */
export interface Block {
  readonly language: string
  /** The mark after the language: `wrong` in "```yaml wrong". */
  readonly mark: string
  readonly text: string
  /** The line of its first fence, from 1. */
  readonly line: number
}

/** The pages about meshc at the root and below docs/, written by hand or derived from meshc. */
export const pages: readonly string[] = [
  ...readdirSync(root).filter(name => name.endsWith('.md')),
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith('.md'))
    .map(name => `docs/${name.replaceAll('\\', '/')}`),
].sort()

/** Returns the text of a page. */
export const pageText = (page: string): string => readFileSync(join(root, page), 'utf8')

/**
 * Lists the fenced blocks of a page. A block in a list is read without its indentation. Throws an error if a
 * fence has no end.
 */
export function listBlocks(text: string): readonly Block[] {
  const blocks: Block[] = []
  const lines = text.split('\n')
  for (let index = 0; index < lines.length; index++) {
    const fence = /^( *)```(\w*) ?(.*)$/.exec(lines[index] ?? '')
    if (fence === null) continue
    const [, indentation = '', language = '', mark = ''] = fence
    const end = lines.indexOf(`${indentation}\`\`\``, index + 1)
    if (end < 0) throw new Error(`line ${index + 1}: the block has no end`)
    const inner = lines.slice(index + 1, end).map(line => line.slice(indentation.length))
    blocks.push({ language, mark, text: `${inner.join('\n')}\n`, line: index + 1 })
    index = end
  }
  return blocks
}

/** Returns a page without its blocks and code spans. */
export function getProse(text: string): string {
  const lines = text.split('\n')
  for (const { line, text: inner } of listBlocks(text))
    lines.fill('', line - 1, line + inner.split('\n').length)
  return lines.join('\n').replaceAll(/`[^`\n]*`/g, '')
}

/** Lists the anchor of each heading of a page, as GitHub makes it. */
export function listAnchors(text: string): readonly string[] {
  const seen = new Map<string, number>()
  return [...text.matchAll(/^#+ +(.+)$/gm)].map(([, heading = '']) => {
    const anchor = heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-')
    const times = seen.get(anchor) ?? 0
    seen.set(anchor, times + 1)
    return times === 0 ? anchor : `${anchor}-${times}`
  })
}

/**
 * Lists the rows of each table of a page. Like GitHub, it splits a row at every bar without a backslash, also
 * in code.
 */
export function listTables(text: string): readonly (readonly (readonly string[])[])[] {
  const tables: (readonly string[])[][] = []
  let before = ''
  const lines = text.split('\n')
  for (const { line, text: inner } of listBlocks(text))
    lines.fill('', line - 1, line + inner.split('\n').length)
  for (const line of lines) {
    if (line.startsWith('|')) {
      if (!before.startsWith('|')) tables.push([])
      tables.at(-1)?.push(line.trimEnd().split(/(?<!\\)\|/))
    }
    before = line
  }
  return tables
}
