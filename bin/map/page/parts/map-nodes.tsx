import type { GraphNode } from '../graph/graph.ts'
import type { End } from '../graph/links.ts'
import { sayNode } from '../graph/words.ts'
import type { Picture } from '../picture/picture.ts'
import { heights, measureBadge } from '../picture/sizes.ts'
import { usePage } from './context.ts'

/** The signs of the kinds of nodes, 16 pixels wide. */
export const glyphs: Readonly<Record<GraphNode['kind'], string>> = {
  service: 'M8 1l6 3.5v7L8 15l-6 -3.5v-7zM8 8l6 -3.5M8 8v7M8 8l-6 -3.5',
  workload: 'M3 3h10v10h-10zM6 6h4v4h-4z',
  gateway: 'M2 2v12M14 2v12M4.5 8h7M8.5 5l3 3l-3 3',
  external: 'M4.5 12.5a3.2 3.2 0 0 1 0 -6.3a4 4 0 0 1 7.7 0.6a2.9 2.9 0 0 1 -0.4 5.7z',
  internet: 'M8 1.5a6.5 6.5 0 1 0 0 13a6.5 6.5 0 1 0 0 -13M1.5 8h13M8 1.5c-4 4 -4 9 0 13M8 1.5c4 4 4 9 0 13',
  anyone: 'M8 2.5a2.7 2.7 0 1 0 0 5.4a2.7 2.7 0 1 0 0 -5.4M2.5 14a5.5 5.5 0 0 1 11 0',
}

/** The nodes in unfolded rooms. */
export function Nodes({
  drawing,
  current,
}: {
  readonly drawing: Picture
  readonly current: End | undefined
}) {
  const { graph, side, light, state } = usePage()
  const selected = state.selection?.kind === 'node' ? graph.numbers.get(state.selection.id) : undefined
  return (
    <g class="nodes">
      {drawing.nodes.map(({ number, text, box }) => {
        const node = graph.nodes[number]!
        const words = [
          'node',
          node.kind,
          ...(number === selected ? ['selected'] : []),
          ...(light !== undefined && !light.ends.has(number) ? ['dim'] : []),
          ...(node.presence === 'both' || graph.sides.length === 1 ? [] : [`only-${node.presence}`]),
        ]
        const rows = heights.title + text.rows.length * heights.row
        let badgeStart = 12
        return (
          <g
            key={node.id}
            class={words.join(' ')}
            data-end={number}
            transform={`translate(${box.x} ${box.y})`}
          >
            <g
              id={`end-${number}`}
              role="button"
              tabindex={number === current ? 0 : -1}
              aria-pressed={number === selected}
              aria-label={sayNode(graph, side, number)}
            >
              <rect class="card" width={box.width} height={box.height} rx="8" />
            </g>
            <path class="glyph" d={glyphs[node.kind]} transform="translate(12 12)" />
            <text aria-hidden="true" class="name" x="36" y="25">
              {text.title}
            </text>
            {text.rows.map((row, index) => (
              <text aria-hidden="true" class="detail" x="14" y={heights.title + 9 + index * heights.row}>
                {row}
              </text>
            ))}
            {text.badges.map(badge => {
              const start = badgeStart
              const width = measureBadge(badge.words)
              badgeStart += width + 6
              return (
                <g
                  aria-hidden="true"
                  class={`badge ${badge.kind}${badge.presence === 'both' ? '' : ` only-${badge.presence}`}`}
                  transform={`translate(${start} ${rows - 3})`}
                >
                  <rect width={width} height="17" rx="8.5" />
                  <text x={width / 2} y="12">
                    {badge.words}
                  </text>
                </g>
              )
            })}
          </g>
        )
      })}
    </g>
  )
}
