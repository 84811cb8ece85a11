import type { GraphSide } from './graph.ts'

/** The direction of a search: to the nodes that a node calls, or to those that call it. */
type Direction = 'forward' | 'backward'

/** A node that a search comes to, with its distance in calls. */
export interface Reached {
  readonly node: number
  readonly distance: number
}

/** Lists the nodes that a node can reach, or that can reach it, over any number of calls; the nearest first, without the node itself. */
export function listReached(side: GraphSide, start: number, direction: Direction): readonly Reached[] {
  const next = makeNext(side, direction)
  const distances = new Map([[start, 0]])
  const waiting = [start]
  for (const node of waiting) {
    const distance = distances.get(node)! + 1
    for (const neighbor of next(node)) {
      if (distances.has(neighbor)) continue
      distances.set(neighbor, distance)
      waiting.push(neighbor)
    }
  }
  return waiting.slice(1).map(node => ({ node, distance: distances.get(node)! }))
}

/** Finds a shortest way of calls between two nodes, both included; undefined if there is none. */
export function findWay(side: GraphSide, from: number, to: number): readonly number[] | undefined {
  const next = makeNext(side, 'forward')
  const previous = new Map<number, number>()
  const waiting = [from]
  for (const node of waiting) {
    if (node === to) return followBack(previous, from, to)
    for (const neighbor of next(node)) {
      if (neighbor === from || previous.has(neighbor)) continue
      previous.set(neighbor, node)
      waiting.push(neighbor)
    }
  }
  return undefined
}

function followBack(previous: ReadonlyMap<number, number>, from: number, to: number): readonly number[] {
  const way = [to]
  for (let node = to; node !== from; ) {
    node = previous.get(node)!
    way.unshift(node)
  }
  return way
}

/** Makes the step of a search. A set of callers is entered once, since each of its members leads to the same nodes. */
function makeNext(side: GraphSide, direction: Direction): (node: number) => readonly number[] {
  const entered = new Set<number>()
  const enter = (set: number): boolean => !entered.has(set) && entered.add(set) !== undefined
  if (direction === 'forward') {
    return node =>
      (side.setsWith.get(node) ?? []).filter(enter).flatMap(set => side.callsFrom[set]!.map(({ to }) => to))
  }
  return node =>
    [...new Set((side.callsTo.get(node) ?? []).map(({ set }) => set))]
      .filter(enter)
      .flatMap(set => side.sets[set]!)
}
