import { isNode, listExpressionNodes, type Node } from './nodes.ts'

/** The name of the entry in a rewritten expression. */
const entryName = '_entry'

/**
 * Rewrites `has(list[0].field)`, which CEL has and the engine lacks: its `has()` reads fields of a variable only. So the entry
 * becomes a variable.
 *
 * @param parse gives the root of the tree of an expression; throws if it is no CEL
 */
export function rewriteHasOfEntries(text: string, parse: (text: string) => unknown): string {
  let rewritten = text
  // Each step removes one of them, and the engine bounds their number.
  for (;;) {
    if (!/\bhas\s*\(/.test(rewritten)) return rewritten
    const call = listExpressionNodes(parse(rewritten)).flatMap(findEntry)[0]
    if (call === undefined) return rewritten
    const { start, end, field } = call
    // Brackets round the entry are no part of its node.
    const begin = rewritten.indexOf('(', start) + 1
    const dot = rewritten.lastIndexOf('.', field)
    const [base, fields] = [rewritten.slice(begin, dot), rewritten.slice(dot, end)]
    rewritten = `${rewritten.slice(0, start)}cel.bind(${entryName}, ${base}, has(${entryName}${fields})${rewritten.slice(end)}`
  }
}

/** A call of `has` on an entry, by its places in the text. */
interface HasOfEntry {
  readonly start: number
  readonly end: number
  /** The first field that it reads of the entry. */
  readonly field: number
}

function findEntry(node: Node): readonly HasOfEntry[] {
  if (node.op !== 'call' || !Array.isArray(node.args) || node.args[0] !== 'has') return []
  const [argument] = Array.isArray(node.args[1]) ? node.args[1] : []
  let base: unknown = argument
  let field: number | undefined
  while (isNode(base) && (base.op === '.' || base.op === '.?') && Array.isArray(base.args)) {
    field = base.pos
    base = base.args[0]
  }
  if (!isNode(base) || field === undefined || base.op === 'id') return []
  return [{ start: node.start, end: node.end, field }]
}
