import { useState } from 'preact/hooks'
import type { FormRequest, NodeDetails, RouteDetails, RuleDetails } from '../../../../compiler/map/answers.ts'
import {
  type GraphCall,
  listCalled,
  listCallers,
  listCallersIn,
  listCallsBetween,
  type Openness,
} from '../graph/graph.ts'
import { findWayIn, listTrail } from '../graph/light.ts'
import { listCallerWords } from '../graph/suggestions.ts'
import { countWord, sayKind } from '../graph/words.ts'
import { fillForm, hideTrail, select, showTrail, type Trail } from '../state/page-state.ts'
import { usePage } from './context.ts'
import { CopyButton } from './copy-button.tsx'
import { Places } from './places.tsx'
import { useAnswer } from './use-answer.ts'
import { Section, Values } from './values.tsx'

const trails = {
  backward: 'What can reach this',
  forward: 'What this can reach',
  way: 'Way from the internet',
} as const

/** All about a node. */
export function NodePanel({ id }: { readonly id: string }) {
  const { graph, side, state, change } = usePage()
  const number = graph.numbers.get(id)
  if (number === undefined) return <p class="empty">This map has no node with this name.</p>
  const node = graph.nodes[number]!
  const caller = node.kind === 'internet' ? '' : listCallerWords(side, number)[0]
  const openForm = (part: Partial<FormRequest>) =>
    change(state => ({ ...fillForm(state, part), panel: 'ask' }))
  return (
    <article>
      <header class="headline">
        <p class="kind">
          {sayKind(node.kind)}
          {node.namespace !== undefined && (
            <>
              {' in '}
              <bdi>{node.namespace}</bdi>
            </>
          )}
          {node.presence !== 'both' && graph.sides.length > 1 && (
            <strong> · {node.presence === 'after' ? 'new with the change' : 'removed by the change'}</strong>
          )}
        </p>
        <h2>{node.name}</h2>
        <OpennessNote openness={node.openness[side.name]} />
      </header>
      <div class="actions">
        {(['backward', 'forward', 'way'] as const).map(kind => {
          const isShown = state.trail?.kind === kind
          return (
            <button
              type="button"
              aria-pressed={isShown}
              onClick={() => change(state => (isShown ? hideTrail(state) : showTrail(state, { kind, id })))}
            >
              {trails[kind]}
            </button>
          )
        })}
        {caller !== undefined && (
          <button type="button" onClick={() => openForm({ from: caller })}>
            Ask from here
          </button>
        )}
        {node.hosts.length > 0 && (
          <button type="button" onClick={() => openForm({ to: node.hosts[0]! })}>
            Ask to here
          </button>
        )}
      </div>
      {state.trail !== undefined && <TrailList trail={state.trail} />}
      <Section title="Hosts" count={node.hosts.length}>
        <ul class="plain-list">
          {node.hosts.map(host => (
            <li>
              <code>{host}</code>
            </li>
          ))}
        </ul>
      </Section>
      <Section title="Versions" count={node.versions.length}>
        <ul class="plain-list">
          {node.versions.map(({ workload, hasSidecar, shares }) => (
            <li>
              <code>{workload}</code>
              {shares.length > 0 && <strong> {shares.map(share => `${share} %`).join(', ')}</strong>}
              {!hasSidecar && <span class="tag warn">no sidecar</span>}
            </li>
          ))}
        </ul>
      </Section>
      <Neighbors title="Called by" node={number} neighbors={listCallers(side, number)} isCaller />
      <Neighbors title="Calls" node={number} neighbors={listCalled(side, number)} isCaller={false} />
      <Details number={number} />
    </article>
  )
}

function OpennessNote({ openness }: { readonly openness: Openness | undefined }) {
  if (openness === 'open')
    return <p class="note">Open to anyone: no policy keeps callers out that no manifest has.</p>
  if (openness === 'unknown')
    return (
      <p class="note unknown">
        Perhaps open to anyone: meshc does not follow something in the manifests, so it is not known if a
        policy keeps callers out that no manifest has.
      </p>
    )
  return null
}

/** The nodes of a trail as a list. */
function TrailList({ trail }: { readonly trail: Trail }) {
  const { graph, side, state, change } = usePage()
  const start = graph.numbers.get(trail.id)
  if (start === undefined) return null
  const nodes =
    trail.kind === 'way' ? findWayIn(graph, side, start) : listTrail(graph, state).map(({ node }) => node)
  const drawn = nodes.filter(node => graph.nodes[node]!.kind !== 'anyone')
  const name = graph.nodes[start]!.name
  if (drawn.length === 0) {
    const empty = {
      backward: `Nothing can reach ${name}.`,
      forward: `${name} can reach nothing.`,
      way: `No way leads from the internet to ${name}.`,
    }
    return (
      <p class="trail" role="status">
        {empty[trail.kind]}
      </p>
    )
  }
  const words = {
    backward: `${countWord(drawn.length, 'node')} can reach ${name}, over any number of calls`,
    forward: `${name} can reach ${countWord(drawn.length, 'node')}, over any number of calls`,
    way: `${countWord(drawn.length - 1, 'call')} from the internet to ${name}`,
  }
  return (
    <div class="trail">
      <p role="status">{words[trail.kind]}</p>
      <ol class={trail.kind === 'way' ? 'way' : undefined}>
        {drawn.map(node => {
          const { id, name, namespace } = graph.nodes[node]!
          return (
            <li>
              <button
                type="button"
                class="linkish"
                onClick={() => change(state => select(state, { kind: 'node', id }))}
              >
                <bdi>{name}</bdi>
              </button>
              {namespace !== undefined && <span class="quiet"> {namespace}</span>}
            </li>
          )
        })}
      </ol>
      <CopyButton text={drawn.map(node => graph.nodes[node]!.id).join('\n')} words="Copy the list" />
    </div>
  )
}

const fewNeighbors = 30

/** The nodes that call a node, or that it calls, with what they may ask. */
function Neighbors({
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
  const { graph, side, change } = usePage()
  const [most, setMost] = useState(fewNeighbors)
  return (
    <Section title={title} count={neighbors.length}>
      <ul class="neighbors">
        {neighbors.slice(0, most).map(neighbor => {
          const [from, to] = isCaller ? [neighbor, node] : [node, neighbor]
          const { id, name, namespace, kind } = graph.nodes[neighbor]!
          return (
            <li>
              {kind === 'anyone' ? (
                <strong>{name}</strong>
              ) : (
                <button
                  type="button"
                  class="linkish"
                  onClick={() => change(state => select(state, { kind: 'node', id }))}
                >
                  <bdi>{name}</bdi>
                </button>
              )}
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

/** What one call lets through, as a button that opens its details. */
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
      onClick={() => change(state => select(state, { kind: 'link', ...ids }))}
    >
      <code>{label || 'all requests'}</code>
      <span>
        {`${destination.host}:${destination.port} `}
        {transports.map(transport => (
          <span class={`tag ${transport}`}>{transport === 'mtls' ? 'mutual TLS' : transport}</span>
        ))}
        {certainty === 'unknown' && <span class="tag unknown">? not proved</span>}
      </span>
    </button>
  )
}

/** The answer of the engine about a node. */
function Details({ number }: { readonly number: number }) {
  const { side } = usePage()
  const node = side.toGraph.indexOf(number)
  const waiting = useAnswer<'node'>(node < 0 ? undefined : { kind: 'node', node })
  if (node < 0) return <p class="empty">The mesh {side.name} the change has no such node.</p>
  if (waiting.state === 'none' || waiting.state === 'waiting')
    return <p class="empty">The engine reads the manifests…</p>
  if (waiting.state === 'failed') return <p class="empty">The engine failed: {waiting.message}</p>
  return <DetailsOf details={waiting.answer} />
}

function DetailsOf({ details }: { readonly details: NodeDetails }) {
  return (
    <>
      <Section title="Facts" count={details.facts.length}>
        <Values values={details.facts} />
      </Section>
      <Section title="Ports" count={details.ports.length}>
        {details.ports.map(({ host, port, protocol, encryption }) => (
          <div class="item">
            <p class="item-title">
              <code>{`${host}:${port}`}</code> <span class="tag">{protocol}</span>
            </p>
            <Values values={encryption} />
          </div>
        ))}
      </Section>
      <Section title="Routes, in their order" count={details.routes.length}>
        <ol class="rules">
          {details.routes.map(route => (
            <Route route={route} />
          ))}
        </ol>
      </Section>
      <Section title="Rules" count={details.rules.length}>
        <ol class="rules">
          {details.rules.map(rule => (
            <Rule rule={rule} />
          ))}
        </ol>
      </Section>
    </>
  )
}

function Route({ route }: { readonly route: RouteDetails }) {
  const { name, matches, destinations, state, note, settings, places } = route
  return (
    <li class={`item ${state}`}>
      <p class="item-title">
        <span class="says">{matches.join(' or ') || 'all requests'}</span>
        {destinations.length > 0 && <span class="says"> → {destinations.join(', ')}</span>}{' '}
        <StateTag state={state} />
      </p>
      <p class="quiet">{name}</p>
      {note !== undefined && <p class="reason">{note}</p>}
      <Values values={settings} />
      <Places places={places} />
    </li>
  )
}

function Rule({ rule }: { readonly rule: RuleDetails }) {
  const { name, says, state, note, places } = rule
  return (
    <li class={`item ${state}`}>
      <p class="item-title">
        <span class="says">{says}</span> <StateTag state={state} />
      </p>
      <p class="quiet">{name}</p>
      {note !== undefined && <p class="reason">{note}</p>}
      <Places places={places} />
    </li>
  )
}

function StateTag({ state }: { readonly state: RouteDetails['state'] }) {
  return state === 'live' ? null : (
    <span class={`tag ${state === 'unknown' ? 'unknown' : 'warn'}`}>{state}</span>
  )
}
