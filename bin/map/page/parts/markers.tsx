/** The tones of lines. */
const tones = ['mtls', 'tls', 'plaintext', 'unknown', 'opened', 'closed', 'changed', 'lit'] as const

/** The heads of lines: filled, or open for plaintext. */
export function Markers() {
  return (
    <defs>
      {tones.flatMap(tone =>
        (['full', 'open'] as const).map(shape => (
          <marker
            id={`${shape}-${tone}`}
            class={`head ${tone} ${shape}`}
            viewBox="-1 -1 12 12"
            refX="9"
            refY="5"
            markerWidth="9"
            markerHeight="9"
            markerUnits="userSpaceOnUse"
            orient="auto"
          >
            <path d={shape === 'full' ? 'M0 0L10 5L0 10z' : 'M0 0L10 5L0 10'} />
          </marker>
        )),
      )}
    </defs>
  )
}
