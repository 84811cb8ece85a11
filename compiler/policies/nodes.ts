/** A node of a parsed expression, as far as it is read here. */
export interface Node {
  readonly op: string
  readonly args: unknown
  readonly checkedType?: { readonly name: string }
  readonly meta: Readonly<Record<string, unknown>>
  /** The places in the text of the expression: of the node, and of its operator or field. */
  readonly start: number
  readonly end: number
  readonly pos: number
}

export const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && 'op' in value && 'args' in value && 'meta' in value

/** Lists the nodes of a parsed and checked expression, with those that macros made. */
export function listExpressionNodes(root: unknown): readonly Node[] {
  const nodes: Node[] = []
  const seen = new Set<object>()
  const open = [root]
  while (open.length > 0) {
    const value = open.pop()
    if (typeof value !== 'object' || value === null || seen.has(value)) continue
    seen.add(value)
    if (Array.isArray(value)) open.push(...value)
    else if (isNode(value)) {
      nodes.push(value)
      open.push(value.args, ...Object.values(value.meta))
    } else if (Object.getPrototypeOf(value) === Object.prototype) open.push(...Object.values(value))
  }
  return nodes
}
