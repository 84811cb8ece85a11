import type { Graph, GraphCall, GraphSide } from './graph.ts'

/** The filters of a reader. An empty list, an empty text and `false` filter nothing. */
export interface Filters {
  readonly namespaces: readonly string[]
  readonly owner: string
  /** The id of a gateway: only its calls, and the calls to it. */
  readonly gateway: string
  /** Only calls that arrive in plaintext. */
  readonly plaintext: boolean
  /** Only calls to external systems. */
  readonly external: boolean
  /** Calls that anyone can do are drawn, however many there are. */
  readonly open: boolean
  /** The picture has no gaps for hidden nodes, so the remaining nodes move together. */
  readonly tight: boolean
}

export const noFilters: Filters = {
  namespaces: [],
  owner: '',
  gateway: '',
  plaintext: false,
  external: false,
  open: false,
  tight: false,
}

/** The nodes and calls that filters leave. */
export interface Visible {
  /** True for each node of the graph that is shown. */
  readonly nodes: readonly boolean[]
  /** True for each node that the filters on namespaces and owners name. A link is shown if one of its ends is such a node. */
  readonly core: readonly boolean[]
  /** True if the callers in the set may be drawn with this call. */
  readonly hasCall: (side: GraphSide, call: GraphCall) => boolean
  /** True if a caller of a call may be drawn. */
  readonly hasCaller: (call: GraphCall, caller: number) => boolean
}

export const isFiltered = (filters: Filters): boolean =>
  filters.namespaces.length > 0 ||
  filters.owner !== '' ||
  filters.gateway !== '' ||
  filters.plaintext ||
  filters.external

/** Selects the nodes and calls that filters leave: the nodes that they name, and the neighbors of those. */
export function selectVisible(graph: Graph, filters: Filters): Visible {
  const namespaces = new Set(filters.namespaces)
  const core = graph.nodes.map(
    ({ namespace, owner }) =>
      (namespaces.size === 0 || (namespace !== undefined && namespaces.has(namespace))) &&
      (filters.owner === '' || owner === filters.owner),
  )
  const gateway = filters.gateway === '' ? undefined : graph.numbers.get(filters.gateway)
  const hasCall = (side: GraphSide, call: GraphCall): boolean =>
    (!filters.plaintext || call.call.transports.includes('plaintext')) &&
    (!filters.external || graph.nodes[call.to]!.kind === 'external') &&
    (gateway === undefined || call.to === gateway || side.sets[call.set]!.includes(gateway))
  const hasCaller = (call: GraphCall, caller: number): boolean =>
    (core[caller]! || core[call.to]!) && (gateway === undefined || call.to === gateway || caller === gateway)
  if (!isFiltered(filters)) return { nodes: graph.nodes.map(() => true), core, hasCall, hasCaller }

  const onlyEnds = filters.gateway !== '' || filters.plaintext || filters.external
  const nodes = onlyEnds ? graph.nodes.map((_, node) => node === gateway) : [...core]
  for (const side of graph.sides) {
    for (const call of side.calls) {
      if (call.call.isOpen && !filters.open && !onlyEnds) continue
      if (!hasCall(side, call)) continue
      for (const caller of side.sets[call.set]!) {
        if (!hasCaller(call, caller)) continue
        nodes[caller] = true
        nodes[call.to] = true
      }
    }
  }
  return { nodes, core, hasCall, hasCaller }
}
