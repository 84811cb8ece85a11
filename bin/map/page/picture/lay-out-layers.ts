import { graphlib, layout } from '@dagrejs/dagre'
import { type Corner, type Edge, type Gaps, noBoxes, type Placed, type Size } from './geometry.ts'

/** With more nodes or edges, dagre takes seconds: it gets the strongest edges that make no circle. */
const mostNodesInFull = 30

/** The direction of edges: from left to right, or from top to bottom. */
type Direction = 'LR' | 'TB'

/** Lays out boxes in layers along their edges. */
export function layOutLayers(
  items: readonly number[],
  sizes: readonly Size[],
  edges: readonly Edge[],
  gaps: Gaps,
  direction: Direction,
): Placed {
  if (items.length === 0) return noBoxes
  const isFull = items.length <= mostNodesInFull && edges.length <= 1.5 * items.length + 4
  const drawing = new graphlib.Graph()
  drawing.setGraph({
    rankdir: direction,
    ranker: isFull ? 'network-simplex' : 'tight-tree',
    nodesep: gaps.inLayer,
    ranksep: gaps.ofLayers,
    marginx: 0,
    marginy: 0,
  })
  for (const item of items) drawing.setNode(`${item}`, { ...sizes[item]! })
  for (const { from, to, weight } of isFull ? edges : keepForest(edges))
    drawing.setEdge(`${from}`, `${to}`, { weight: Math.min(weight, 9) })
  layout(drawing)
  const boxes = new Map<number, Corner>()
  let left = Infinity
  let top = Infinity
  let right = 0
  let bottom = 0
  for (const item of items) {
    const { width, height } = sizes[item]!
    // dagre adds the place of each node's center.
    const { x, y } = drawing.node(`${item}`) as unknown as Corner
    const corner = { x: Math.round(x - width / 2), y: Math.round(y - height / 2) }
    boxes.set(item, corner)
    left = Math.min(left, corner.x)
    top = Math.min(top, corner.y)
    right = Math.max(right, corner.x + width)
    bottom = Math.max(bottom, corner.y + height)
  }
  for (const [item, { x, y }] of boxes) boxes.set(item, { x: x - left, y: y - top })
  return { boxes, width: right - left, height: bottom - top }
}

/** Keeps the strongest edges that make no circle: a maximum spanning forest. Of equal edges, the first ones stay. */
function keepForest(edges: readonly Edge[]): readonly Edge[] {
  const parents = new Map<number, number>()
  const getTree = (item: number): number => {
    let tree = item
    for (let next = parents.get(tree); next !== undefined; next = parents.get(tree)) tree = next
    if (tree !== item) parents.set(item, tree)
    return tree
  }
  const strongest = [...edges].sort((a, b) => b.weight - a.weight || a.from - b.from || a.to - b.to)
  return strongest.filter(({ from, to }) => {
    const [start, end] = [getTree(from), getTree(to)]
    if (start === end) return false
    parents.set(start, end)
    return true
  })
}
