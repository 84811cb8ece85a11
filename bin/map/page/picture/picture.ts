import type { Visible } from '../graph/filters.ts'
import type { Graph, GraphSide, Room } from '../graph/graph.ts'
import { type End, type Link, type Links, listLinks } from '../graph/links.ts'
import type { Box, Edge, Size } from './geometry.ts'
import { type Inside, layOut, type RoomPlan } from './lay-out.ts'
import { type Curve, routeLinks } from './route-links.ts'
import { makeNodeText, measureNode, type NodeText, sizeOfFoldedRoom } from './sizes.ts'

/** All that the map draws, with places. */
export interface Picture extends Size {
  readonly rooms: readonly PictureRoom[]
  readonly nodes: readonly PictureNode[]
  readonly links: readonly PictureLink[]
  /** The boxes of all ends that are drawn. */
  readonly boxes: ReadonlyMap<End, Box>
  readonly hasOpen: boolean
  readonly left: number
}

export interface PictureRoom {
  readonly number: number
  readonly room: Room
  readonly box: Box
  readonly isFolded: boolean
  /** The nodes of it that are shown. */
  readonly shown: readonly number[]
}

interface PictureNode {
  readonly number: number
  readonly text: NodeText
  readonly box: Box
}

export interface PictureLink extends Curve {
  readonly link: Link
}

/** A room with more lines that anyone may follow is laid out without them. */
const mostOpenInRoom = 60

/** Makes a picture of the filtered graph. `isTight`: without gaps for hidden nodes. */
type Painter = (
  visible: Visible,
  folded: ReadonlySet<number>,
  showsOpen: boolean,
  isTight: boolean,
) => Picture

/** Makes the painter of a graph, which keeps the layouts of rooms from picture to picture. */
export function makeGraphPainter(graph: Graph): Painter {
  const insides = new WeakMap<RoomPlan, Inside>()
  const plans = new Map<number, RoomPlan>()
  const getPlan = (number: number): RoomPlan => {
    const room = graph.rooms[number]!
    const plan = plans.get(number) ?? planRoom(graph, room, room.nodes)
    plans.set(number, plan)
    return plan
  }
  return (visible, folded, showsOpen, isTight) => {
    const links = listLinks(graph, visible, folded, showsOpen)
    const shown = graph.rooms.flatMap((room, number): readonly ShownRoom[] => {
      const nodes = room.nodes.filter(node => visible.nodes[node])
      if (nodes.length === 0) return []
      const isFolded = folded.has(number)
      const members = isTight ? nodes : room.nodes
      const isWhole = members.length === room.nodes.length
      const plan = isFolded ? planFolded(room) : isWhole ? getPlan(number) : planRoom(graph, room, members)
      return [{ number, room, nodes, members, isFolded, plan }]
    })
    return paint(graph, visible, shown, links, insides)
  }
}

/** A room that is drawn. */
interface ShownRoom {
  readonly number: number
  readonly room: Room
  /** The nodes of it that are drawn. */
  readonly nodes: readonly number[]
  /** The nodes of it that have a place. */
  readonly members: readonly number[]
  readonly isFolded: boolean
  readonly plan: RoomPlan
}

function paint(
  graph: Graph,
  visible: Visible,
  shown: readonly ShownRoom[],
  links: Links,
  insides: WeakMap<RoomPlan, Inside>,
): Picture {
  const positions = new Map(shown.map(({ number }, position) => [number, position]))
  const sums = sumLinks(graph, positions)
  const layout = layOut(
    shown.map(({ plan }) => plan),
    sums,
    insides,
  )
  const boxes = new Map<End, Box>()
  const nodes: PictureNode[] = []
  const rooms = shown.map(({ room, number, nodes: present, members, isFolded }, position): PictureRoom => {
    const { box, nodes: inside } = layout.rooms[position]!
    if (isFolded) boxes.set(graph.nodes.length + number, box)
    else
      for (const [index, node] of members.entries()) {
        if (!visible.nodes[node]) continue
        boxes.set(node, inside[index]!)
        nodes.push({ number: node, text: makeNodeText(graph.nodes[node]!), box: inside[index]! })
      }
    return { number, room, box, isFolded, shown: present }
  })
  const drawn = links.links.filter(({ from, to }) => boxes.has(from) && boxes.has(to))
  const curves = routeLinks(drawn.map(({ from, to }) => ({ from: boxes.get(from)!, to: boxes.get(to)! })))
  return {
    rooms,
    nodes,
    links: drawn.map((link, position) => ({ link, ...curves[position]! })),
    boxes,
    hasOpen: links.hasOpen,
    left: links.left,
    width: layout.width,
    height: layout.height,
  }
}

const placeOf = ({ kind }: Room): RoomPlan['place'] =>
  kind === 'internet' ? 'left' : kind === 'external' ? 'right' : 'middle'

const planFolded = (room: Room): RoomPlan => ({
  size: sizeOfFoldedRoom,
  place: placeOf(room),
  isFramed: true,
})

/** Plans a room. With all its nodes, whatever filters hide, filters move nothing inside it. */
function planRoom(graph: Graph, room: Room, members: readonly number[]): RoomPlan {
  const nodes = members.map(node => measureNode(makeNodeText(graph.nodes[node]!)))
  return {
    size: { width: Math.min(300, room.name.length * 8 + 110), height: 0 },
    nodes,
    edges: room.kind === 'namespace' ? listInnerEdges(graph, members) : [],
    place: placeOf(room),
    isFramed: room.kind !== 'internet',
  }
}

/** Lists the lines among the nodes of a room. Calls that anyone can do count only while they are few. */
function listInnerEdges(graph: Graph, members: readonly number[]): readonly Edge[] {
  const positions = new Map(members.map((node, position) => [node, position]))
  const collect = (withOpen: boolean): readonly Edge[] => {
    const keys = new Set<number>()
    for (const side of graph.sides) {
      for (const [to, position] of positions) {
        for (const { call, set } of side.callsTo.get(to) ?? []) {
          if (call.isOpen && !withOpen) continue
          for (const caller of side.sets[set]!) {
            const from = positions.get(caller)
            if (from !== undefined && from !== position) keys.add(from * members.length + position)
          }
        }
        if (withOpen && keys.size > mostOpenInRoom) return collect(false)
      }
    }
    return [...keys]
      .sort((a, b) => a - b)
      .map(key => ({ from: Math.floor(key / members.length), to: key % members.length, weight: 1 }))
  }
  return collect(true)
}

/** Sums the calls between rooms, whatever is folded, so that folding keeps the order of rooms. */
function sumLinks(graph: Graph, positions: ReadonlyMap<number, number>): readonly Edge[] {
  const weights = new Map<number, number>()
  const size = graph.rooms.length
  for (const side of graph.sides) {
    const rooms = side.sets.map(set => countRooms(graph, set))
    for (const { set, to, call } of side.calls) {
      const { room } = graph.nodes[to]!
      if (room === undefined || call.isOpen) continue
      for (const [from, count] of rooms[set]!) {
        if (from === room) continue
        const key = from * size + room
        weights.set(key, (weights.get(key) ?? 0) + count)
      }
    }
  }
  return [...weights]
    .sort(([a], [b]) => a - b)
    .flatMap(([key, weight]) => {
      const from = positions.get(Math.floor(key / size))
      const to = positions.get(key % size)
      return from === undefined || to === undefined ? [] : [{ from, to, weight }]
    })
}

function countRooms(graph: Graph, nodes: GraphSide['sets'][number]): ReadonlyMap<number, number> {
  const counts = new Map<number, number>()
  for (const node of nodes) {
    const { room } = graph.nodes[node]!
    if (room !== undefined) counts.set(room, (counts.get(room) ?? 0) + 1)
  }
  return counts
}
