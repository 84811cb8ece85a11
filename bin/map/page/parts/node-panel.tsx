import type { FormRequest } from '../../../../compiler/map/answers.ts'
import { listCalled, listCallingNodes, type Openness } from '../graph/graph.ts'
import { listCallerWords } from '../graph/suggestions.ts'
import { nameKind } from '../graph/words.ts'
import { fillForm, hideTrail, showTrail } from '../state/page-state.ts'
import { usePage } from './context.ts'
import { Neighbors } from './neighbors.tsx'
import { Details } from './node-details.tsx'
import { TrailList } from './trail-list.tsx'
import { Section } from './values.tsx'

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
          {nameKind(node.kind)}
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
      <Neighbors title="Called by" node={number} neighbors={listCallingNodes(side, number)} isCaller />
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
        Perhaps open to anyone: meshc does not model a part of the manifests, so it is not known if a policy
        keeps callers out that no manifest has.
      </p>
    )
  return null
}
