import type { PageState } from '../state/page-state.ts'
import { getSideName } from '../state/page-state.ts'
import { type Graph, type GraphSide, getSide, listCalled, listCallingNodes } from './graph.ts'
import { type End, getDrawnEnd, type Link } from './links.ts'
import { findWay, listReached, type Reached } from './reach.ts'

/** The highlighted part of the picture. */
export interface Light {
  readonly nodes: ReadonlySet<number>
  readonly ends: ReadonlySet<End>
  readonly hasLink: (link: Link) => boolean
}

/** Lists the nodes of a trail, sorted by distance; for `way`, from the internet. Empty if there are none. */
export function listTrail(graph: Graph, state: PageState): readonly Reached[] {
  const { trail } = state
  const node = trail === undefined ? undefined : graph.numbers.get(trail.id)
  if (trail === undefined || node === undefined) return []
  const side = getSide(graph, getSideName(state))
  if (trail.kind !== 'way') return listReached(side, node, trail.kind)
  return findWayIn(graph, side, node).map((step, distance) => ({ node: step, distance }))
}

/** Finds the shortest way from the internet to a node; empty if there is none. */
export function findWayIn(graph: Graph, side: GraphSide, node: number): readonly number[] {
  const ways = graph.nodes.flatMap(({ kind }, start) => {
    const way = kind === 'internet' ? findWay(side, start, node) : undefined
    return way === undefined ? [] : [way]
  })
  return ways.sort((a, b) => a.length - b.length)[0] ?? []
}

/**
 * Highlights the selected part with its neighbors, a trail, or the way of a request.
 *
 * @param way the ids of the nodes on the way of a traced request
 * @returns undefined if nothing is highlighted
 */
export function makeLight(
  graph: Graph,
  folded: ReadonlySet<number>,
  state: PageState,
  way: readonly string[],
): Light | undefined {
  const toEnd = (node: number) => getDrawnEnd(graph, folded, node)
  const { selection, trail } = state
  if (way.length > 0)
    return lightWay(
      way.flatMap(id => graph.numbers.get(id) ?? []),
      toEnd,
    )
  if (trail?.kind === 'way')
    return lightWay(
      listTrail(graph, state).map(({ node }) => node),
      toEnd,
    )
  if (trail !== undefined) {
    const start = graph.numbers.get(trail.id)
    if (start === undefined) return undefined
    const nodes = [start, ...listTrail(graph, state).map(({ node }) => node)]
    return lightNodes(nodes, toEnd, ({ from, to }, ends) => ends.has(from) && ends.has(to))
  }
  if (selection?.kind === 'node') {
    const node = graph.numbers.get(selection.id)
    if (node === undefined) return undefined
    const neighbors = graph.sides.flatMap(side => [
      ...listCallingNodes(side, node),
      ...listCalled(side, node),
    ])
    const end = toEnd(node)
    return lightNodes([node, ...neighbors], toEnd, ({ from, to }) => from === end || to === end)
  }
  if (selection?.kind === 'link') {
    const [start, end] = [findEnd(graph, folded, selection.from), findEnd(graph, folded, selection.to)]
    if (start === undefined || end === undefined) return undefined
    return {
      nodes: new Set(),
      ends: new Set([start, end]),
      hasLink: ({ from, to }) => from === start && to === end,
    }
  }
  if (selection?.kind === 'difference') {
    const difference = graph.differences[selection.number]
    if (difference === undefined) return undefined
    const starts = difference.from.flatMap(id => graph.numbers.get(id) ?? [])
    const targets = difference.to.flatMap(id => graph.numbers.get(id) ?? [])
    const startEnds = new Set(starts.map(toEnd))
    const targetEnds = new Set(targets.map(toEnd))
    return lightNodes(
      [...starts, ...targets],
      toEnd,
      ({ from, to }) => startEnds.has(from) && targetEnds.has(to),
    )
  }
  return undefined
}

/** Finds the end with an id: a node that is drawn, or a room. */
export function findEnd(graph: Graph, folded: ReadonlySet<number>, id: string): End | undefined {
  const node = graph.numbers.get(id)
  if (node !== undefined) return getDrawnEnd(graph, folded, node)
  const room = graph.rooms.findIndex(({ id: name }) => name === id)
  return room < 0 ? undefined : graph.nodes.length + room
}

/** The id of an end, which is the id of its node or its room. */
export const getEndId = (graph: Graph, end: End): string =>
  end < graph.nodes.length ? graph.nodes[end]!.id : graph.rooms[end - graph.nodes.length]!.id

/** Gives the name of an end that people read. */
export const getEndName = (graph: Graph, end: End): string =>
  end < graph.nodes.length ? graph.nodes[end]!.name : graph.rooms[end - graph.nodes.length]!.name

function lightNodes(
  nodes: readonly number[],
  toEnd: (node: number) => End | undefined,
  hasLink: (link: Link, ends: ReadonlySet<End>) => boolean,
): Light {
  const ends = new Set(nodes.flatMap(node => toEnd(node) ?? []))
  return { nodes: new Set(nodes), ends, hasLink: link => hasLink(link, ends) }
}

function lightWay(way: readonly number[], toEnd: (node: number) => End | undefined): Light | undefined {
  if (way.length === 0) return undefined
  const pairs = new Set(way.slice(1).map((node, index) => `${toEnd(way[index]!)} ${toEnd(node)}`))
  return lightNodes(way, toEnd, ({ key }) => pairs.has(key))
}
