import { yamlLanguage } from '@codemirror/lang-yaml'
import { classHighlighter, highlightCode } from '@lezer/highlight'
import type { Element, ElementContent } from 'hast'
import { toHtml } from 'hast-util-to-html'
import type { Code, Heading, Link, Nodes, Root } from 'mdast'
import { fromMarkdown } from 'mdast-util-from-markdown'
import { gfmFromMarkdown } from 'mdast-util-gfm'
import { defaultHandlers, toHast } from 'mdast-util-to-hast'
import { gfm } from 'micromark-extension-gfm'
import type { YamlBlock } from './yaml-projects.ts'

/** A page of Markdown, read. */
export interface MarkdownPage {
  readonly title: string
  /** The headings below the title, with the ids that they have in the page. */
  readonly headings: readonly { readonly id: string; readonly words: string; readonly depth: number }[]
  /** The YAML blocks of each section between two headings. */
  readonly sections: readonly (readonly YamlBlock[])[]
  /**
   * Prints the page as HTML. Text of the page is escaped, and its tags and comments are removed.
   *
   * @param linkTo makes the address of a link of the page
   * @param toolsOf makes the elements beside a YAML block, by its number in the page
   */
  print(linkTo: (address: string) => string, toolsOf: (index: number) => readonly Element[]): string
}

/** Reads a page of Markdown as GitHub does. */
export function readMarkdownPage(text: string): MarkdownPage {
  const tree = fromMarkdown(text, { extensions: [gfm()], mdastExtensions: [gfmFromMarkdown()] })
  const headings = listHeadings(tree)
  const sections: YamlBlock[][] = [[]]
  for (const node of tree.children) {
    if (node.type === 'heading') sections.push([])
    visit(node, part => {
      if (part.type === 'code' && isProjectFile(part))
        sections.at(-1)!.push({ mark: part.meta ?? '', text: `${part.value}\n` })
    })
  }
  return {
    title: headings[0]?.words ?? '',
    headings: headings.slice(1).map(({ id, words, depth }) => ({ id, words, depth })),
    sections,
    print(linkTo, toolsOf) {
      const ids = new Map<Heading, string>(headings.map(({ heading, id }) => [heading, id]))
      let index = -1
      const hast = toHast(tree, {
        handlers: {
          heading: (state, node: Heading) => {
            const id = ids.get(node)!
            return makeElement(`h${node.depth}`, { id }, [
              ...state.all(node).filter(isElementContent),
              ...(node.depth === 1
                ? []
                : [
                    makeElement(
                      'a',
                      { href: `#${id}`, className: ['anchor'], ariaLabel: 'Link to this section' },
                      [makeText('#')],
                    ),
                  ]),
            ])
          },
          code: (_, node: Code) => {
            const isShownFile = isProjectFile(node)
            if (isShownFile) index++
            const code = makeElement('pre', { tabIndex: 0 }, [
              makeElement(
                'code',
                {},
                node.lang === 'yaml' ? highlightYaml(node.value) : [makeText(node.value)],
              ),
            ])
            const tools = isShownFile ? toolsOf(index) : []
            return makeElement('div', { className: ['block', ...(node.meta === 'wrong' ? ['wrong'] : [])] }, [
              code,
              ...(tools.length === 0 ? [] : [makeElement('p', { className: ['block-tools'] }, [...tools])]),
            ])
          },
          link: (state, node: Link) =>
            defaultHandlers.link(state, { ...node, url: isSafe(node.url) ? linkTo(node.url) : '' }),
          table: (state, node) =>
            makeElement('div', { className: ['table'], tabIndex: 0, role: 'group', ariaLabel: 'Table' }, [
              defaultHandlers.table(state, node),
            ]),
        },
      })
      return toHtml(hast)
    },
  }
}

/** Tells whether a block of code is a file of a project: a spec, a manifest or a template. */
const isProjectFile = ({ lang }: Code): boolean => lang === 'yaml' || lang === 'liquid'

export const makeElement = (
  tagName: string,
  properties: Element['properties'],
  children: ElementContent[],
): Element => ({ type: 'element', tagName, properties, children })

export const makeText = (value: string): ElementContent => ({ type: 'text', value })

/** Tells whether an address is only a link: an address with another scheme can run a script. */
const isSafe = (address: string): boolean => /^(https?:|mailto:|[^:]*$|[^:]*[/?#])/i.test(address)

const isElementContent = (node: ElementContent | { readonly type: string }): node is ElementContent =>
  ['element', 'text', 'comment'].includes(node.type)

/** The headings, with the ids that GitHub gives them. */
function listHeadings(tree: Root) {
  const seen = new Map<string, number>()
  return tree.children.flatMap(node => {
    if (node.type !== 'heading') return []
    const words = printWords(node)
    const id = words
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-')
    const times = seen.get(id) ?? 0
    seen.set(id, times + 1)
    return [{ heading: node, words, depth: node.depth, id: times === 0 ? id : `${id}-${times}` }]
  })
}

function printWords(node: Nodes): string {
  if (node.type === 'text' || node.type === 'inlineCode') return node.value
  return 'children' in node ? node.children.map(printWords).join('') : ''
}

function visit(node: Nodes, see: (node: Nodes) => void): void {
  see(node)
  if ('children' in node) for (const child of node.children) visit(child, see)
}

/** Colors YAML as the editor does, by classes. */
function highlightYaml(text: string): ElementContent[] {
  const parts: ElementContent[] = []
  highlightCode(
    text,
    yamlLanguage.parser.parse(text),
    classHighlighter,
    (code, classes) =>
      parts.push(
        classes === ''
          ? makeText(code)
          : makeElement('span', { className: classes.split(' ') }, [makeText(code)]),
      ),
    () => parts.push(makeText('\n')),
  )
  return parts
}
