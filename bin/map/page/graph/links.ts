import type { Visible } from './filters.ts'
import type { Graph, GraphCall, GraphSide, SideName } from './graph.ts'

/** An end of a line of the picture: the number of a node, or, for a folded room, the number of the room after those of all nodes. */
export type End = number

/** A line of the picture: all calls between two ends. */
export interface Link {
  readonly from: End
  readonly to: End
  readonly key: string
  /** The number of pairs of a caller and a call that it represents, on each side. */
  readonly counts: Readonly<Record<SideName, number>>
  /** The calls of each side, each once. */
  readonly calls: Readonly<Record<SideName, readonly GraphCall[]>>
  readonly transport: Transport
  /** True if a call of it is not proved. */
  readonly isUnknown: boolean
  readonly mark?: Mark
}

/** The transport of the calls of a link, the least secure of all of them; `unknown`: no object sets it. */
export type Transport = 'mtls' | 'tls' | 'plaintext' | 'unknown'

/** The effect of a change on a link. */
export type Mark = 'opened' | 'closed' | 'changed' | 'unknown'

/** A picture with at least so many lines has no lines for calls that anyone can do, unless a person asks for them. */
const mostOpenLinks = 150

/** More lines than that show nothing, and take seconds to draw. */
const mostLinks = 4_000

export interface Links {
  readonly links: readonly Link[]
  /** False if calls that anyone can do were left out. */
  readonly hasOpen: boolean
  /** The number of lines that were left out, as there are too many; `Infinity`: they were not counted. */
  readonly left: number
}

/** Lists the links between visible parts. `folded`: the numbers of the folded rooms. `showsOpen`: the reader wants open calls. */
export function listLinks(
  graph: Graph,
  visible: Visible,
  folded: ReadonlySet<number>,
  showsOpen: boolean,
): Links {
  if (showsOpen) return { ...collectLinks(graph, visible, folded, true, mostLinks), hasOpen: true }
  const few = collectLinks(graph, visible, folded, true, mostOpenLinks)
  if (few.left === 0) return { ...few, hasOpen: true }
  const hasNone = graph.sides.every(({ calls }) => calls.every(({ call }) => !call.isOpen))
  return { ...collectLinks(graph, visible, folded, false, mostLinks), hasOpen: hasNone }
}

/** Gives the end of a node: its room, if that is folded; undefined for a node that is not drawn. */
export function getDrawnEnd(graph: Graph, folded: ReadonlySet<number>, node: number): End | undefined {
  const { room } = graph.nodes[node]!
  if (room === undefined) return undefined
  return folded.has(room) ? graph.nodes.length + room : node
}

interface Draft {
  readonly from: End
  readonly to: End
  readonly counts: Record<SideName, number>
  readonly calls: Record<SideName, GraphCall[]>
}

function collectLinks(
  graph: Graph,
  visible: Visible,
  folded: ReadonlySet<number>,
  withOpen: boolean,
  most: number,
): Omit<Links, 'hasOpen'> {
  const ends = graph.nodes.map((_, node) =>
    visible.nodes[node] ? getDrawnEnd(graph, folded, node) : undefined,
  )
  const width = graph.nodes.length + graph.rooms.length
  const drafts = new Map<number, Draft>()
  for (const side of graph.sides) {
    for (const call of side.calls) {
      const to = ends[call.to]
      if (to === undefined || (call.call.isOpen && !withOpen) || !visible.hasCall(side, call)) continue
      for (const [from, count] of countEnds(side, call, ends, visible)) {
        if (from === to) continue
        const key = from * width + to
        let draft = drafts.get(key)
        if (draft === undefined) {
          if (drafts.size >= most) return { links: finishLinks(graph, drafts, folded), left: Infinity }
          draft = { from, to, counts: { before: 0, after: 0 }, calls: { before: [], after: [] } }
          drafts.set(key, draft)
        }
        draft.counts[side.name] += count
        draft.calls[side.name].push(call)
      }
    }
  }
  return { links: finishLinks(graph, drafts, folded), left: 0 }
}

/** Counts the callers of a call by their ends. */
function countEnds(
  side: GraphSide,
  call: GraphCall,
  ends: readonly (End | undefined)[],
  visible: Visible,
): ReadonlyMap<End, number> {
  const counts = new Map<End, number>()
  for (const caller of side.sets[call.set]!) {
    const end = ends[caller]
    if (end === undefined || !visible.hasCaller(call, caller)) continue
    counts.set(end, (counts.get(end) ?? 0) + 1)
  }
  return counts
}

function finishLinks(
  graph: Graph,
  drafts: ReadonlyMap<number, Draft>,
  folded: ReadonlySet<number>,
): readonly Link[] {
  const marks = markEnds(graph, folded)
  return [...drafts.values()]
    .sort((a, b) => a.from - b.from || a.to - b.to)
    .map(({ from, to, counts, calls }) => {
      const all = [...calls.before, ...calls.after]
      const key = `${from} ${to}`
      const mark = marks.get(key)
      return {
        from,
        to,
        key,
        counts,
        calls,
        transport: getTransport(all),
        isUnknown: all.some(({ call }) => call.certainty === 'unknown'),
        ...(mark === undefined ? {} : { mark }),
      }
    })
}

function getTransport(calls: readonly GraphCall[]): Transport {
  const transports = new Set(calls.flatMap(({ call }) => call.transports))
  if (transports.has('plaintext')) return 'plaintext'
  if (transports.has('tls')) return 'tls'
  return transports.has('mtls') ? 'mtls' : 'unknown'
}

/** The mark that represents several, the most important first. */
const weights: readonly Mark[] = ['opened', 'closed', 'changed', 'unknown']

/** Marks the links that the differences of a change name, by their keys. */
function markEnds(graph: Graph, folded: ReadonlySet<number>): ReadonlyMap<string, Mark> {
  const marks = new Map<string, Mark>()
  const endsOf = (ids: readonly string[]) => {
    const nodes = ids.flatMap(id => graph.numbers.get(id) ?? [])
    return new Set(nodes.flatMap(node => getDrawnEnd(graph, folded, node) ?? []))
  }
  for (const { kind, from, to } of graph.differences) {
    for (const start of endsOf(from)) {
      for (const end of endsOf(to)) {
        const key = `${start} ${end}`
        const mark = marks.get(key)
        if (mark === undefined || weights.indexOf(kind) < weights.indexOf(mark)) marks.set(key, kind)
      }
    }
  }
  return marks
}
