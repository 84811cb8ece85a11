import { findWayIn, listTrail } from '../graph/light.ts'
import { countWord } from '../graph/words.ts'
import type { Trail } from '../state/page-state.ts'
import { usePage } from './context.ts'
import { CopyButton } from './copy-button.tsx'
import { NodeLink } from './node-link.tsx'

/** The nodes of a trail as a list. */
export function TrailList({ trail }: { readonly trail: Trail }) {
  const { graph, side, state } = usePage()
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
              <NodeLink node={{ id, name }} />
              {namespace !== undefined && <span class="quiet"> {namespace}</span>}
            </li>
          )
        })}
      </ol>
      <CopyButton text={drawn.map(node => graph.nodes[node]!.id).join('\n')} words="Copy the list" />
    </div>
  )
}
