import type { Mark } from '../graph/links.ts'
import { sayLink } from '../graph/words.ts'
import type { Picture, PictureLink } from '../picture/picture.ts'
import { cutText } from '../picture/sizes.ts'
import { usePage } from './context.ts'

/** A picture with more lines has no wide lines to click on. */
const mostWide = 1_200
/** With more lines, each of them is faint. */
const mostStrong = 120

/** The lines among nodes and folded rooms. */
export function Links({
  drawing,
  selectedKey,
}: {
  readonly drawing: Picture
  readonly selectedKey: string | undefined
}) {
  const { graph, light } = usePage()
  const hasChange = graph.sides.length > 1
  const isWide = drawing.links.length <= mostWide
  return (
    // The lines are in the panels and the list, which say more than their names would.
    <g class={drawing.links.length > mostStrong ? 'links many' : 'links'} aria-hidden="true">
      {drawing.links.map(({ link, path, middle }) => {
        const { key, transport, isUnknown, mark, calls } = link
        const isLit = light?.hasLink(link) ?? false
        const tone =
          isLit && mark === undefined ? 'lit' : mark === undefined || mark === 'unknown' ? transport : mark
        const shape = transport === 'plaintext' ? 'open' : 'full'
        const words = [
          'link',
          transport,
          ...(mark === undefined ? [] : [`mark-${mark}`]),
          ...(isLit ? ['lit'] : []),
          ...(key === selectedKey ? ['selected'] : []),
          ...(hasChange && calls.after.length === 0 ? ['only-before'] : []),
          ...(hasChange && calls.before.length === 0 ? ['only-after'] : []),
        ]
        return (
          <g key={key} class={words.join(' ')} data-link={key}>
            {isWide && <path class="wide" d={path} />}
            <path class="line" d={path} marker-end={`url(#${shape}-${tone})`} />
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
      })}
    </g>
  )
}

export const signs: Readonly<Record<Mark, string>> = { opened: '+', closed: '−', changed: '~', unknown: '?' }

function MarkSign({ mark, x, y }: { readonly mark: Mark; readonly x: number; readonly y: number }) {
  return (
    <g class={`sign ${mark}`} transform={`translate(${x} ${y})`}>
      <circle r="9" />
      <text dy="4.5">{signs[mark]}</text>
    </g>
  )
}

/** The labels of some lines, above all else. */
export function Labels({ links }: { readonly links: readonly PictureLink[] }) {
  const { graph } = usePage()
  return (
    <g class="labels" aria-hidden="true">
      {links.map(({ link, middle }) => {
        const text = cutText(sayLink(graph, link), 56)
        const width = text.length * 7 + 12
        const y = middle.y - (link.mark === undefined ? 0 : 21)
        return (
          <g key={link.key} transform={`translate(${middle.x} ${y})`}>
            <rect x={-width / 2} y="-10" width={width} height="20" rx="6" />
            <text dy="4">{text}</text>
          </g>
        )
      })}
    </g>
  )
}
