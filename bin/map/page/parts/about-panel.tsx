import { getShownMesh } from '../../../../compiler/map/page-data.ts'
import { type GraphNode, listCalled, type Openness } from '../graph/graph.ts'
import { countWord } from '../graph/words.ts'
import { usePage } from './context.ts'
import { NodeLink } from './node-link.tsx'
import { Section } from './values.tsx'

const mostOpen = 100

/** The source of the map, what was assumed, and what is open to anyone. */
export function AboutPanel() {
  const { picture, isLive, environment, graph, side } = usePage()
  const mesh =
    (side.name === 'before' ? environment.change?.before : environment.mesh) ?? getShownMesh(environment)
  const listRated = (openness: Openness) =>
    graph.nodes.filter(node => node.kind !== 'anyone' && node.openness[side.name] === openness)
  const anyone = graph.nodes.flatMap((node, number) => (node.kind === 'anyone' ? [{ node, number }] : []))
  return (
    <article>
      <header class="headline">
        <p class="kind">about this map</p>
        <h2>{mesh.name}</h2>
        <p>
          {mesh.isForeign ? 'Manifests that others wrote' : 'A mesh that meshc compiles'}, read by meshc{' '}
          {picture.meshc}. The page holds the manifests and the engine, and{' '}
          {isLive ? 'sends requests only to the meshc that serves it' : 'sends no request anywhere'}.
        </p>
      </header>
      <Section title="Assumed" count={mesh.assumed.length}>
        <ul class="sentences">
          {mesh.assumed.map(sentence => (
            <li>{sentence}</li>
          ))}
        </ul>
      </Section>
      <OpenNodes title="Open to anyone" nodes={listRated('open')}>
        A caller that no manifest has can send requests to these. No lines show it, since it would be a line
        to each of them.
      </OpenNodes>
      <OpenNodes title="Perhaps open to anyone" nodes={listRated('unknown')}>
        meshc does not model a part of the manifests, so it is not known if a policy keeps callers out that no
        manifest has.
      </OpenNodes>
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

function OpenNodes({
  title,
  nodes,
  children,
}: {
  readonly title: string
  readonly nodes: readonly GraphNode[]
  readonly children: string
}) {
  return (
    <Section title={title} count={nodes.length}>
      <p>{children}</p>
      <ul class="plain-list">
        {nodes.slice(0, mostOpen).map(({ id, name, namespace }) => (
          <li>
            <NodeLink node={{ id, name }} />
            {namespace !== undefined && <span class="quiet"> {namespace}</span>}
          </li>
        ))}
      </ul>
      {nodes.length > mostOpen && <p class="empty">and {countWord(nodes.length - mostOpen, 'more node')}</p>}
    </Section>
  )
}
