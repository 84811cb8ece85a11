import { useState } from 'preact/hooks'
import { type GraphCall, listCallersIn, listCallsBetween } from '../graph/graph.ts'
import { nameTransport } from '../graph/words.ts'
import { selectPart } from '../state/page-state.ts'
import { usePage } from './context.ts'
import { NodeLink } from './node-link.tsx'
import { Section } from './values.tsx'

const fewNeighbors = 30

/** The nodes that call a node, or that it calls, with what they may ask. */
export function Neighbors({
  title,
  node,
  neighbors,
  isCaller,
}: {
  readonly title: string
  readonly node: number
  readonly neighbors: readonly number[]
  readonly isCaller: boolean
}) {
  const { graph, side } = usePage()
  const [most, setMost] = useState(fewNeighbors)
  return (
    <Section title={title} count={neighbors.length}>
      <ul class="neighbors">
        {neighbors.slice(0, most).map(neighbor => {
          const [from, to] = isCaller ? [neighbor, node] : [node, neighbor]
          const { id, name, namespace, kind } = graph.nodes[neighbor]!
          return (
            <li>
              {kind === 'anyone' ? <strong>{name}</strong> : <NodeLink node={{ id, name }} />}
              {namespace !== undefined && <span class="quiet"> {namespace}</span>}
              {listCallsBetween(side, from, to).map(call => (
                <CallRow call={call} from={from} to={to} />
              ))}
            </li>
          )
        })}
      </ul>
      {neighbors.length > most && (
        <button type="button" class="plain" onClick={() => setMost(most + 200)}>
          Show {Math.min(200, neighbors.length - most)} more
        </button>
      )}
    </Section>
  )
}

/** The requests that a call lets through, as a button that opens its details. */
function CallRow({
  call,
  from,
  to,
}: {
  readonly call: GraphCall
  readonly from: number
  readonly to: number
}) {
  const { graph, side, change } = usePage()
  const { destination, label, transports, certainty } = call.call
  const ids = { from: graph.nodes[from]!.id, to: graph.nodes[to]!.id }
  const callers = listCallersIn(side, call, from).map(caller => side.map.callers[caller]!.name)
  return (
    <button
      type="button"
      class="call"
      title={callers.join(', ')}
      onClick={() => change(state => selectPart(state, { kind: 'link', ...ids }))}
    >
      <code>{label || 'all requests'}</code>
      <span>
        {`${destination.host}:${destination.port} `}
        {transports.map(transport => (
          <span class={`tag ${transport}`}>{nameTransport(transport)}</span>
        ))}
        {certainty === 'unknown' && <span class="tag unknown">? not proved</span>}
      </span>
    </button>
  )
}
