import type { Mark } from '../graph/links.ts'
import { describeLink } from '../graph/words.ts'
import { chooseLabels, measureLabel, sizeOfLabel } from '../picture/choose-labels.ts'
import { listPoints } from '../picture/curve.ts'
import type { Box } from '../picture/geometry.ts'
import type { PictureLink } from '../picture/picture.ts'
import { cutText } from '../picture/sizes.ts'
import { usePage } from './context.ts'

/** With more lines, each of them is faint. */
const mostStrong = 120
/** The lines among nodes and folded rooms: those that are lit above the others, which fade as one. */
export function Links({
  links,
  selectedKey,
}: {
  readonly links: readonly PictureLink[]
  readonly selectedKey: string | undefined
}) {
  const { graph, light } = usePage()
  const hasChange = graph.sides.length > 1
  const isLit = ({ link }: PictureLink) => light?.hasLink(link) ?? false
  const lit = links.filter(isLit)
  const rest = lit.length === 0 ? links : links.filter(link => !isLit(link))
  const draw = (link: PictureLink) =>
    drawLine(link, { isLit: isLit(link), isSelected: link.link.key === selectedKey, hasChange })
  return (
    // The lines are in the panels and the list, which say more than their names would.
    <>
      <g class={rest.length > mostStrong ? 'links many' : 'links'} aria-hidden="true">
        {rest.map(draw)}
      </g>
      <g class="links-lit" aria-hidden="true">
        {lit.map(draw)}
      </g>
    </>
  )
}

function drawLine(
  { link, path, middle }: PictureLink,
  {
    isLit,
    isSelected,
    hasChange,
  }: { readonly isLit: boolean; readonly isSelected: boolean; readonly hasChange: boolean },
) {
  const { key, transport, isUnknown, mark, calls } = link
  const isMarked = mark !== undefined && mark !== 'unknown'
  const tone = isMarked ? mark : isLit ? 'lit' : transport
  const words = [
    'link',
    transport,
    ...(mark === undefined ? [] : [`mark-${mark}`]),
    ...(isLit ? ['lit'] : []),
    ...(isSelected ? ['selected'] : []),
    ...(hasChange && calls.after.length === 0 ? ['only-before'] : []),
    ...(hasChange && calls.before.length === 0 ? ['only-after'] : []),
  ]
  return (
    <g key={key} class={words.join(' ')} data-link={key}>
      <path class="wide" d={path} />
      <path
        class="line"
        d={path}
        marker-end={`url(#${transport === 'plaintext' ? 'open' : 'full'}-${tone})`}
      />
      {transport === 'tls' && <path class="inner" d={path} />}
      {mark !== undefined ? (
        <MarkSign mark={mark} x={middle.x} y={middle.y} />
      ) : (
        (isUnknown || transport === 'unknown') && (
          <g class="sign" transform={`translate(${middle.x} ${middle.y})`}>
            <circle r="7" />
            <text dy="3.5">?</text>
          </g>
        )
      )}
    </g>
  )
}

export const markSigns: Readonly<Record<Mark, string>> = {
  opened: '+',
  closed: '−',
  changed: '~',
  unknown: '?',
}

function MarkSign({ mark, x, y }: { readonly mark: Mark; readonly x: number; readonly y: number }) {
  return (
    <g class={`sign ${mark}`} transform={`translate(${x} ${y})`}>
      <circle r="9" />
      <text dy="4.5">{markSigns[mark]}</text>
    </g>
  )
}

/** The labels of some lines, beside the boxes of nodes; where labels would overlap, the first ones stay. */
export function Labels({
  links,
  boxes,
  zoom,
}: {
  readonly links: readonly PictureLink[]
  readonly boxes: readonly Box[]
  readonly zoom: number
}) {
  const { graph } = usePage()
  const labels = links.map(curve => ({
    key: curve.link.key,
    text: cutText(describeLink(graph, curve.link), 56),
    places: curve.link.mark === undefined ? listPoints(curve) : [curve.middle],
    // Above the sign of a change.
    rise: curve.link.mark === undefined ? 0 : 21,
  }))
  return (
    <g class="labels" aria-hidden="true">
      {chooseLabels(labels, boxes, zoom).map(({ key, text, x, y, rise }) => {
        const width = measureLabel(text)
        const { height } = sizeOfLabel
        return (
          <g key={key} class="label" transform={`translate(${x} ${y}) scale(${1 / zoom})`}>
            <rect x={-width / 2} y={-height / 2 - rise} width={width} height={height} rx="6" />
            <text y={4 - rise}>{text}</text>
          </g>
        )
      })}
    </g>
  )
}
