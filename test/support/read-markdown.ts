import type { Nodes } from 'mdast'
import { fromMarkdown } from 'mdast-util-from-markdown'
import { gfmFromMarkdown } from 'mdast-util-gfm'
import { gfm } from 'micromark-extension-gfm'

/** A page of Markdown as GitHub reads it. */
interface MarkdownRead {
  /** The kinds of its parts, each once: `link`, `html`, `inlineCode`. */
  readonly kinds: ReadonlySet<string>
  /** The tags and comments of HTML in it. */
  readonly html: readonly string[]
  /** The addresses of links, and of pictures. */
  readonly addresses: readonly string[]
  /** Its running text, without code. A line break stands for a tag or another part between two texts. */
  readonly prose: string
  /** Its spans and blocks of code. */
  readonly code: readonly string[]
}

/** Reads a page with a parser of CommonMark and GitHub's extensions that shares no code with meshc. */
export function readMarkdown(text: string): MarkdownRead {
  const kinds = new Set<string>()
  const html: string[] = []
  const addresses: string[] = []
  const prose: string[] = []
  const code: string[] = []
  const read = (node: Nodes): void => {
    kinds.add(node.type)
    if (node.type === 'html') html.push(node.value)
    else if (node.type === 'text') prose.push(node.value)
    else if (node.type === 'code' || node.type === 'inlineCode') code.push(node.value)
    else if (node.type === 'link' || node.type === 'image' || node.type === 'definition')
      addresses.push(node.url)
    if ('children' in node) for (const child of node.children) read(child)
  }
  read(fromMarkdown(text, { extensions: [gfm()], mdastExtensions: [gfmFromMarkdown()] }))
  return { kinds, html, addresses, prose: prose.join('\n'), code }
}
