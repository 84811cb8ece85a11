import {
  EVENT_ALIAS,
  EVENT_MAPPING,
  EVENT_POP,
  EVENT_SCALAR,
  EVENT_SEQUENCE,
  type Event,
  SCALAR_STYLE_PLAIN,
} from 'js-yaml'
import type { Span } from '../diagnostics/source.ts'
import type { SpecDocument } from './document.ts'

interface Node extends Span {
  readonly key?: Span
  readonly isPlain?: boolean
  readonly children?: ReadonlyMap<string, Node>
}

/** Indexes the spans of the paths of a document in its text, from the events of its parse. */
export function indexSpans(text: string, events: readonly Event[]): Pick<SpecDocument, 'spanOf' | 'entryAt'> {
  let at = 1
  let last = 0
  const root: Node =
    events[1] === undefined || events[1].type === EVENT_POP
      ? { start: 0, end: 0 }
      : read(undefined, new Map())
  return {
    spanOf(path, part) {
      let node = root
      for (const step of path) {
        const child = node.children?.get(String(step))
        if (child === undefined) return firstLine(node)
        node = child
      }
      return part === 'key' && node.key !== undefined ? node.key : firstLine(node)
    },
    entryAt(path) {
      let node: Node | undefined = root
      let parent: Node | undefined
      for (const step of path) {
        parent = node
        node = node.children?.get(String(step))
        if (node === undefined) return undefined
      }
      const { start, end, key, isPlain = false } = node
      const isFlow = parent !== undefined && /[[{]/.test(text[parent.start] ?? '')
      return { start, end, key, isPlain, parent: parent && { start: parent.start, end: parent.end, isFlow } }
    },
  }

  function read(key: Span | undefined, anchors: Map<string, Node>): Node {
    const event = events[at++]!
    const keyed = key === undefined ? {} : { key }
    const remember = (node: Node) => {
      if ('anchorStart' in event && event.type !== EVENT_ALIAS && event.anchorStart >= 0)
        anchors.set(text.slice(event.anchorStart, event.anchorEnd), node)
      return node
    }
    if (event.type === EVENT_SCALAR) {
      // An omitted value has the position of its key, or the end of the text before.
      if (event.valueStart < 0) return remember({ ...(key ?? { start: last, end: last }), ...keyed })
      last = event.valueEnd
      const quote = event.style === 2 || event.style === 3 ? 1 : 0
      const isPlain = event.style === SCALAR_STYLE_PLAIN
      return remember({ start: event.valueStart - quote, end: event.valueEnd + quote, isPlain, ...keyed })
    }
    if (event.type === EVENT_ALIAS) {
      const target = anchors.get(text.slice(event.anchorStart, event.anchorEnd))
      const span = { start: event.anchorStart - 1, end: event.anchorEnd }
      return { ...target, ...span, isPlain: false, ...keyed }
    }
    if (event.type !== EVENT_MAPPING && event.type !== EVENT_SEQUENCE) return { start: 0, end: 0, ...keyed }
    last = event.start
    const children = new Map<string, Node>()
    let end = event.start + 1
    while (events[at]!.type !== EVENT_POP) {
      let name = String(children.size)
      let childKey: Span | undefined
      if (event.type === EVENT_MAPPING) {
        const keyNode = read(undefined, anchors)
        childKey = { start: keyNode.start, end: keyNode.end }
        name = unquoteKey(text.slice(keyNode.start, keyNode.end))
      }
      const child = read(childKey, anchors)
      if (!children.has(name)) children.set(name, child)
      end = Math.max(end, child.end)
    }
    at++
    return remember({ start: event.start, end: closed(event.start, end), children, ...keyed })
  }

  /** Finds the end of a map or list in brackets: the position after its closing bracket. */
  function closed(start: number, end: number): number {
    const bracket = text[start] === '{' ? '}' : text[start] === '[' ? ']' : undefined
    if (bracket === undefined) return end
    gap.lastIndex = end
    gap.test(text)
    return text[gap.lastIndex] === bracket ? gap.lastIndex + 1 : end
  }

  /** A diagnostic points at the first line of a map or list: a reader does not need a mark over forty lines. */
  function firstLine({ start, end }: Node): Span {
    // Not beyond the value: a text of one long line would be read to its end for each place in it.
    const lineEnd = text.slice(start, end).indexOf('\n')
    return { start, end: lineEnd === -1 ? Math.max(start, end) : start + lineEnd }
  }
}

/** The text that may be between the last entry of a map or list and its bracket. */
const gap = /(?:[\s,]|(?<=\s)#.*)*/y

const unquoteKey = (key: string) => (/^(["']).*\1$/s.test(key) ? key.slice(1, -1) : key)
