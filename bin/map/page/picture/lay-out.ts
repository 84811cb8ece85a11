import { type Box, type Edge, gapOfNodes, type Size } from './geometry.ts'
import { layOutGraph } from './lay-out-graph.ts'
import { layOutLayers } from './lay-out-layers.ts'
import { placeRooms } from './place-rooms.ts'

/** A room with the sizes of its nodes and the lines among them; without `nodes`, it is folded. */
export interface RoomPlan {
  readonly size: Size
  readonly nodes?: readonly Size[]
  readonly edges?: readonly Edge[]
  /** Its place among the rooms. */
  readonly place: 'left' | 'middle' | 'right'
  /** False: a room without a border and a heading. */
  readonly isFramed: boolean
}

interface Layout extends Size {
  readonly rooms: readonly LaidOutRoom[]
}

interface LaidOutRoom {
  readonly box: Box
  /** The boxes of its nodes in the picture; empty if it is folded. */
  readonly nodes: readonly Box[]
}

/** The space around the nodes of a room. */
const padding = { side: 20, top: 44, bottom: 20 }

/**
 * Lays out a picture in two levels: the nodes inside each room, then the rooms. The inside of a room depends only on this room, so a
 * change of another room moves it only as a whole.
 *
 * @param sums the lines between rooms, by their indexes in `rooms`
 * @param insides the known layouts of rooms, by their plans
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
