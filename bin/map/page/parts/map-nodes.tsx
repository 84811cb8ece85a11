import { useLayoutEffect, useMemo, useState } from 'preact/hooks'
import type { GraphNode } from '../graph/graph.ts'
import type { End } from '../graph/links.ts'
import { describeGraphNode } from '../graph/words.ts'
import type { Chunk } from '../picture/chunks.ts'
import type { Picture } from '../picture/picture.ts'
import { type Distance, isInSight, type Sight } from '../picture/sight.ts'
import { heights, measureBadge, type NodeText } from '../picture/sizes.ts'
import { type Page, usePage } from './context.ts'

/** The signs of the kinds of nodes, 16 pixels wide. */
export const glyphs: Readonly<Record<GraphNode['kind'], string>> = {
  service: 'M8 1l6 3.5v7L8 15l-6 -3.5v-7zM8 8l6 -3.5M8 8v7M8 8l-6 -3.5',
  workload: 'M3 3h10v10h-10zM6 6h4v4h-4z',
  gateway: 'M2 2v12M14 2v12M4.5 8h7M8.5 5l3 3l-3 3',
  external: 'M4.5 12.5a3.2 3.2 0 0 1 0 -6.3a4 4 0 0 1 7.7 0.6a2.9 2.9 0 0 1 -0.4 5.7z',
  internet: 'M8 1.5a6.5 6.5 0 1 0 0 13a6.5 6.5 0 1 0 0 -13M1.5 8h13M8 1.5c-4 4 -4 9 0 13M8 1.5c4 4 4 9 0 13',
  anyone: 'M8 2.5a2.7 2.7 0 1 0 0 5.4a2.7 2.7 0 1 0 0 -5.4M2.5 14a5.5 5.5 0 0 1 11 0',
}

/** The nodes in unfolded rooms that are in sight, with as much of their texts as a camera at this distance can read. */
export function Nodes({
  chunks,
  sight,
  current,
}: {
  readonly chunks: readonly Chunk[]
  readonly sight: Sight
  readonly current: End | undefined
}) {
  let turn = 0
  return (
    <g class="nodes">
      {chunks.map((chunk, index) => {
        const holdsCurrent = chunk.nodes.some(({ number }) => number === current)
        if (!holdsCurrent && !isInSight(sight, chunk.box)) return null
        return (
          <NodeChunk
            key={index}
            chunk={chunk}
            distance={sight.distance}
            current={holdsCurrent ? current : undefined}
            turn={holdsCurrent ? 0 : turn++}
          />
        )
      })}
    </g>
  )
}

/** Some nodes. They are drawn when it is their turn, counted in frames, so that no frame draws many. */
function NodeChunk({
  chunk,
  distance,
  current,
  turn,
}: {
  readonly chunk: Chunk
  readonly distance: Distance
  readonly current: End | undefined
  readonly turn: number
}) {
  const { graph, side, light, state } = usePage()
  const selected = state.selection?.kind === 'node' ? graph.numbers.get(state.selection.id) : undefined
  const [shown, setShown] = useState(turn === 0 ? distance : undefined)
  useLayoutEffect(() => afterFrames(turn, () => setShown(distance)), [distance, turn === 0])
  return useMemo(
    () =>
      shown === undefined ? null : (
        <g>{chunk.nodes.map(node => drawNode(node, { graph, side, light, selected, current }, shown))}</g>
      ),
    [chunk, shown, graph, side, light, selected, current],
  )
}

/** Does something after some frames; gives what calls it off. */
function afterFrames(count: number, act: () => void): () => void {
  if (count === 0) {
    act()
    return () => {}
  }
  let request = 0
  const wait = (left: number) => {
    request = requestAnimationFrame(() => (left <= 1 ? act() : wait(left - 1)))
  }
  wait(count)
  return () => cancelAnimationFrame(request)
}

function drawNode(
  { number, text, box }: Picture['nodes'][number],
  {
    graph,
    side,
    light,
    selected,
    current,
  }: Pick<Page, 'graph' | 'side' | 'light'> & Readonly<Record<'selected' | 'current', number | undefined>>,
  distance: Distance,
) {
  const node = graph.nodes[number]!
  const words = [
    'node',
    node.kind,
    ...(number === selected ? ['selected'] : []),
    ...(light !== undefined && !light.ends.has(number) ? ['dim'] : []),
    ...(node.presence === 'both' || graph.sides.length === 1 ? [] : [`only-${node.presence}`]),
  ]
  return (
    <g key={node.id} class={words.join(' ')} data-end={number} transform={`translate(${box.x} ${box.y})`}>
      <rect
        class="card"
        id={`end-${number}`}
        role="button"
        tabindex={number === current ? 0 : -1}
        aria-pressed={number === selected}
        aria-label={describeGraphNode(graph, side, number)}
        width={box.width}
        height={box.height}
        rx="8"
      />
      {distance !== 'farthest' && (
        <>
          <path class="glyph" d={glyphs[node.kind]} transform="translate(12 12)" />
          <text aria-hidden="true" class="name" x="36" y="25">
            {text.title}
          </text>
        </>
      )}
      {(distance === 'middle' || distance === 'near') && drawDetails(text)}
    </g>
  )
}

/** Draws the rows of a node and its badges. */
function drawDetails({ rows, badges }: NodeText) {
  const bottom = heights.title + rows.length * heights.row
  let start = 12
  return [
    ...rows.map((row, index) => (
      <text aria-hidden="true" class="detail" x="14" y={heights.title + 9 + index * heights.row}>
        {row}
      </text>
    )),
    ...badges.map(({ kind, words, presence }) => {
      const width = measureBadge(words)
      const place = `translate(${start} ${bottom - 3})`
      start += width + 6
      return (
        <g
          aria-hidden="true"
          class={`badge ${kind}${presence === 'both' ? '' : ` only-${presence}`}`}
          transform={place}
        >
          <rect width={width} height="17" rx="8.5" />
          <text x={width / 2} y="12">
            {words}
          </text>
        </g>
      )
    }),
  ]
}
