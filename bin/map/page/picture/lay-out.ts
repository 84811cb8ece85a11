import { graphlib, layout } from '@dagrejs/dagre'

/** A place in the picture: the upper left corner, and the size, in pixels at zoom 1. */
export interface Box {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

export interface Size {
  readonly width: number
  readonly height: number
}

/** A directed line between two things, by their positions in a list, with the number of lines that it stands for. */
export interface Edge {
  readonly from: number
  readonly to: number
  readonly weight: number
}

/** A room with the sizes of its nodes and the lines among them; without `nodes`, it is folded. */
export interface RoomPlan {
  readonly size: Size
  readonly nodes?: readonly Size[]
  readonly edges?: readonly Edge[]
  /** Where it stands among the rooms. */
  readonly place: 'left' | 'middle' | 'right'
  /** False: a room without a border and a heading. */
  readonly isFramed: boolean
}

interface Layout extends Size {
  readonly rooms: readonly LaidOutRoom[]
}

interface LaidOutRoom {
  readonly box: Box
  /** The boxes of its nodes in the picture; none if it is folded. */
  readonly nodes: readonly Box[]
}

/** The space around the nodes of a room. */
const padding = { side: 20, top: 44, bottom: 20 }

const gapOfRooms = { inLayer: 32, ofLayers: 96 }
const gapOfNodes = { inLayer: 18, ofLayers: 64 }

/** With more nodes or edges, dagre takes seconds: it gets the strongest edges that make no circle. */
const mostNodesInFull = 30
/** With more nodes, a room is a grid. */
const mostNodesInLayers = 150

/**
 * Lays out a picture in two levels: the nodes inside each room, then the rooms. The inside of a room depends on this room
 * alone, so a change of another room moves it only as a whole.
 *
 * @param sums the lines between rooms, by their positions in `rooms`
 * @param insides the layouts of rooms that are known already, by their plans
 */
export function layOut(
  rooms: readonly RoomPlan[],
  sums: readonly Edge[],
  insides: WeakMap<RoomPlan, Inside> = new WeakMap(),
): Layout {
  const laidOut = rooms.map(room => {
    if (room.nodes === undefined) return { size: room.size, boxes: [] }
    let inside = insides.get(room)
    if (inside === undefined) {
      inside = layOutRoom(room)
      insides.set(room, inside)
    }
    return inside
  })
  const corners = placeRooms(
    rooms,
    laidOut.map(({ size }) => size),
    sums,
  )
  const placed = laidOut.map(({ size, boxes }, room) => {
    const { x, y } = corners[room]!
    return {
      box: { x, y, ...size },
      nodes: boxes.map(box => ({ ...box, x: box.x + x, y: box.y + y })),
    }
  })
  return {
    rooms: placed,
    width: Math.max(0, ...placed.map(({ box }) => box.x + box.width)),
    height: Math.max(0, ...placed.map(({ box }) => box.y + box.height)),
  }
}

/** The layout of one room: its size, and the boxes of its nodes from its corner. */
export interface Inside {
  readonly size: Size
  readonly boxes: readonly Box[]
}

function layOutRoom({ size, nodes = [], edges = [], isFramed }: RoomPlan): Inside {
  const { boxes, width, height } = layOutGraph(nodes, edges, gapOfNodes, (items, sizes, linked) =>
    layOutLayers(items, sizes, linked, gapOfNodes, 'LR'),
  )
  if (!isFramed) return { size: { width, height }, boxes }
  return {
    size: {
      width: Math.max(size.width, width + 2 * padding.side),
      height: height + padding.top + padding.bottom,
    },
    boxes: boxes.map(box => ({ ...box, x: box.x + padding.side, y: box.y + padding.top })),
  }
}

interface Corner {
  readonly x: number
  readonly y: number
}

/** Places the rooms of the middle by their lines, and the others at the left and the right of them. */
function placeRooms(
  rooms: readonly RoomPlan[],
  sizes: readonly Size[],
  sums: readonly Edge[],
): readonly Corner[] {
  const listPlace = (place: RoomPlan['place']) =>
    rooms.flatMap((room, number) => (room.place === place ? [number] : []))
  const middle = listPlace('middle')
  const positions = new Map(middle.map((room, position) => [room, position]))
  const edges = sums.flatMap(({ from, to, weight }) => {
    const start = positions.get(from)
    const end = positions.get(to)
    return start === undefined || end === undefined ? [] : [{ from: start, to: end, weight }]
  })
  const left = listPlace('left')
  const right = listPlace('right')
  const widthOf = (group: readonly number[]) =>
    group.length === 0 ? 0 : Math.max(...group.map(room => sizes[room]!.width)) + gapOfRooms.ofLayers
  const center = layOutGraph(
    middle.map(room => sizes[room]!),
    edges,
    gapOfRooms,
    (items, all, linked) => chooseLayers(items, all, linked, widthOf(left) + widthOf(right)),
  )
  const corners: Corner[] = []
  const heightOf = (group: readonly number[]) =>
    group.reduce((sum, room) => sum + sizes[room]!.height, 0) +
    gapOfRooms.inLayer * Math.max(0, group.length - 1)
  const height = Math.max(center.height, heightOf(left), heightOf(right))
  const startOfCenter = widthOf(left)
  for (const [position, room] of middle.entries()) {
    const box = center.boxes[position]!
    corners[room] = { x: box.x + startOfCenter, y: box.y + Math.round((height - center.height) / 2) }
  }
  // Beside the rooms that they have lines with, as far as the picture goes.
  const stack = (group: readonly number[], x: number) => {
    let y = Math.max(
      0,
      Math.min(findMiddle(group, corners, sizes, sums) ?? height / 2, height) - heightOf(group) / 2,
    )
    y = Math.round(Math.min(y, height - heightOf(group)))
    for (const room of group) {
      corners[room] = { x, y }
      y += sizes[room]!.height + gapOfRooms.inLayer
    }
  }
  stack(left, 0)
  stack(right, startOfCenter + center.width + (center.width === 0 ? 0 : gapOfRooms.ofLayers))
  return corners
}

/** Finds the mean height of what some rooms have lines with. */
function findMiddle(
  group: readonly number[],
  corners: readonly (Corner | undefined)[],
  sizes: readonly Size[],
  sums: readonly Edge[],
): number | undefined {
  let [sum, total] = [0, 0]
  for (const { from, to, weight } of sums) {
    const far = group.includes(from) ? to : group.includes(to) ? from : undefined
    const corner = far === undefined ? undefined : corners[far]
    if (far === undefined || corner === undefined) continue
    sum += weight * (corner.y + sizes[far]!.height / 2)
    total += weight
  }
  return total === 0 ? undefined : sum / total
}

interface LaidOutGraph extends Size {
  readonly boxes: readonly Box[]
}

/** Lays out boxes along their edges, in the direction that suits a screen best; boxes without an edge stand in a grid below. */
function layOutGraph(
  sizes: readonly Size[],
  edges: readonly Edge[],
  gaps: typeof gapOfNodes,
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

interface Placed extends Size {
  readonly boxes: ReadonlyMap<number, Corner>
}

type Direction = 'LR' | 'TB'

const noBoxes: Placed = { boxes: new Map(), width: 0, height: 0 }

/** Width by height of the part of a screen that shows a picture. */
const shapeOfScreen = 1.6

/** Rows of rooms show less of their order than layers do, so they must be much larger on a screen. */
const priceOfRows = 1.3

/**
 * Lays out rooms from left to right, from top to bottom, and in rows, and takes what is largest on a screen.
 *
 * @param aside the width of what stands beside them
 */
function chooseLayers(
  items: readonly number[],
  sizes: readonly Size[],
  edges: readonly Edge[],
  aside: number,
): Placed {
  const weigh = ({ width, height }: Size) => Math.max((width + aside) / shapeOfScreen, height)
  const across = layOutLayers(items, sizes, edges, gapOfRooms, 'LR')
  const down = layOutLayers(items, sizes, edges, gapOfRooms, 'TB')
  const layers = weigh(down) < weigh(across) * 0.9 ? down : across
  const order = items.toSorted((a, b) => {
    const [first, second] = [across.boxes.get(a)!, across.boxes.get(b)!]
    return first.x + sizes[a]!.width / 2 - second.x - sizes[b]!.width / 2 || first.y - second.y || a - b
  })
  const rows = layOutRows(order, sizes, weigh)
  return weigh(rows) * priceOfRows < weigh(layers) ? rows : layers
}

/** Lays out rooms in rows like words in a text, with as many rows as suit a screen best. */
function layOutRows(items: readonly number[], sizes: readonly Size[], weigh: (size: Size) => number): Placed {
  const gap = gapOfRooms.ofLayers / 2
  const total = items.reduce((sum, item) => sum + sizes[item]!.width + gap, 0)
  const counts = Array.from({ length: Math.min(items.length, 12) }, (_, index) => index + 1)
  return counts
    .map(count => fillRows(items, sizes, total / count, gap))
    .reduce((best, rows) => (weigh(rows) < weigh(best) ? rows : best))
}

function fillRows(items: readonly number[], sizes: readonly Size[], most: number, gap: number): Placed {
  const rows: number[][] = [[]]
  let width = 0
  for (const item of items) {
    // A room that is mostly within the row belongs to it.
    if (width > 0 && width + sizes[item]!.width / 2 > most) {
      rows.push([])
      width = 0
    }
    rows.at(-1)!.push(item)
    width += sizes[item]!.width + gap
  }
  const boxes = new Map<number, Corner>()
  let [y, widest] = [0, 0]
  for (const row of rows) {
    const height = Math.max(...row.map(item => sizes[item]!.height))
    let x = 0
    for (const item of row) {
      boxes.set(item, { x, y: y + Math.round((height - sizes[item]!.height) / 2) })
      x += sizes[item]!.width + gap
    }
    widest = Math.max(widest, x - gap)
    y += height + gap
  }
  return { boxes, width: widest, height: y - gap }
}

function layOutLayers(
  items: readonly number[],
  sizes: readonly Size[],
  edges: readonly Edge[],
  gaps: typeof gapOfNodes,
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

/** Lays out boxes in rows, about as wide as what is above them, or as a screen is. */
function layOutGrid(
  items: readonly number[],
  sizes: readonly Size[],
  width: number,
  gaps: typeof gapOfNodes,
): Placed {
  const area = items.reduce(
    (sum, item) => sum + (sizes[item]!.width + gaps.inLayer) * (sizes[item]!.height + gaps.inLayer),
    0,
  )
  const most = Math.max(width, Math.sqrt(area * 1.8), ...items.map(item => sizes[item]!.width))
  const boxes = new Map<number, Corner>()
  let [x, y, rowHeight, widest] = [0, 0, 0, 0]
  for (const item of items) {
    const size = sizes[item]!
    if (x > 0 && x + size.width > most) {
      x = 0
      y += rowHeight + gaps.inLayer
      rowHeight = 0
    }
    boxes.set(item, { x, y })
    widest = Math.max(widest, x + size.width)
    rowHeight = Math.max(rowHeight, size.height)
    x += size.width + gaps.inLayer
  }
  return { boxes, width: widest, height: items.length === 0 ? 0 : y + rowHeight }
}
