import type { NodeDetails, RouteDetails, RuleDetails } from '../../../../compiler/map/answers.ts'
import { usePage } from './context.ts'
import { Places } from './places.tsx'
import { useAnswer } from './use-answer.ts'
import { Section, Values } from './values.tsx'

/** The answer of the engine about a node. */
export function Details({ number }: { readonly number: number }) {
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
