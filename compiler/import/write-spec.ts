import {
  Document,
  isCollection,
  isMap,
  isScalar,
  isSeq,
  type Node,
  Pair,
  Scalar,
  type ToStringOptions,
  visit,
} from 'yaml'
import type { Draft } from './draft.ts'

/** The largest width of a map or list on one line. */
const narrow = 80
const lineWidth = 120

/** Prints a spec for people: short maps and lists on one line, an empty line between sections, comments before their fields. */
export function printSpec({ spec, comments }: Draft, head: string): string {
  const document = new Document(spec)
  document.commentBefore = head
  styleNode(document.contents, [], comments)
  const sections = isMap(document.contents) ? document.contents.items : []
  for (const [index, { key, value }] of sections.entries())
    if (key instanceof Scalar && (isCollection(value) || isCollection(sections[index - 1]?.value)))
      key.spaceBefore = true
  return printDocument(document)
}

/** Prints a document in the style of specs, or in another style. */
export const printDocument = (document: Document, style: ToStringOptions = {}): string =>
  document.toString({ lineWidth: lineWidth, flowCollectionPadding: true, ...style })

/** Writes short maps and lists on one line, and comments before their fields. The paths of comments are JSON. */
export function styleNode(
  node: Node | null,
  at: readonly unknown[],
  comments: ReadonlyMap<string, string>,
): void {
  visit(node, {
    Pair(_, pair, ancestors) {
      const path = [...at, ...[...ancestors, pair].flatMap(listPathSteps)]
      const comment = comments.get(JSON.stringify(path))
      if (comment !== undefined && isScalar(pair.key)) pair.key.commentBefore = ` ${comment}`
      if (isCollection(pair.value) && path.length > 1) setFlow(pair.value, path.length)
    },
    Seq(_, sequence, ancestors) {
      const path = [...at, ...ancestors.flatMap(listPathSteps)]
      for (const [index, item] of sequence.items.entries()) {
        if (!isCollection(item)) continue
        setFlow(item, 3)
        const comment = comments.get(JSON.stringify([...path, index]))
        if (comment !== undefined) item.commentBefore = ` ${comment}`
      }
    },
  })
}

const listPathSteps = (node: unknown): readonly unknown[] =>
  node instanceof Pair && isScalar(node.key) ? [node.key.value] : []

/** Writes a small collection without a map of maps on one line. */
function setFlow(node: Node, depth: number): void {
  if (!isCollection(node)) return
  const text = JSON.stringify(node.toJSON())
  // Entries of a list are read one below the other.
  if (isSeq(node) && node.items.length > 1 && node.items.every(isCollection)) return
  if (text.length <= narrow && depth > 1 && countDepth(node.toJSON()) <= 3) node.flow = true
}

const countDepth = (value: unknown): number =>
  typeof value === 'object' && value !== null ? 1 + Math.max(0, ...Object.values(value).map(countDepth)) : 0
