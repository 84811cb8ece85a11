import {
  type Graph,
  type GraphNode,
  type GraphSide,
  listCalled,
  listCallingNodes,
  type Openness,
} from './graph.ts'
import type { Link, Transport } from './links.ts'

const kindWords: Readonly<Record<GraphNode['kind'], string>> = {
  service: 'service',
  workload: 'workload',
  gateway: 'gateway',
  external: 'external system',
  internet: 'clients outside',
  anyone: 'callers that no manifest has',
}

export const nameKind = (kind: GraphNode['kind']): string => kindWords[kind]

const transportWords: Readonly<Record<Transport, string>> = {
  mtls: 'mutual TLS',
  tls: 'TLS',
  plaintext: 'plaintext',
  unknown: 'transport not known',
}

export const nameTransport = (transport: Transport): string => transportWords[transport]

/** Describes the openness of a node, for a list of its properties. */
export const listOpenness = (openness: Openness | undefined): readonly string[] =>
  openness === undefined || openness === 'none' ? [] : [describeOpenness(openness)]

export const describeOpenness = (openness: 'open' | 'unknown'): string =>
  openness === 'open' ? 'open to anyone' : 'perhaps open to anyone'

/** Describes a node: `service cart in shop, called by 3, calls 2`. */
export function describeGraphNode(graph: Graph, side: GraphSide, number: number): string {
  const { kind, name, namespace, openness, presence } = graph.nodes[number]!
  return [
    `${nameKind(kind)} ${name}${namespace === undefined ? '' : ` in ${namespace}`}`,
    `called by ${listCallingNodes(side, number).length}`,
    `calls ${listCalled(side, number).length}`,
    ...listOpenness(openness[side.name]),
    ...(presence === 'after' ? ['new'] : presence === 'before' ? ['removed'] : []),
  ].join(', ')
}

/** Describes the requests of a link: the labels of its calls, or the number of its calls. */
export function describeLink(graph: Graph, link: Link): string {
  const calls = link.calls.after.length > 0 ? link.calls.after : link.calls.before
  const isSum = link.from >= graph.nodes.length || link.to >= graph.nodes.length
  if (isSum) return countWord(Math.max(link.counts.after, link.counts.before), 'call')
  const labels = [...new Set(calls.map(({ call }) => call.label || 'all requests'))]
  return labels.length > 2 ? `${labels.slice(0, 2).join('; ')}; ${labels.length - 2} more` : labels.join('; ')
}

/** Counts something in words: `1 call`, `2 calls`. */
export const countWord = (count: number, word: string): string =>
  `${count.toLocaleString('en')} ${word}${count === 1 ? '' : 's'}`
