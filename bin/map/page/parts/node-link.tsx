import type { GraphNode } from '../graph/graph.ts'
import { selectPart } from '../state/page-state.ts'
import { usePage } from './context.ts'

/** The name of a node as a button that selects it. */
export function NodeLink({ node: { id, name } }: { readonly node: Pick<GraphNode, 'id' | 'name'> }) {
  const { change } = usePage()
  return (
    <button
      type="button"
      class="linkish"
      onClick={() => change(state => selectPart(state, { kind: 'node', id }))}
    >
      <bdi>{name}</bdi>
    </button>
  )
}
