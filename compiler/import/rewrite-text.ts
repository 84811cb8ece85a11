import { diff3Merge, diffComm } from 'node-diff3'
import {
  type Document,
  isAlias,
  isMap as isMapNode,
  isNode,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  parseDocument,
  type Scalar,
  type ToStringOptions,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml'
import type { SpecPath } from '../diagnostics/diagnostic.ts'
import { isMap, type SpecMap } from '../source/document.ts'
import { isEqual } from '../source/is-equal.ts'
import { mergeOrder, nameEntry } from './merge-trees.ts'
import { printDocument, styleNode } from './write-spec.ts'

/**
 * Rewrites a text to new values. Comments, order and style of everything else stay as people wrote them.
 *
 * @param comments the comments of new values, by their paths as JSON: an entry of a list has its name there
 * @returns undefined if the text's style cannot be edited, with anchors for example
 */
export function rewriteText(
  text: string,
  value: SpecMap,
  comments: ReadonlyMap<string, string>,
): string | undefined {
  const document: Document = parseDocument(text)
  if (document.errors.length > 0 || !isMapNode(document.contents)) return undefined
  const style = readStyle(text)
  const printed = printDocument(document, style)
  updateMap(document, document.contents, value, [], comments)
  // The text as it is written gets the edits of the printed text.
  const [written, before, after] = [text, printed, printDocument(document, style)].map(each =>
    each.split(/\r?\n/),
  )
  const rewritten = diff3Merge(written!, before!, after!)
    .flatMap(({ ok, conflict }) => ok ?? keepWrittenLines(conflict!))
    .join(text.includes('\r\n') ? '\r\n' : '\n')
  return isEqual(parseDocument(rewritten).toJS(), value) ? rewritten : undefined
}

interface Lines {
  readonly a: readonly string[]
  readonly o: readonly string[]
  readonly b: readonly string[]
}

/** Takes the lines that an edit changes from the printed text, and the lines around them from the written text. */
function keepWrittenLines({ a: written, o: before, b: after }: Lines): readonly string[] {
  if (written.length !== before.length) return after
  let line = 0
  return diffComm([...before], [...after]).flatMap(({ common, buffer1, buffer2 }) => {
    const start = line
    line += (common ?? buffer1).length
    return common === undefined ? buffer2 : written.slice(start, line)
  })
}

/** Reads how a text is indented and spaced. */
function readStyle(text: string): ToStringOptions {
  const count = (pattern: RegExp) => text.match(pattern)?.length ?? 0
  return {
    indent: Math.min(...Array.from(text.matchAll(/^( +)[^\s#]/gm), ([, spaces]) => spaces!.length), 8),
    indentSeq: !/^( *)[^\s#-][^\n]*:\n\1- /m.test(text),
    flowCollectionPadding: count(/\{ /g) >= count(/\{[^\s}]/g),
  }
}

/** Makes a map say other values, and keeps all parts of it that say the same. */
function updateMap(
  document: Document,
  map: YAMLMap,
  value: SpecMap,
  path: SpecPath,
  comments: ReadonlyMap<string, string>,
): void {
  moveComment(map, map.items[0]?.key)
  const kept = new Map(
    map.items.map(pair => [getPairKey(pair), pair] as const).filter(([key]) => Object.hasOwn(value, key)),
  )
  // A new section keeps the distance that the others have.
  const spaceBefore = path.length === 0 && map.items.some(isSpaced)
  map.items = mergeOrder([...kept.keys()], Object.keys(value)).map(key => {
    const part = value[key]
    const pair = kept.get(key)
    if (pair === undefined) return makePair(key, part)
    if (!updateNode(document, pair.value, part, [...path, key], comments))
      pair.value = makePair(key, part).value
    return pair
  })

  function makePair(key: string, part: unknown): Pair<Scalar> {
    const holder = document.createNode({ [key]: part })
    styleNode(holder, path, comments)
    const [pair] = holder.items as [Pair<Scalar>]
    pair.key.spaceBefore = spaceBefore
    return pair
  }
}

/** Makes a list say other entries, and keeps those that say the same or have the same name. */
function updateList(
  document: Document,
  list: YAMLSeq,
  value: readonly unknown[],
  path: SpecPath,
  comments: ReadonlyMap<string, string>,
): void {
  moveComment(list, list.items[0])
  const rest = list.items.map(item => ({ item, entry: isNode(item) ? item.toJS(document) : item }))
  const take = (isTaken: (entry: unknown) => boolean) => {
    const index = rest.findIndex(({ entry }) => isTaken(entry))
    return index === -1 ? undefined : rest.splice(index, 1)[0]!.item
  }
  const equal = value.map(entry => take(each => isEqual(each, entry)))
  list.items = value.map((entry, index) => {
    const item = equal[index] ?? take(each => nameEntry(each) === nameEntry(entry))
    if (updateNode(document, item, entry, [...path, index], new Map())) return item
    const holder = document.createNode([entry])
    styleNode(holder, path, new Map())
    const [made] = holder.items as readonly Node[]
    const comment = comments.get(JSON.stringify([...path, nameEntry(entry)]))
    if (comment !== undefined) made!.commentBefore = ` ${comment}`
    return made
  })
}

/**
 * Moves the comment at the head of a collection to the first entry, so that the comment stays with this entry when another becomes
 * the first.
 */
function moveComment(collection: YAMLMap | YAMLSeq, first: unknown): void {
  if (!isNode(first) || isAlias(first) || typeof collection.commentBefore !== 'string') return
  first.commentBefore = [collection.commentBefore, first.commentBefore ?? []].flat().join('\n')
  collection.commentBefore = null
}

/** Sets the value of a node if the value is of its kind; tells whether it did. */
function updateNode(
  document: Document,
  node: unknown,
  value: unknown,
  path: SpecPath,
  comments: ReadonlyMap<string, string>,
): boolean {
  if (isNode(node) && isEqual(node.toJS(document), value)) return true
  if (isMapNode(node) && isMap(value)) updateMap(document, node, value, path, comments)
  else if (isSeq(node) && Array.isArray(value)) updateList(document, node, value, path, comments)
  else if (isScalar(node) && !isMap(value) && !Array.isArray(value)) node.value = value
  else return false
  return true
}

const isSpaced = ({ key }: Pair): boolean => isScalar(key) && key.spaceBefore === true

const getPairKey = ({ key }: Pair): string => String(isScalar(key) ? key.value : key)
