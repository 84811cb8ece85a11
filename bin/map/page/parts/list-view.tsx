import { useState } from 'preact/hooks'
import type { Visible } from '../graph/filters.ts'
import { listCalled, listCallingNodes } from '../graph/graph.ts'
import { listCallRows } from '../graph/rows.ts'
import { describeOpenness, listOpenness, nameKind, nameTransport } from '../graph/words.ts'
import { selectPart } from '../state/page-state.ts'
import { usePage } from './context.ts'
import { NodeLink } from './node-link.tsx'

const firstRows = 100

/** The same as the map, as two tables. */
export function ListView({ visible }: { readonly visible: Visible }) {
  return (
    <section class="list" aria-label="List" tabindex={0}>
      <NodeTable visible={visible} />
      <CallTable visible={visible} />
    </section>
  )
}

function NodeTable({ visible }: { readonly visible: Visible }) {
  const { graph, side } = usePage()
  const [most, setMost] = useState(firstRows)
  const all = graph.nodes.flatMap((_, number) => (visible.nodes[number] ? [number] : []))
  return (
    <>
      <h2>Nodes</h2>
      <table>
        <thead>
          <tr>
            {['Name', 'Kind', 'Namespace', 'Owner', 'Called by', 'Calls', 'Notes'].map(title => (
              <th scope="col">{title}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {all.slice(0, most).map(number => {
            const { id, kind, namespace, owner, openness, presence } = graph.nodes[number]!
            const notes = [
              ...listOpenness(openness[side.name]),
              ...(graph.sides.length > 1 && presence !== 'both'
                ? [presence === 'after' ? 'new' : 'removed']
                : []),
            ]
            return (
              <tr key={id}>
                <th scope="row">
                  <NodeLink node={graph.nodes[number]!} />
                </th>
                <td>{nameKind(kind)}</td>
                <td>{namespace}</td>
                <td>{owner}</td>
                <td class="number">{listCallingNodes(side, number).length}</td>
                <td class="number">{listCalled(side, number).length}</td>
                <td>{notes.join(', ')}</td>
              </tr>
            )
          })}
        </tbody>
      </table>
      {all.length > most && <More onClick={() => setMost(most + 500)} />}
    </>
  )
}

function CallTable({ visible }: { readonly visible: Visible }) {
  const { graph, side, change } = usePage()
  const [most, setMost] = useState(firstRows)
  const { rows, hasMore } = listCallRows(side, visible, most)
  return (
    <>
      <h2>Calls</h2>
      <table>
        <thead>
          <tr>
            {['From', 'To', 'Host and port', 'Requests', 'Transport', 'Notes'].map(title => (
              <th scope="col">{title}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ from, to, call: { number, call } }) => {
            const ids = { from: graph.nodes[from]!.id, to: graph.nodes[to]!.id }
            const notes = [
              ...(call.isOpen ? [describeOpenness(call.certainty === 'proved' ? 'open' : 'unknown')] : []),
              ...(call.certainty === 'unknown' ? ['not proved'] : []),
            ]
            return (
              <tr key={`${number} ${from}`}>
                <td>
                  <NodeLink node={graph.nodes[from]!} />
                </td>
                <td>
                  <NodeLink node={graph.nodes[to]!} />
                </td>
                <td>{`${call.destination.host}:${call.destination.port}`}</td>
                <td>
                  <button
                    type="button"
                    class="linkish"
                    onClick={() => change(state => selectPart(state, { kind: 'link', ...ids }))}
                  >
                    {call.label || 'all requests'}
                  </button>
                </td>
                <td>{call.transports.map(name => nameTransport(name)).join(', ')}</td>
                <td>{notes.join(', ')}</td>
              </tr>
            )
          })}
        </tbody>
      </table>
      {hasMore && <More onClick={() => setMost(most + 500)} />}
    </>
  )
}

function More({ onClick }: { readonly onClick: () => void }) {
  return (
    <button type="button" class="plain" onClick={onClick}>
      Show more rows
    </button>
  )
}
