import type { Graph } from './graph.ts'

/** Finds the nodes whose name, namespace, host or owner contains all words of a text. Nodes whose name begins with the text come first. */
export function searchNodes(graph: Graph, text: string, most: number): readonly number[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean)
  if (words.length === 0) return []
  const ranked: { node: number; rank: number }[] = []
  for (const [node, { kind, name, namespace, hosts, owner }] of graph.nodes.entries()) {
    if (kind === 'anyone') continue
    const title = name.toLowerCase()
    const whole = [title, namespace, ...hosts, owner].join('\n').toLowerCase()
    if (!words.every(word => whole.includes(word))) continue
    const first = words[0]!
    ranked.push({
      node,
      rank: title === first ? 0 : title.startsWith(first) ? 1 : title.includes(first) ? 2 : 3,
    })
  }
  return ranked
    .sort((a, b) => a.rank - b.rank || a.node - b.node)
    .slice(0, most)
    .map(({ node }) => node)
}
