import { isAnyone } from '../../../../compiler/behavior/pairs/names.ts'
import type { MapCall, MapNode, MeshMap } from '../../../../compiler/map/mesh-map.ts'
import type { PageDifference } from '../../../../compiler/map/page-data.ts'

/** A mesh before or after a change; without a change, there is only `after`. */
export type SideName = 'before' | 'after'

/** The graph that the page draws: the nodes of both sides, each once, and the calls of each side. */
export interface Graph {
  readonly nodes: readonly GraphNode[]
  /** The numbers of nodes by their ids. */
  readonly numbers: ReadonlyMap<string, number>
  readonly rooms: readonly Room[]
  /** One side, or `before` and `after`. */
  readonly sides: readonly GraphSide[]
  readonly differences: readonly PageDifference[]
}

export interface GraphNode extends MapNode {
  /** The number of its room; undefined for `anyone`, which is not drawn. */
  readonly room: number | undefined
  /** The side that has it; `both`: every side of the graph. */
  readonly presence: SideName | 'both'
  /** Its openness on each side of the graph. */
  readonly openness: Readonly<Partial<Record<SideName, Openness>>>
}

/** The proof that anyone can call a node. `unknown`: meshc does not model a part of the manifests, so that it is not known. */
export type Openness = 'open' | 'unknown' | 'none'

/** A box of the picture with nodes in it. */
export interface Room {
  readonly id: string
  readonly name: string
  readonly kind: 'internet' | 'namespace' | 'external'
  /** The numbers of its nodes, in the order of their names. */
  readonly nodes: readonly number[]
}

/** The calls of one side. All numbers of nodes are those of the graph. */
export interface GraphSide {
  readonly name: SideName
  readonly map: MeshMap
  /** The nodes of the graph by the numbers that they have in the map. */
  readonly toGraph: readonly number[]
  /** The nodes that call, each once, by the number of a set of callers. */
  readonly sets: readonly (readonly number[])[]
  readonly calls: readonly GraphCall[]
  /** The calls by the node that they arrive at. */
  readonly callsTo: ReadonlyMap<number, readonly GraphCall[]>
  /** The calls by their set. */
  readonly callsFrom: readonly (readonly GraphCall[])[]
  /** The sets that a node is in. */
  readonly setsWith: ReadonlyMap<number, readonly number[]>
}

export interface GraphCall {
  /** The number in `calls` of the map. */
  readonly number: number
  readonly set: number
  readonly to: number
  readonly call: MapCall
}

/**
 * Makes the graph of a mesh, of a mesh and its state before a change, or of a mesh that a change removes.
 *
 * @param after the mesh, or the mesh after the change
 */
export function makeGraph({
  after,
  before,
  differences = [],
}: {
  readonly after?: MeshMap | undefined
  readonly before?: MeshMap | undefined
  readonly differences?: readonly PageDifference[] | undefined
}): Graph {
  const all = new Map<string, MapNode>()
  for (const node of [...(before?.nodes ?? []), ...(after?.nodes ?? [])]) all.set(node.id, node)
  const sorted = [...all.values()].sort(
    (a, b) => compareTexts(getRoomKey(a), getRoomKey(b)) || compareNodes(a, b),
  )
  const numbers = new Map(sorted.map((node, number) => [node.id, number]))
  const rooms = makeRooms(sorted)
  const roomOf = new Map(rooms.flatMap((room, number) => room.nodes.map(node => [node, number] as const)))
  const sides = [
    ...(before === undefined ? [] : [makeSide('before', before, numbers)]),
    ...(after === undefined ? [] : [makeSide('after', after, numbers)]),
  ]
  const openness = sides.map(side => [side.name, rateOpenness(side)] as const)
  const ids = sides.map(({ name, map }) => [name, new Set(map.nodes.map(({ id }) => id))] as const)
  const nodes = sorted.map((node, number) => ({
    ...node,
    room: roomOf.get(number),
    presence: getPresence(
      ids.filter(([, present]) => present.has(node.id)).map(([name]) => name),
      sides.length,
    ),
    openness: Object.fromEntries(openness.map(([name, ratings]) => [name, ratings.get(number) ?? 'none'])),
  }))
  return { nodes, numbers, rooms, sides, differences }
}

/** Gives the side of a name; a graph without a change has only one. */
export function getSide(graph: Graph, name: SideName): GraphSide {
  return graph.sides.find(side => side.name === name) ?? graph.sides.at(-1)!
}

/** Lists the nodes that call a node, each once, without the node itself. */
export function listCallingNodes(side: GraphSide, node: number): readonly number[] {
  const sets = new Set((side.callsTo.get(node) ?? []).map(({ set }) => set))
  const callers = new Set([...sets].flatMap(set => side.sets[set] ?? []))
  callers.delete(node)
  return [...callers].sort((a, b) => a - b)
}

/** Lists the nodes that a node calls, each once, without the node itself. */
export function listCalled(side: GraphSide, node: number): readonly number[] {
  const calls = (side.setsWith.get(node) ?? []).flatMap(set => side.callsFrom[set] ?? [])
  const called = new Set(calls.map(({ to }) => to))
  called.delete(node)
  return [...called].sort((a, b) => a - b)
}

/** Lists the calls from one node to another. */
export function listCallsBetween(side: GraphSide, from: number, to: number): readonly GraphCall[] {
  const sets = new Set(side.setsWith.get(from) ?? [])
  return (side.callsTo.get(to) ?? []).filter(({ set }) => sets.has(set))
}

/** Lists the numbers of the callers of a call that belong to a node. */
export function listCallersIn(side: GraphSide, call: GraphCall, node: number): readonly number[] {
  return (side.map.callerSets[call.set] ?? []).filter(
    caller => side.toGraph[side.map.callers[caller]!.node] === node,
  )
}

const compareTexts = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

function getRoomKey(node: MapNode): string {
  if (node.kind === 'internet') return '0'
  if (node.kind === 'external') return '2'
  return `1${node.namespace ?? ''}`
}

function compareNodes(a: MapNode, b: MapNode): number {
  return compareTexts(a.name, b.name) || compareTexts(a.id, b.id)
}

/** Makes the rooms of nodes, which come in the order of rooms. */
function makeRooms(nodes: readonly MapNode[]): readonly Room[] {
  const groups = new Map<string, number[]>()
  for (const [number, node] of nodes.entries()) {
    if (node.kind === 'anyone') continue
    const key = getRoomKey(node)
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [number])
    else group.push(number)
  }
  return [...groups].map(([key, group]) => {
    if (key === '0') return { id: 'internet', name: 'Internet', kind: 'internet', nodes: group }
    if (key === '2') return { id: 'external', name: 'External systems', kind: 'external', nodes: group }
    const name = key.slice(1)
    return { id: `namespace ${name}`, name: name || 'no namespace', kind: 'namespace', nodes: group }
  })
}

function makeSide(name: SideName, map: MeshMap, numbers: ReadonlyMap<string, number>): GraphSide {
  const toGraph = map.nodes.map(({ id }) => numbers.get(id)!)
  const sets = map.callerSets.map(callers =>
    [...new Set(callers.map(caller => toGraph[map.callers[caller]!.node]!))].sort((a, b) => a - b),
  )
  const calls = map.calls.map((call, number) => ({ number, set: call.from, to: toGraph[call.to]!, call }))
  const callsFrom: GraphCall[][] = sets.map(() => [])
  for (const call of calls) callsFrom[call.set]!.push(call)
  const setsWith = new Map<number, number[]>()
  for (const [set, nodes] of sets.entries()) for (const node of nodes) addTo(setsWith, node, set)
  const callsTo = new Map<number, GraphCall[]>()
  for (const call of calls) addTo(callsTo, call.to, call)
  return { name, map, toGraph, sets, calls, callsTo, callsFrom, setsWith }
}

function addTo<Key, Value>(lists: Map<Key, Value[]>, key: Key, value: Value): void {
  const list = lists.get(key)
  if (list === undefined) lists.set(key, [value])
  else list.push(value)
}

/** Rates the nodes that anyone can call, or perhaps; the others are not in the map. */
function rateOpenness(side: GraphSide): ReadonlyMap<number, Openness> {
  const anyone = side.map.callers.map(({ caller }) => isAnyone(caller))
  const isAnyoneIn = side.map.callerSets.map(callers => callers.some(caller => anyone[caller]))
  const ratings = new Map<number, Openness>()
  for (const { to, set, call } of side.calls) {
    if (!call.isOpen && !isAnyoneIn[set]) continue
    if (call.certainty === 'proved') ratings.set(to, 'open')
    else if (!ratings.has(to)) ratings.set(to, 'unknown')
  }
  return ratings
}

function getPresence(sides: readonly SideName[], count: number): GraphNode['presence'] {
  const [only] = sides
  return only === undefined || sides.length === count ? 'both' : only
}
