import { nameKind, nameTransport } from '../graph/words.ts'
import type { Picture } from '../picture/picture.ts'
import { usePage } from './context.ts'
import { markSigns } from './map-links.tsx'
import { glyphs } from './map-nodes.tsx'

/** The meaning of lines, signs and nodes that are in the picture. */
export function Legend({ drawing }: { readonly drawing: Picture }) {
  const { graph } = usePage()
  const transports = (['mtls', 'tls', 'plaintext', 'unknown'] as const).filter(transport =>
    drawing.links.some(({ link }) => link.transport === transport),
  )
  const kinds = (['service', 'workload', 'gateway', 'external', 'internet'] as const).filter(kind =>
    graph.nodes.some(node => node.kind === kind),
  )
  const marks = (['opened', 'closed', 'changed', 'unknown'] as const).filter(mark =>
    drawing.links.some(({ link }) => link.mark === mark),
  )
  return (
    <section class="legend" aria-label="Legend">
      <ul>
        {transports.map(transport => (
          <li>
            <svg class="sample" viewBox="0 0 44 14" aria-hidden="true">
              <g class={`link ${transport}`}>
                <path
                  class="line"
                  d="M2 7H41"
                  marker-end={`url(#${transport === 'plaintext' ? 'open' : 'full'}-${transport})`}
                />
                {transport === 'tls' && <path class="inner" d="M2 7H33" />}
                {transport === 'unknown' && (
                  <g class="sign" transform="translate(18 7)">
                    <circle r="6.5" />
                    <text dy="3.5">?</text>
                  </g>
                )}
              </g>
            </svg>
            {nameTransport(transport)}
          </li>
        ))}
        {marks.map(mark => (
          <li>
            <svg class="sample narrow" viewBox="0 0 20 20" aria-hidden="true">
              <g class={`sign ${mark}`} transform="translate(10 10)">
                <circle r="9" />
                <text dy="4.5">{markSigns[mark]}</text>
              </g>
            </svg>
            {{ opened: 'opened', closed: 'closed', changed: 'changed', unknown: 'perhaps changed' }[mark]}
          </li>
        ))}
        {kinds.map(kind => (
          <li>
            <svg class="sample narrow" viewBox="-1 -1 18 18" aria-hidden="true">
              <path class="glyph" d={glyphs[kind]} />
            </svg>
            {nameKind(kind)}
          </li>
        ))}
      </ul>
    </section>
  )
}
