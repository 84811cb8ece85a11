import { type Box, type Edge, type Gaps, noBoxes, type Placed, type Size } from './geometry.ts'
import { layOutGrid } from './lay-out-grid.ts'

/** With more nodes, a room is a grid. */
const mostNodesInLayers = 150

interface LaidOutGraph extends Size {
  readonly boxes: readonly Box[]
}

/** Lays out boxes along their edges, in the direction that suits a screen best. Boxes without an edge are in a grid below. */
export function layOutGraph(
  sizes: readonly Size[],
  edges: readonly Edge[],
  gaps: Gaps,
  layOutLinked: (items: readonly number[], sizes: readonly Size[], edges: readonly Edge[]) => Placed,
): LaidOutGraph {
  const proper = edges.filter(({ from, to }) => from !== to)
  const isLinked = sizes.map(() => false)
  for (const { from, to } of proper) {
    isLinked[from] = true
    isLinked[to] = true
  }
  const linked = sizes.flatMap((_, item) => (isLinked[item] ? [item] : []))
  const isGrid = linked.length > mostNodesInLayers
  const layers = isGrid || linked.length === 0 ? noBoxes : layOutLinked(linked, sizes, proper)
  const rest = sizes.flatMap((_, item) => (isGrid || !isLinked[item] ? [item] : []))
  const grid = layOutGrid(rest, sizes, layers.width, gaps)
  const offset = layers.height === 0 || rest.length === 0 ? layers.height : layers.height + gaps.inLayer * 2
  return {
    boxes: sizes.map((size, item) => {
      const box = layers.boxes.get(item)
      if (box !== undefined) return { ...box, ...size }
      const cell = grid.boxes.get(item)!
      return { ...size, x: cell.x, y: cell.y + offset }
    }),
    width: Math.max(layers.width, grid.width),
    height: offset + grid.height,
  }
}
