import type { Graph } from '../graph/graph.ts'

/** A picture with more nodes opens with its rooms folded. */
const mostUnfolded = 300

/** Folds all namespaces of a large graph, and none of a small graph. */
export function chooseFolded(graph: Graph): ReadonlySet<number> {
  if (graph.nodes.length <= mostUnfolded) return new Set()
  return new Set(graph.rooms.flatMap(({ kind }, number) => (kind === 'internet' ? [] : [number])))
}
