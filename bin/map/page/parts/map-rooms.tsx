import type { Openness } from '../graph/graph.ts'
import type { End } from '../graph/links.ts'
import { countWord, describeOpenness } from '../graph/words.ts'
import type { Picture, PictureRoom } from '../picture/picture.ts'
import { cutText } from '../picture/sizes.ts'
import { usePage } from './context.ts'

export const heightOfHeading = 32

/** The boxes of unfolded rooms, with their headings. */
export function Rooms({
  drawing,
  current,
}: {
  readonly drawing: Picture
  readonly current: End | undefined
}) {
  const { graph } = usePage()
  return (
    <g class="rooms">
      {drawing.rooms
        .filter(({ isFolded, room }) => !isFolded && room.kind !== 'internet')
        .map(({ number, room, box, shown }) => {
          const end = graph.nodes.length + number
          return (
            <g key={room.id} class={`room ${room.kind}`} transform={`translate(${box.x} ${box.y})`}>
              <rect class="floor" width={box.width} height={box.height} rx="12" />
              <g class="heading" data-end={end}>
                <rect
                  class="hit"
                  width={box.width}
                  height={heightOfHeading}
                  rx="12"
                  id={`end-${end}`}
                  role="button"
                  tabindex={end === current ? 0 : -1}
                  aria-expanded="true"
                  aria-label={`${sayRoom(room)}, ${countWord(shown.length, 'node')}, fold`}
                />
                <path class="chevron" d="M0 0l4 4l4 -4" transform="translate(16 15)" />
                <text aria-hidden="true" class="name" x="32" y="21">
                  {cutText(room.name, Math.max(8, Math.floor((box.width - 60) / 8)))}
                </text>
              </g>
            </g>
          )
        })}
    </g>
  )
}

/** The folded rooms, each as a node with counts. */
export function FoldedRooms({
  drawing,
  current,
}: {
  readonly drawing: Picture
  readonly current: End | undefined
}) {
  const { graph, side, light } = usePage()
  return (
    <g class="folded">
      {drawing.rooms
        .filter(({ isFolded }) => isFolded)
        .map(picture => {
          const { number, room, box } = picture
          const end = graph.nodes.length + number
          const [first, second] = sayContents(picture)
          return (
            <g
              key={room.id}
              class={`room-node ${room.kind}${light === undefined || light.ends.has(end) ? '' : ' dim'}`}
              data-end={end}
              transform={`translate(${box.x} ${box.y})`}
            >
              <g
                id={`end-${end}`}
                role="button"
                tabindex={end === current ? 0 : -1}
                aria-expanded="false"
                aria-label={`${sayRoom(room)}, ${first}${second === '' ? '' : `, ${second}`}, unfold`}
              >
                <rect class="back" x="5" y="5" width={box.width - 4} height={box.height - 4} rx="10" />
                <rect class="card" width={box.width - 4} height={box.height - 4} rx="10" />
              </g>
              <path class="chevron" d="M0 0l4 4l-4 4" transform="translate(16 18)" />
              <text aria-hidden="true" class="name" x="32" y="27">
                {cutText(room.name, 24)}
              </text>
              <text aria-hidden="true" class="detail" x="32" y="46">
                {first}
              </text>
              <text aria-hidden="true" class="detail" x="32" y="62">
                {second}
              </text>
            </g>
          )
        })}
    </g>
  )

  /** Says what is in a folded room, in two lines. */
  function sayContents({ shown }: PictureRoom): readonly [string, string] {
    const count = (kind: string) => shown.filter(node => graph.nodes[node]!.kind === kind).length
    const parts = [
      ...(count('service') > 0 ? [countWord(count('service'), 'service')] : []),
      ...(count('workload') > 0 ? [countWord(count('workload'), 'workload')] : []),
      ...(count('gateway') > 0 ? [countWord(count('gateway'), 'gateway')] : []),
      ...(count('external') > 0 ? [countWord(count('external'), 'system')] : []),
    ]
    const countOpen = (openness: Openness) =>
      shown.filter(node => graph.nodes[node]!.openness[side.name] === openness).length
    const notes = (['open', 'unknown'] as const)
      .filter(openness => countOpen(openness) > 0)
      .map(openness => `${countOpen(openness)} ${describeOpenness(openness)}`)
    return [parts.join(' · '), notes[0] ?? '']
  }
}

const sayRoom = ({ kind, name }: { readonly kind: string; readonly name: string }): string =>
  kind === 'namespace' ? `namespace ${name}` : name
