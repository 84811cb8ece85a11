import { listCalled } from '../graph/graph.ts'
import { countWord } from '../graph/words.ts'
import { select } from '../state/page-state.ts'
import { usePage } from './context.ts'
import { Section } from './values.tsx'

const mostOpen = 100

/** What the map is made of, what was assumed, and what is open to anyone. */
export function AboutPanel() {
  const { picture, graph, side, change } = usePage()
  const { mesh } = picture
  const open = graph.nodes.filter(({ isOpen }) => isOpen)
  const anyone = graph.nodes.flatMap((node, number) => (node.kind === 'anyone' ? [{ node, number }] : []))
  return (
    <article>
      <header class="headline">
        <p class="kind">about this map</p>
        <h2>{mesh.name}</h2>
        <p>
          {mesh.isForeign ? 'Manifests that others wrote' : 'A mesh that meshc compiles'}, read by meshc{' '}
          {picture.meshc}. The file holds the manifests and the engine, and sends no request anywhere.
        </p>
      </header>
      <Section title="Assumed" count={mesh.assumed.length}>
        <ul class="sentences">
          {mesh.assumed.map(sentence => (
            <li>{sentence}</li>
          ))}
        </ul>
      </Section>
      <Section title="Open to anyone" count={open.length}>
        <p>
          A caller that no manifest has can send these requests. No lines show it, since it would be a line to
          each of them.
        </p>
        <ul class="plain-list">
          {open.slice(0, mostOpen).map(({ id, name, namespace }) => (
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
          ))}
        </ul>
        {open.length > mostOpen && <p class="empty">and {countWord(open.length - mostOpen, 'more node')}</p>}
      </Section>
      <Section title="Callers that no manifest has" count={anyone.length}>
        <ul class="plain-list">
          {anyone.map(({ node, number }) => (
            <li>
              <bdi>{node.name}</bdi> <span class="quiet">calls {listCalled(side, number).length}</span>
            </li>
          ))}
        </ul>
      </Section>
    </article>
  )
}
