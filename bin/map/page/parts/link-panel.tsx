import { useState } from 'preact/hooks'
import type { CallDetails, Example } from '../../../../compiler/map/answers.ts'
import { type GraphCall, type GraphSide, listCallersIn, listCallsBetween } from '../graph/graph.ts'
import { findEnd, getEndName } from '../graph/light.ts'
import type { End } from '../graph/links.ts'
import { countWord, describeOpenness, nameTransport } from '../graph/words.ts'
import { selectPart } from '../state/page-state.ts'
import { usePage } from './context.ts'
import { Command } from './copy-button.tsx'
import { printRequest } from './print-request.ts'
import { useAnswer } from './use-answer.ts'
import { Section } from './values.tsx'

const mostPairs = 100
const mostCalls = 12

/** The calls between two nodes, or a list of the pairs of nodes between two ends of which one is a room. */
export function LinkPanel({ from, to }: { readonly from: string; readonly to: string }) {
  const { graph, change } = usePage()
  const [start, end] = [findEnd(graph, new Set(), from), findEnd(graph, new Set(), to)]
  if (start === undefined || end === undefined) return <p class="empty">This map has no such call.</p>
  const isPair = start < graph.nodes.length && end < graph.nodes.length
  const open = (id: string) => change(state => selectPart(state, { kind: 'node', id }))
  return (
    <article>
      <header class="headline">
        <p class="kind">{isPair ? 'calls' : 'calls between rooms'}</p>
        <h2>
          <bdi>{getEndName(graph, start)}</bdi> <span class="quiet">→</span>{' '}
          <bdi>{getEndName(graph, end)}</bdi>
        </h2>
      </header>
      {isPair && (
        <div class="actions">
          <button type="button" onClick={() => open(from)}>
            Open {getEndName(graph, start)}
          </button>
          <button type="button" onClick={() => open(to)}>
            Open {getEndName(graph, end)}
          </button>
        </div>
      )}
      {isPair ? <Calls from={start} to={end} /> : <Pairs start={start} end={end} />}
    </article>
  )
}

function Calls({ from, to }: { readonly from: number; readonly to: number }) {
  const { side } = usePage()
  const [most, setMost] = useState(mostCalls)
  const calls = listCallsBetween(side, from, to).flatMap(call =>
    listCallersIn(side, call, from).map(caller => ({ call, caller })),
  )
  if (calls.length === 0) return <p class="empty">The mesh {side.name} the change has no such call.</p>
  return (
    <>
      {calls.slice(0, most).map(({ call, caller }) => (
        <Call key={`${side.name} ${call.number} ${caller}`} call={call} caller={caller} />
      ))}
      {calls.length > most && (
        <button type="button" class="plain" onClick={() => setMost(calls.length)}>
          Show {countWord(calls.length - most, 'more call')}
        </button>
      )}
    </>
  )
}

function Call({ call, caller }: { readonly call: GraphCall; readonly caller: number }) {
  const { side } = usePage()
  const { destination, transports, certainty, isOpen } = call.call
  const waiting = useAnswer<'call'>({ kind: 'call', call: call.number, caller })
  return (
    <section class="part">
      <h3>
        <bdi>{side.map.callers[caller]!.name}</bdi> → <bdi>{`${destination.host}:${destination.port}`}</bdi>
      </h3>
      <p>
        <span class="tag">{destination.protocol}</span>
        {transports.map(transport => (
          <span class={`tag ${transport}`}>{nameTransport(transport)}</span>
        ))}
        {certainty === 'unknown' && <span class="tag unknown">? not proved</span>}
        {isOpen && (
          <span class={`tag ${certainty === 'proved' ? 'warn' : 'unknown'}`}>
            {describeOpenness(certainty === 'proved' ? 'open' : 'unknown')}
          </span>
        )}
      </p>
      {waiting.state === 'waiting' && <p class="empty">The engine computes the requests…</p>}
      {waiting.state === 'failed' && <p class="empty">The engine failed: {waiting.message}</p>}
      {waiting.state === 'answered' && <CallAnswer details={waiting.answer} />}
    </section>
  )
}

function CallAnswer({ details }: { readonly details: CallDetails }) {
  return (
    <>
      <Requests title="Pass" sign="✓" kind="passes" sets={details.passes} />
      {details.witness !== undefined && <Witness example={details.witness} />}
      <Requests title="Are refused" sign="✕" kind="refused" sets={details.refused} />
      {details.refusedWitness !== undefined && <Witness example={details.refusedWitness} />}
      <Requests title="Are not known" sign="?" kind="unknown" sets={details.unknown} />
      {details.because.length > 0 && (
        <p>
          <span class="quiet">Not known because of</span> {details.because.join(', ')}
        </p>
      )}
    </>
  )
}

function Requests({
  title,
  sign,
  kind,
  sets,
}: {
  readonly title: string
  readonly sign: string
  readonly kind: string
  readonly sets: readonly string[]
}) {
  if (sets.length === 0) return null
  return (
    <div class={`requests ${kind}`}>
      <h4>
        <span aria-hidden="true">{sign}</span> {title}
      </h4>
      <ul>
        {sets.map(requests => (
          <li>{requests === '' ? 'all requests' : <code>{requests}</code>}</li>
        ))}
      </ul>
    </div>
  )
}

function Witness({ example }: { readonly example: Example }) {
  return (
    <div class="witness">
      <p>
        <span class="quiet">for example</span> <code>{printRequest(example.request)}</code>{' '}
        <span class="quiet">gets</span> {example.result}
      </p>
      {example.command !== undefined && <Command text={example.command} />}
    </div>
  )
}

/** The pairs of nodes behind a line between rooms. */
function Pairs({ start, end }: { readonly start: End; readonly end: End }) {
  const { graph, side, change } = usePage()
  const nodesOf = (item: End): readonly number[] =>
    item < graph.nodes.length ? [item] : graph.rooms[item - graph.nodes.length]!.nodes
  const pairs = listPairs(side, new Set(nodesOf(start)), nodesOf(end))
  return (
    <Section title="Pairs of nodes" count={pairs.length}>
      <ul class="neighbors">
        {pairs.slice(0, mostPairs).map(([from, to]) => {
          const [caller, called] = [graph.nodes[from]!, graph.nodes[to]!]
          return (
            <li>
              <button
                type="button"
                class="linkish"
                onClick={() =>
                  change(state => selectPart(state, { kind: 'link', from: caller.id, to: called.id }))
                }
              >
                <bdi>{caller.name}</bdi> → <bdi>{called.name}</bdi>
              </button>
            </li>
          )
        })}
      </ul>
      {pairs.length > mostPairs && <p class="empty">{countWord(pairs.length - mostPairs, 'more pair')}</p>}
    </Section>
  )
}

/** Lists the pairs of a caller and what it calls, each once. */
function listPairs(
  side: GraphSide,
  starts: ReadonlySet<number>,
  ends: readonly number[],
): readonly (readonly [number, number])[] {
  return ends.flatMap(to => {
    const sets = new Set((side.callsTo.get(to) ?? []).map(({ set }) => set))
    const callers = new Set([...sets].flatMap(set => side.sets[set]!))
    return [...callers].filter(caller => starts.has(caller)).map(from => [from, to] as const)
  })
}
